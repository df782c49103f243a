-- name: lock_editions
-- The rows of these ISBNs, made where missing, locked until the end of the transaction: (isbn, now).
-- Asked for in ascending order by everybody, so nobody waits in a circle.
insert into enriched.editions as e (isbn)
select isbn from unnest(%(ids)s::bigint[]) as isbn
on conflict (isbn) do update set isbn = excluded.isbn
returning e.isbn, clock_timestamp()

-- name: lock_works
-- As lock_editions: (work_id, now).
insert into enriched.works as w (work_id)
select id from unnest(%(ids)s::bigint[]) as id
on conflict (work_id) do update set work_id = excluded.work_id
returning w.work_id, clock_timestamp()

-- name: lock_authors
-- As lock_editions: (author_id, now).
insert into enriched.authors as a (author_id)
select id from unnest(%(ids)s::bigint[]) as id
on conflict (author_id) do update set author_id = excluded.author_id
returning a.author_id, clock_timestamp()

-- name: read_answers
-- Every answer about some records of a kind: (id, provider, source, licence, fields, said, locks, quality,
-- created_at, updated_at, record).
select id, provider, source, licence, fields::text, said::text, locks, quality, created_at, updated_at, record
from enriched.answers where kind = %(kind)s and id = any(%(ids)s::bigint[])

-- name: read_mirror_editions
-- What the mirror says about ISBNs, as an answer's fields: (isbn, fields, modified).
-- The edition that answers for an ISBN is the one of a lookup (catalog.sql, find_by_isbn), or what it was merged into.
-- A negative number asks for an edition by its own.
select found.isbn, jsonb_strip_nulls(jsonb_build_object(
        'work_key', mirror_meta.work_key(e.work_id),
        'title', e.title,
        'subtitle', e.subtitle,
        'publisher', e.publisher,
        'publishers', coalesce(e.data -> 'publishers', to_jsonb(array_remove(array[e.publisher], null))),
        'publication_date', e.publish_date,
        'page_count', e.pages,
        'format', e.format,
        'language', e.language,
        'description', e.data -> 'description',
        'subjects', e.data -> 'subjects',
        'identifiers', e.data -> 'identifiers',
        'contributors', e.data -> 'contributors',
        'series', e.data -> 'series',
        'has_cover', e.data ? 'covers'))::text,
    mirror_meta.utc(e.modified)
from (
    (select distinct on (isbn) isbn, edition_id, work_id, completeness
    from mirror.edition_isbns where isbn = any(%(ids)s::bigint[])
    order by isbn, completeness desc, revision desc, edition_id)
    union all
    select -id, id, work_id, completeness from mirror.editions
    where id = any(array(select -n from unnest(%(ids)s::bigint[]) n where n < 0))) found
left join lateral ( -- where a merged edition leads, as catalog.sql's follow_redirect
    with recursive hops as (
        select 1 as hop, target_kind, target_id from mirror.redirects
        where found.completeness < 0 and kind = 'edition' and id = found.edition_id
        union all
        select h.hop + 1, r.target_kind, r.target_id
        from hops h join mirror.redirects r on r.kind = h.target_kind and r.id = h.target_id
        where h.hop < 10)
    select target_kind, target_id from hops order by hop desc limit 1) merged on true
left join mirror.editions t on merged.target_kind = 'edition' and t.id = merged.target_id
join mirror.editions e on e.work_id = coalesce(t.work_id, found.work_id) and e.id = coalesce(t.id, found.edition_id)
where found.completeness >= 0 or t.id is not null

-- name: read_mirror_works
-- What the mirror says about works, as an answer's fields: (work_id, fields, modified).
select w.id, jsonb_strip_nulls(jsonb_build_object(
        'title', w.title,
        'subtitle', w.subtitle,
        'authors', (select jsonb_agg(jsonb_build_object('key', mirror_meta.author_key(a.id), 'name', a.name) order by x.n)
                    from unnest(w.author_ids) with ordinality x(id, n) join mirror.authors a on a.id = x.id),
        'description', w.data -> 'description',
        'first_publication_year', w.year,
        'subjects', w.data -> 'subjects'))::text,
    mirror_meta.utc(w.modified)
