-- Changes of single records in the live mirror, between two loads. Whoever runs these holds `hold_mirror` first.

-- name: hold_mirror
-- Nothing; until the transaction ends nobody else changes the live mirror, and no load puts another in its place.
lock table mirror_meta.touched in share row exclusive mode

-- name: read_clock
-- The server's time.
select clock_timestamp()

-- name: touch
-- Notes records that are about to change, so that a load which is under way takes them over.
insert into mirror_meta.touched (kind, id, at)
select kind, id, clock_timestamp() from unnest(%(kinds)s::text[], %(ids)s::bigint[]) as t (kind, id)

-- name: read_held
-- What the mirror has of these records: (kind, id, is a redirect or deletion, revision, work_id, isbns, author_ids,
-- target_kind, target_id).
with asked as materialized (select * from unnest(%(kinds)s::text[], %(ids)s::bigint[]) as t (kind, id))
select a.kind, a.id, false, m.revision, m.work_id, m.isbns, m.author_ids, null::text, null::bigint
from asked a join mirror.editions m on a.kind = 'edition' and m.id = a.id
union all
select a.kind, a.id, false, m.revision, null, null, m.author_ids, null, null
from asked a join mirror.works m on a.kind = 'work' and m.id = a.id
union all
select a.kind, a.id, false, m.revision, null, null, null, null, null
from asked a join mirror.authors m on a.kind = 'author' and m.id = a.id
union all
select a.kind, a.id, true, m.revision, null, m.isbns, null, m.target_kind, m.target_id
from asked a join mirror.redirects m on m.kind = a.kind and m.id = a.id

-- name: count_held
-- How many of these records the mirror has: (authors, works, editions, ISBNs, redirects, deletions).
with asked as materialized (select distinct * from unnest(%(kinds)s::text[], %(ids)s::bigint[]) as t (kind, id)),
gone as materialized (select m.* from asked a join mirror.redirects m on m.kind = a.kind and m.id = a.id)
select (select count(*) from asked a join mirror.authors m on a.kind = 'author' and m.id = a.id),
       (select count(*) from asked a join mirror.works m on a.kind = 'work' and m.id = a.id),
       (select count(*) from asked a join mirror.editions m on a.kind = 'edition' and m.id = a.id),
       (select coalesce(sum(cardinality(m.isbns)), 0) from asked a
        join mirror.editions m on a.kind = 'edition' and m.id = a.id)
           + (select coalesce(sum(cardinality(isbns)), 0) from gone where kind = 'edition'),
       (select count(*) from gone where target_id is not null),
       (select count(*) from gone where target_id is null)

-- name: add_to_counters
-- Adds to the maintained row counts.
update mirror_meta.counters c set value = c.value + t.change
from unnest(%(names)s::text[], %(changes)s::bigint[]) as t (name, change)
where c.name = t.name and t.change <> 0

-- name: resolve_keys
-- Where works and authors lead that were merged into another of their kind, through up to ten hops, as a load
-- resolves them: (kind, id, final id).
with recursive hops as (
    select a.kind, a.id, r.target_id, 1 as hop
    from unnest(%(kinds)s::text[], %(ids)s::bigint[]) as a (kind, id)
    join mirror.redirects r on r.kind = a.kind and r.id = a.id and r.target_kind = a.kind
    union all
    select h.kind, h.id, r.target_id, h.hop + 1
    from hops h join mirror.redirects r on r.kind = h.kind and r.id = h.target_id and r.target_kind = h.kind
    where h.hop < 10)
select distinct on (kind, id) kind, id, target_id from hops order by kind, id, hop desc

-- name: unlist_changed_isbns
-- Takes editions out of the list of ISBNs.
delete from mirror.edition_isbns i using unnest(%(isbns)s::bigint[], %(ids)s::bigint[]) as t (isbn, id)
where i.isbn = t.isbn and i.edition_id = t.id

-- name: list_changed_isbns
-- Puts editions into the list of ISBNs.
insert into mirror.edition_isbns (isbn, edition_id, work_id, completeness, revision)
select * from unnest(%(isbns)s::bigint[], %(ids)s::bigint[], %(works)s::bigint[], %(completeness)s::smallint[],
                     %(revisions)s::integer[])

-- name: unlist_changed_works
-- Takes works out of the lists of their authors' works.
delete from mirror.work_authors l using unnest(%(authors)s::bigint[], %(works)s::bigint[]) as t (author_id, work_id)
where l.author_id = t.author_id and l.work_id = t.work_id

-- name: list_changed_works
-- Puts works into the lists of their authors' works.
insert into mirror.work_authors (author_id, work_id) select * from unnest(%(authors)s::bigint[], %(works)s::bigint[])

-- name: delete_redirects
-- Removes redirects and deletions.
delete from mirror.redirects r using unnest(%(kinds)s::text[], %(ids)s::bigint[]) as t (kind, id)
where r.kind = t.kind and r.id = t.id

