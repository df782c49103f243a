-- What works are found by (biblio.finding), made of `mirror_next` before it is swapped.

-- name: tell_documents
-- What the documents of the works of one range are made of, the most popular first: (work_id, title, subtitle, year,
-- editions, titles, languages, formats, first year, last year, has_cover, series as JSON lists, names, alternate names
-- as JSON lists, popularity with readers).
select coalesce(w.id, e.work_id), w.title, w.subtitle, w.year, e.editions, e.titles, e.languages, e.formats,
    e.first_year, e.last_year, e.has_cover, e.series, n.names, n.alternates, p.ratings + p.want + p.reading + p.have_read
from (select id, title, subtitle, year from mirror_next.works where id >= %(low)s and id < %(high)s) w
full join (
    select work_id, count(*)::integer as editions,
        array_agg(distinct concat_ws(': ', title, subtitle)) as titles,
        array_agg(distinct language) as languages,
        array_agg(distinct format) as formats,
        min(year) as first_year, max(year) as last_year,
        bool_or(data ? 'covers') as has_cover,
        array_agg((data -> 'series')::text) filter (where data ? 'series') as series
    from mirror_next.editions where work_id >= %(low)s and work_id < %(high)s
    group by work_id) e on e.work_id = w.id
left join (
    select l.work_id, array_agg(a.name) as names,
        array_agg((a.data -> 'alternate_names')::text) filter (where a.data ? 'alternate_names') as alternates
    from mirror_next.work_authors l join mirror_next.authors a on a.id = l.author_id
    where l.work_id >= %(low)s and l.work_id < %(high)s
    group by l.work_id) n on n.work_id = coalesce(w.id, e.work_id)
left join mirror_next.popularity p on p.work_id = coalesce(w.id, e.work_id)
order by e.editions desc nulls last

-- name: part_works
-- Numbers of works that part the editions into ranges of about the same size, from a sample of them: (array or null).
select percentile_disc(%(shares)s::float[]) within group (order by work_id)
from mirror_next.editions tablesample system (1)

-- name: add_up_lexicon
-- Adds up what several processes, or one of them several times, counted for a word.
with counted as (delete from mirror_next.lexicon returning word, titles, authors)
insert into mirror_next.lexicon (word, titles, authors)
select word, sum(titles), sum(authors) from counted group by word

-- name: list_touched_works
-- The works that are touched, or an edition of theirs: (work_id).
select id from mirror_meta.touched where kind = 'work' and at >= %(since)s
union
select e.work_id from mirror_meta.touched t join mirror_next.editions e on t.kind = 'edition' and e.id = t.id
where t.at >= %(since)s
union
select -id from mirror_meta.touched where kind = 'edition' and at >= %(since)s

-- name: list_touched_authors
-- The touched authors with what documents have of them: (id, name, alternate names as JSON or null).
select a.id, a.name, (a.data -> 'alternate_names')::text
from mirror_meta.touched t join mirror_next.authors a on t.kind = 'author' and a.id = t.id
where t.at >= %(since)s

-- name: list_works_of_authors
-- The works of some authors: (work_id).
select work_id from mirror_next.work_authors where author_id = any(%(authors)s::bigint[])

-- name: tell_some_documents
-- As tell_documents, for some works. Their authors as work_authors has them, which has no index by works.
select i.id, w.title, w.subtitle, w.year, e.editions, e.titles, e.languages, e.formats, e.first_year, e.last_year,
    e.has_cover, e.series, n.names, n.alternates, p.ratings + p.want + p.reading + p.have_read
from unnest(%(works)s::bigint[]) as i(id)
left join mirror_next.works w on w.id = i.id
cross join lateral (
    select count(*)::integer as editions,
        array_agg(distinct concat_ws(': ', title, subtitle)) as titles,
        array_agg(distinct language) as languages,
        array_agg(distinct format) as formats,
        min(year) as first_year, max(year) as last_year,
        bool_or(data ? 'covers') as has_cover,
        array_agg((data -> 'series')::text) filter (where data ? 'series') as series
    from mirror_next.editions where work_id = i.id) e
cross join lateral (
    select array_agg(a.name) as names,
        array_agg((a.data -> 'alternate_names')::text) filter (where a.data ? 'alternate_names') as alternates
    from (
        select unnest(w.author_ids) as id
        union
        select unnest(author_ids) from mirror_next.editions where work_id = i.id and i.id < 0) l
    join mirror_next.authors a on a.id = l.id) n
left join mirror_next.popularity p on p.work_id = i.id
where w.id is not null or e.editions > 0

-- name: drop_documents
-- Removes the documents, classes and series of some works.
with classes as (delete from mirror_next.work_classes where work_id = any(%(works)s::bigint[])),
series as (delete from mirror_next.work_series where work_id = any(%(works)s::bigint[]))
delete from mirror_next.documents where work_id = any(%(works)s::bigint[])

-- name: add_documents
-- Adds documents of works: a JSON list of rows.
insert into mirror_next.documents
select r.* from jsonb_populate_recordset(null::mirror_next.documents, %(rows)s::jsonb) r

-- name: add_classes
-- Adds classes of works, and their series: JSON lists of rows.
with classes as (
    insert into mirror_next.work_classes
    select r.* from jsonb_populate_recordset(null::mirror_next.work_classes, %(classes)s::jsonb) r)
insert into mirror_next.work_series
select r.* from jsonb_populate_recordset(null::mirror_next.work_series, %(series)s::jsonb) r

-- name: add_words
-- Puts words into the lexicon that are not there yet.
insert into mirror_next.lexicon (word, titles, authors)
select word, titles, authors
from unnest(%(words)s::text[], %(titles)s::integer[], %(authors)s::integer[]) as w(word, titles, authors)
where not exists (select from mirror_next.lexicon l where l.word = w.word)