from mirror.works w where w.id = any(%(ids)s::bigint[])
union all
select e.work_id, jsonb_strip_nulls(jsonb_build_object(
        'title', e.title,
        'subtitle', e.subtitle,
        'description', e.data -> 'description',
        'first_publication_year', e.year,
        'subjects', e.data -> 'subjects'))::text,
    mirror_meta.utc(e.modified)
from mirror.editions e where e.work_id = any(%(ids)s::bigint[]) and e.work_id < 0

-- name: read_mirror_authors
-- What the mirror says about authors, as an answer's fields: (author_id, fields, modified).
select a.id, jsonb_strip_nulls(jsonb_build_object(
        'name', a.name,
        'alternate_names', a.data -> 'alternate_names',
        'birth_date', a.data -> 'birth_date',
        'death_date', a.data -> 'death_date',
        'birth_year', a.data -> 'birth_year',
        'death_year', a.data -> 'death_year',
        'bio', a.data -> 'bio',
        'identifiers', a.data -> 'identifiers'))::text,
    mirror_meta.utc(a.modified)
from mirror.authors a where a.id = any(%(ids)s::bigint[])

-- name: write_answers
-- Stores answers of a kind, whole: a JSON list of rows.
insert into enriched.answers as a
    (kind, id, provider, source, licence, fields, said, locks, quality, record, revision, created_at, updated_at)
select %(kind)s, r.id, r.provider, r.source, r.licence, r.fields, r.said, r.locks, r.quality, r.record, r.revision,
    r.created_at, r.updated_at
from jsonb_to_recordset(%(rows)s::jsonb) as r (id bigint, provider text, source text, licence text, fields jsonb,
    said jsonb, locks text[], quality smallint, record text, revision text, created_at timestamptz,
    updated_at timestamptz)
on conflict (kind, id, provider, source) do update set
    fields = excluded.fields, said = excluded.said, locks = excluded.locks, quality = excluded.quality,
    record = excluded.record, revision = excluded.revision, updated_at = excluded.updated_at

-- name: delete_answer
-- Takes an answer back: its row is gone.
delete from enriched.answers
where kind = %(kind)s and id = %(id)s and provider = %(provider)s and source = %(source)s

-- name: write_editions
-- Stores the fold of editions: a JSON list of rows.
update enriched.editions e
set work_id = r.work_id, chosen = r.chosen, completeness = r.completeness, quality = r.quality, updated_at = r.updated_at
from jsonb_to_recordset(%(rows)s::jsonb)
    as r (id bigint, work_id bigint, chosen jsonb, completeness smallint, quality smallint, updated_at timestamptz)
where e.isbn = r.id

-- name: write_works
-- Stores the fold of works: a JSON list of rows.
update enriched.works w
set chosen = r.chosen, completeness = r.completeness, quality = r.quality, updated_at = r.updated_at
from jsonb_to_recordset(%(rows)s::jsonb)
    as r (id bigint, chosen jsonb, completeness smallint, quality smallint, updated_at timestamptz)
where w.work_id = r.id

-- name: write_authors
-- Stores the fold of authors: a JSON list of rows. Authors merged into one show its name.
with written as (
    update enriched.authors a
    set chosen = r.chosen, completeness = r.completeness, quality = r.quality, updated_at = r.updated_at,
        name = case when a.merged_into is null then r.chosen ->> 'name' else a.name end
    from jsonb_to_recordset(%(rows)s::jsonb)
        as r (id bigint, chosen jsonb, completeness smallint, quality smallint, updated_at timestamptz)
    where a.author_id = r.id
    returning a.author_id, a.name)
update enriched.authors a set name = coalesce(w.name, m.name)
from written w left join mirror.authors m on m.id = w.author_id
where a.merged_into = w.author_id

-- name: drop_empty_editions
-- Removes rows that no answer stands behind any more.
delete from enriched.editions e
where e.isbn = any(%(ids)s::bigint[])
    and not exists (select from enriched.answers a where a.kind = 'edition' and a.id = e.isbn)

