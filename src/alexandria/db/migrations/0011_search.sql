-- What books are found by. `mirror.documents` and `mirror.lexicon` are derived by each load and swapped with the
-- mirror; `search` holds what was learned beside it, written in the transaction that stores what was learned.

-- What was built before cannot be searched: the mirror before the live one, and one that is not finished.
drop schema if exists mirror_previous cascade;
drop schema if exists mirror_next cascade;
update mirror_meta.loads set state = 'replaced' where state = 'previous';

-- The terms of a document, for its index: every word of its four texts. The texts hold no other white space than blanks
-- and line breaks, so nothing depends on the locale.
create schema search;
create function search.terms(title text, more text, authors text, extra text) returns tsvector
language sql immutable parallel safe as $$
    select array_to_tsvector(array_remove(
        string_to_array(translate(title || ' ' || more || ' ' || authors || ' ' || extra, e'\n', ' '), ' '), ''))
$$;

-- One for each work that has a title or a name, the most popular first on disk: whoever reads the first rows of an index
-- scan has the most popular ones. Columns as in biblio.finding. Room is left on each page, so that a changed document
-- stays where it is.
create table mirror.documents (
    work_id    bigint not null,
    popularity integer not null,
    title_code integer not null,
    year       smallint,
    last_year  smallint,
    formats    smallint not null,
    has_cover  boolean not null,
    languages  text not null,
    title      text not null,
    more       text not null,
    authors    text not null,
    extra      text not null
) with (fillfactor = 95);
alter table mirror.documents add primary key (work_id);
create index documents_terms on mirror.documents using gin (search.terms(title, more, authors, extra));
create index documents_popular on mirror.documents using gin (search.terms(title, more, authors, extra))
    where popularity >= 8;
create index documents_title on mirror.documents (title_code);

-- Every word of titles and names, and in how many documents it is: what can be typed wrongly.
create table mirror.lexicon (
    word    text collate "C" not null,
    titles  integer not null,
    authors integer not null
);
alter table mirror.lexicon add primary key (word);
-- A word with one mistake has its first or its last half in common with the right one, and about its length.
create index lexicon_front on mirror.lexicon (length(word), word) include (titles, authors);
create index lexicon_back on mirror.lexicon (length(word), reverse(word) collate "C") include (word, titles, authors);
create index lexicon_frequent on mirror.lexicon (word) include (titles, authors) where titles + authors >= 50;

-- A document for each record that something was learned about. `work_id` is the work to show, null for an edition that
-- belongs to none; authors have the works that they have.
create table search.documents (
    kind       text not null check (kind in ('edition', 'work', 'author')),
    id         bigint not null,
    work_id    bigint,
    popularity integer not null,
    title_code integer not null,
    year       smallint,
    last_year  smallint,
    formats    smallint not null,
    has_cover  boolean not null,
    languages  text not null,
    title      text not null,
    more       text not null,
    authors    text not null,
    extra      text not null,
    primary key (kind, id)
);
create index documents_terms on search.documents using gin (search.terms(title, more, authors, extra))
    with (gin_pending_list_limit = 256);
create index documents_title on search.documents (title_code);

-- Words of them that are nowhere else. A word may stand here several times: nobody waits for another's transaction.
create table search.lexicon (
    word    text collate "C" not null,
    titles  integer not null,
    authors integer not null
);
create index lexicon_word on search.lexicon (word);
create index lexicon_front on search.lexicon (length(word), word);
create index lexicon_back on search.lexicon (length(word), reverse(word) collate "C");

-- Stores the documents of records: a JSON list of rows with their new words. A row without a title and names is removed.
create function search.put_documents(rows jsonb) returns void language sql as $$
    with given as materialized (
        select * from jsonb_to_recordset(rows) as r (kind text, id bigint, work_id bigint, popularity integer,
            title_code integer, year smallint, last_year smallint, formats smallint, has_cover boolean, languages text,
            title text, more text, authors text, extra text, words text[], name_words text[])),
    gone as (
        delete from search.documents d using given g
        where d.kind = g.kind and d.id = g.id and g.title = '' and g.authors = ''),
    new_words as (
        insert into search.lexicon (word, titles, authors)
        select told.word, max(told.titles), max(told.authors)
        from (select unnest(words) as word, 1 as titles, 0 as authors from given
              union all select unnest(name_words), 0, 1 from given) told
        where not exists (select from mirror.lexicon l where l.word = told.word)
          and not exists (select from search.lexicon l where l.word = told.word)
        group by told.word)
    insert into search.documents (kind, id, work_id, popularity, title_code, year, last_year, formats, has_cover,
        languages, title, more, authors, extra)
    select kind, id, work_id, popularity, title_code, year, last_year, formats, has_cover, languages, title, more,
        authors, extra
    from given where title <> '' or authors <> ''
    order by kind, id
    on conflict (kind, id) do update set
        (work_id, popularity, title_code, year, last_year, formats, has_cover, languages, title, more, authors, extra) =
        (excluded.work_id, excluded.popularity, excluded.title_code, excluded.year, excluded.last_year,
         excluded.formats, excluded.has_cover, excluded.languages, excluded.title, excluded.more, excluded.authors,
         excluded.extra)
    where (documents.work_id, documents.popularity, documents.year, documents.last_year, documents.formats,
           documents.has_cover, documents.languages, documents.title, documents.more, documents.authors, documents.extra)
        is distinct from
          (excluded.work_id, excluded.popularity, excluded.year, excluded.last_year, excluded.formats,
           excluded.has_cover, excluded.languages, excluded.title, excluded.more, excluded.authors, excluded.extra)
$$;

-- Identifiers of the mirror, many-to-many: found in the records themselves, so every change of a record is one of its
-- identifiers. Those learned beside it are in `extra`, since an index on what is chosen would make each write dearer.
create index editions_identifiers on mirror.editions using gin ((data -> 'identifiers') jsonb_path_ops);
create index authors_identifiers on mirror.authors using gin ((data -> 'identifiers') jsonb_path_ops);

-- Works by subject, for similar ones.
create index works_subjects on mirror.works using gin ((data -> 'subjects') jsonb_path_ops);

-- Similar works, as found the last time: a JSON list of them with the reason.
create table search.similar (
    work_id bigint primary key,
    works   jsonb not null,
    made_at timestamptz not null default now()
);