-- name: delete_authors
-- Removes authors.
delete from mirror.authors where id = any(%(ids)s::bigint[])

-- name: delete_works
-- Removes works.
delete from mirror.works where id = any(%(ids)s::bigint[])

-- name: delete_editions
-- Removes editions.
delete from mirror.editions where id = any(%(ids)s::bigint[])

-- name: write_redirects
-- Stores redirects and deletions: a JSON list of rows.
insert into mirror.redirects (kind, id, modified, revision, target_kind, target_id, isbns)
select kind, id, modified, revision, target_kind, target_id, isbns
from jsonb_to_recordset(%(rows)s::jsonb) as r (kind text, id bigint, modified timestamp, revision integer,
    target_kind text, target_id bigint, isbns bigint[])
on conflict (kind, id) do update set
    (modified, revision, target_kind, target_id, isbns) =
    (excluded.modified, excluded.revision, excluded.target_kind, excluded.target_id, excluded.isbns)

-- name: write_changed_authors
-- Stores authors: a JSON list of rows.
insert into mirror.authors (id, modified, revision, name, data)
select id, modified, revision, name, data
from jsonb_to_recordset(%(rows)s::jsonb) as r (id bigint, modified timestamp, revision integer, name text, data jsonb)
on conflict (id) do update set
    (modified, revision, name, data) = (excluded.modified, excluded.revision, excluded.name, excluded.data)

-- name: write_changed_works
-- Stores works: a JSON list of rows.
insert into mirror.works (id, modified, revision, year, author_ids, title, subtitle, data)
select id, modified, revision, year, author_ids, title, subtitle, data
from jsonb_to_recordset(%(rows)s::jsonb) as r (id bigint, modified timestamp, revision integer, year smallint,
    author_ids bigint[], title text, subtitle text, data jsonb)
on conflict (id) do update set
    (modified, revision, year, author_ids, title, subtitle, data) =
    (excluded.modified, excluded.revision, excluded.year, excluded.author_ids, excluded.title, excluded.subtitle,
     excluded.data)

-- name: write_changed_editions
-- Stores editions: a JSON list of rows.
insert into mirror.editions (id, work_id, modified, revision, pages, year, completeness, isbns, author_ids, title,
    subtitle, publisher, publish_date, format, language, data)
select id, work_id, modified, revision, pages, year, completeness, isbns, author_ids, title, subtitle, publisher,
    publish_date, format, language, data
from jsonb_to_recordset(%(rows)s::jsonb) as r (id bigint, work_id bigint, modified timestamp, revision integer,
    pages integer, year smallint, completeness smallint, isbns bigint[], author_ids bigint[], title text,
    subtitle text, publisher text, publish_date text, format text, language text, data jsonb)
on conflict (id) do update set
    (work_id, modified, revision, pages, year, completeness, isbns, author_ids, title, subtitle, publisher,
     publish_date, format, language, data) =
    (excluded.work_id, excluded.modified, excluded.revision, excluded.pages, excluded.year, excluded.completeness,
     excluded.isbns, excluded.author_ids, excluded.title, excluded.subtitle, excluded.publisher,
     excluded.publish_date, excluded.format, excluded.language, excluded.data)

-- name: move_editions
-- Leads the editions of merged works to the work that is left: (edition_id, isbns).
with moved as (
    update mirror.editions e set work_id = t.final
    from unnest(%(ids)s::bigint[], %(finals)s::bigint[]) as t (id, final)
    where e.work_id = t.id
    returning e.id, e.work_id, e.isbns
), listed as (
    update mirror.edition_isbns i set work_id = m.work_id
    from (select m.id, m.work_id, isbn from moved m cross join unnest(m.isbns) as isbn) m
    where i.isbn = m.isbn and i.edition_id = m.id
)
select id, isbns from moved

-- name: find_naming_authors
-- Works and editions that name one of these authors: (kind, id, work whose list of authors they are or null,
-- author_ids, isbns).
select 'work', w.id, w.id, w.author_ids, null::bigint[]
from mirror.works w
where w.id = any(array(select work_id from mirror.work_authors where author_id = any(%(ids)s::bigint[])))
union all
select 'edition', e.id, case when e.work_id < 0 then e.work_id end, e.author_ids, e.isbns
from mirror.editions e where e.author_ids && %(ids)s::bigint[]

-- name: set_author_ids
-- Gives works and editions other authors: a JSON list of (kind, id, author_ids).
with told as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r (kind text, id bigint, author_ids bigint[])
), works as (
    update mirror.works w set author_ids = t.author_ids from told t where t.kind = 'work' and w.id = t.id
)
update mirror.editions e set author_ids = t.author_ids from told t where t.kind = 'edition' and e.id = t.id

-- name: find_editions_of
-- The editions of some works: (edition_id).
select id from mirror.editions where work_id = any(%(ids)s::bigint[])