-- name: drop_empty_works
-- Removes rows that neither an answer nor a merge stands behind any more.
delete from enriched.works w
where w.work_id = any(%(ids)s::bigint[]) and w.merged_into is null and w.author_ids is null
    and not exists (select from enriched.answers a where a.kind = 'work' and a.id = w.work_id)

-- name: drop_empty_authors
-- Removes rows that neither an answer nor a merge stands behind any more.
delete from enriched.authors a
where a.author_id = any(%(ids)s::bigint[]) and a.merged_into is null
    and not exists (select from enriched.answers x where x.kind = 'author' and x.id = a.author_id)

-- name: write_log
-- Notes attempts: a JSON list of rows.
insert into enriched.log (kind, id, provider, source, operation, success, fields_updated, error, ms)
select r.kind, r.id, r.provider, r.source, r.operation, r.success, coalesce(r.fields_updated, '{}'), r.error, r.ms
from jsonb_to_recordset(%(rows)s::jsonb) as r (kind text, id bigint, provider text, source text, operation text,
    success boolean, fields_updated text[], error text, ms real)

-- name: merge_active
-- What a record was merged into by hand: (into_id).
select into_id from enriched.merges where kind = %(kind)s and from_id = %(id)s and undone_at is null

-- name: insert_merge
-- Notes a merge: (id, merged_at). Violates a unique index where the record is merged already.
insert into enriched.merges (kind, from_id, into_id, merged_by) values (%(kind)s, %(from_id)s, %(into_id)s, %(by)s)
returning id, merged_at

-- name: undo_merge
-- Takes a merge back: (from_id, into_id, merged_at); no row when there is none that holds.
update enriched.merges set undone_at = now(), undone_by = %(by)s
where id = %(id)s and kind = %(kind)s and undone_at is null
returning from_id, into_id, merged_at

-- name: set_work_target
-- What a work shows as, null for itself.
update enriched.works set merged_into = %(into_id)s, updated_at = now() where work_id = %(id)s

-- name: set_author_target
-- What an author shows as, null for itself, with the name of it.
update enriched.authors a set merged_into = %(into_id)s, updated_at = now(), name = coalesce(
    (select t.chosen ->> 'name' from enriched.authors t where t.author_id = coalesce(%(into_id)s, a.author_id)),
    (select m.name from mirror.authors m where m.id = %(into_id)s))
where a.author_id = %(id)s

-- name: record_exists
-- Whether a work or author is known, in the mirror or beside it: (known).
select case %(kind)s when 'work' then
        exists (select from mirror.works where id = %(id)s)
        or exists (select from mirror.editions where work_id = %(id)s and work_id < 0)
        or exists (select from enriched.works where work_id = %(id)s)
    else exists (select from mirror.authors where id = %(id)s)
        or exists (select from enriched.authors where author_id = %(id)s) end

-- name: lock_merges
-- Nothing; merges are made one after the other, or two of them could form a circle.
select pg_advisory_xact_lock(hashtextextended('enriched.merges', 0))

-- name: log_merge
-- Notes a merge or its undoing.
insert into enriched.log (kind, id, provider, source, operation, success)
values (%(kind)s, %(id)s, 'user', %(by)s, %(operation)s, true)

-- name: find_misses
-- ISBNs that are not to be asked for at present: (isbn, until in UTC).
select isbn, until at time zone 'utc' from enriched.misses
where isbn = any(%(isbns)s::bigint[]) and until > now()

-- name: write_misses
-- Remembers ISBNs that nobody knows, each time for longer: `days` by how often in a row.
insert into enriched.misses as m (isbn, times, asked_at, until)
select isbn, 1, now(), now() + make_interval(days => (%(days)s::integer[])[1])
from unnest(%(isbns)s::bigint[]) as isbn
on conflict (isbn) do update set times = least(m.times + 1, 1000), asked_at = now(), until = now() + make_interval(
    days => (%(days)s::integer[])[least(m.times + 1, cardinality(%(days)s::integer[]))])

-- name: delete_misses
-- Forgets misses.
delete from enriched.misses where isbn = any(%(isbns)s::bigint[])

-- name: find_relinks
-- Works of ours whose editions the mirror has under a work of Open Library's, and that lead nowhere yet: (ours, theirs).
select n.id, min(m.work_id)
from enriched.answers a
join enriched.names n on n.kind = 'work'
    and n.id = 1000000000000
        + nullif(regexp_replace(a.fields ->> 'work_key', '^AX(\d{1,12})W$', '\1'), a.fields ->> 'work_key')::bigint
join mirror.edition_isbns m on m.isbn = a.id and m.work_id > 0 and m.completeness >= 0
where a.kind = 'edition' and a.provider = 'match' and a.id = any(%(isbns)s::bigint[])
    and not exists (select from enriched.merges g where g.kind = 'work' and g.from_id in (n.id, m.work_id)
        and g.undone_at is null)
group by n.id

-- name: find_upstream
-- Works or authors with answers that Open Library merged into another (through up to ten hops), where nobody merged one of
-- the two by hand: (id, id of the other).
with recursive hops as (
    select id as begun, target_id, 1 as hop from mirror.redirects
    where kind = %(kind)s and target_kind = %(kind)s and id = any(%(ids)s::bigint[])
        and exists (select from enriched.answers a where a.kind = %(kind)s and a.id = redirects.id)
    union all
    select h.begun, r.target_id, h.hop + 1 from hops h
    join mirror.redirects r on r.kind = %(kind)s and r.target_kind = %(kind)s and r.id = h.target_id
    where h.hop < 10),
final as (select distinct on (begun) begun, target_id from hops order by begun, hop desc)
select begun, target_id from final
where begun <> target_id
    and not exists (select from mirror.redirects r where r.kind = %(kind)s and r.id = target_id) -- deleted, or a circle
    and not exists (select from enriched.merges g
        where g.kind = %(kind)s and g.from_id in (begun, target_id) and g.undone_at is null)
order by begun

-- name: move_answers
-- What was said about one record is said about another, but for what the same source said about that, too.
update enriched.answers a set id = %(into_id)s
where a.kind = %(kind)s and a.id = %(from_id)s
    and not exists (select from enriched.answers o where o.kind = a.kind and o.id = %(into_id)s
        and o.provider = a.provider and o.source = a.source)

-- name: find_unlinked
-- Those of the ISBNs that the mirror does not have and that were not linked before: (isbn).
-- `offset 0`: each is looked for by index. Planned while the tables were small, a join would read all of them for ever.
select isbn from unnest(%(isbns)s::bigint[]) as isbn
where not exists (select from mirror.edition_isbns m where m.isbn = isbn.isbn and m.completeness >= 0 offset 0)
    and not exists (select from enriched.answers a
        where a.kind = 'edition' and a.id = isbn.isbn and a.provider = 'match' offset 0)

-- name: find_authors_by_name
-- Authors of these names in lower case, at most five thousand: (author_id, fields).
select a.id, jsonb_build_object('name', a.name, 'alternate_names', a.data -> 'alternate_names',
    'birth_year', a.data -> 'birth_year', 'death_year', a.data -> 'death_year', 'identifiers', a.data -> 'identifiers')::text
from mirror.authors a where lower(a.name) = any(%(names)s::text[])
order by a.id limit 5000

-- name: find_works_of_authors
-- The works of some authors, of each at most so many: (author_id, its name, work_id, title, subtitle, year).
select i.id, coalesce(xa.name, a.name), found.work_id, coalesce(x.chosen ->> 'title', w.title),
    coalesce(x.chosen ->> 'subtitle', w.subtitle), coalesce((x.chosen -> 'first_publication_year')::int, w.year)
from unnest(%(ids)s::bigint[]) as i(id)
left join mirror.authors a on a.id = i.id
left join enriched.authors xa on xa.author_id = i.id
cross join lateral (
    (select work_id from mirror.work_authors where author_id = i.id limit %(most)s)
    union
    (select work_id from enriched.work_authors where author_id = i.id limit %(most)s)) found
left join mirror.works w on w.id = found.work_id
left join enriched.works x on x.work_id = found.work_id
where coalesce(x.chosen ->> 'title', w.title) is not null

-- name: find_minted
-- The numbers of ours for these keys: (match_key, id).
select match_key, id from enriched.names where kind = %(kind)s and match_key = any(%(keys)s::text[])

-- name: mint
-- Makes a number for each key that has none. `offset 0` as in find_unlinked.
insert into enriched.names (kind, match_key, id)
select %(kind)s, match_key, 1000000000000 + nextval('enriched.minted')
from unnest(%(keys)s::text[]) as match_key
where not exists (select from enriched.names n where n.kind = %(kind)s and n.match_key = match_key.match_key offset 0)
on conflict (kind, match_key) do nothing

-- name: set_work_authors
-- Gives new works their authors: a JSON list of rows. Authors' lists show those that are `listed`.
with works as (
    update enriched.works w set author_ids = r.author_ids
    from jsonb_to_recordset(%(rows)s::jsonb) as r (work_id bigint, author_ids bigint[], listed boolean)
    where w.work_id = r.work_id and w.author_ids is null
    returning w.work_id, w.author_ids, r.listed)
insert into enriched.work_authors (author_id, work_id)
select distinct unnest(author_ids), work_id from works where listed order by 1, 2
on conflict do nothing

-- name: find_author
-- An author, as a page is compared with them: (author_id, fields), of those that were merged into another that one.
select i.id, jsonb_strip_nulls(jsonb_build_object('name', coalesce(x.chosen ->> 'name', a.name),
    'alternate_names', coalesce(x.chosen -> 'alternate_names', a.data -> 'alternate_names'),
    'birth_year', coalesce(x.chosen -> 'birth_year', a.data -> 'birth_year'),
    'death_year', coalesce(x.chosen -> 'death_year', a.data -> 'death_year'),
    'identifiers', coalesce(x.chosen -> 'identifiers', a.data -> 'identifiers')))::text
from (select coalesce((select merged_into from enriched.authors where author_id = %(id)s), %(id)s) as id) i
left join mirror.authors a on a.id = i.id
left join enriched.authors x on x.author_id = i.id
where coalesce(x.chosen ->> 'name', a.name) is not null

-- name: find_languages_of_author
-- In which languages the mirror has editions of an author's works: (language, works, first year).
select e.language, count(distinct e.work_id), min(e.year)
from (select work_id from mirror.work_authors where author_id = %(id)s limit %(most)s) w
join mirror.editions e on e.work_id = w.work_id
where e.language is not null
group by e.language

-- name: find_known_editions
-- What is known of ISBNs: (isbn, by whomever, as the provider said before).
select i.isbn,
    exists (select from mirror.edition_isbns m where m.isbn = i.isbn and m.completeness >= 0)
        or exists (select from enriched.answers a where a.kind = 'edition' and a.id = i.isbn and a.provider <> 'match'),
    exists (select from enriched.answers a where a.kind = 'edition' and a.id = i.isbn and a.provider = %(provider)s)
from unnest(%(isbns)s::bigint[]) as i (isbn)

-- name: find_unlisted
-- Those of the works of ours that no author's list shows: (work_id).
select w.work_id from enriched.works w
where w.work_id = any(%(ids)s::bigint[]) and w.author_ids <> '{}'
    and not exists (select from enriched.work_authors x where x.work_id = w.work_id and x.author_id = w.author_ids[1])

-- name: list_works
-- Puts works on the lists of their authors.
insert into enriched.work_authors (author_id, work_id)
select distinct unnest(author_ids), work_id from enriched.works where work_id = any(%(ids)s::bigint[]) order by 1, 2
on conflict do nothing

-- name: lock_lists
-- Nobody else makes works of these authors until the transaction ends: (nothing). Locks are asked for in ascending order.
select pg_advisory_xact_lock(20061, place)
from (select distinct (id %% 4096)::int as place from unnest(%(ids)s::bigint[]) as id order by 1) p
