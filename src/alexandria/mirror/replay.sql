-- Statements that bring what changed in the live mirror during a load into `mirror_next`, just before the swap.
-- They touch only the records named in mirror_meta.touched since the load began, by their keys.

-- name: hold_changes
-- Whether anything was touched since; whoever wants to change the live mirror waits until the transaction ends.
select exists (select from mirror_meta.touched where at >= %(since)s)

-- name: count_touched
-- How many of the touched records the new mirror has: (authors, works, editions, ISBNs, redirects, deletions).
with touched as materialized (select distinct kind, id from mirror_meta.touched where at >= %(since)s)
select (select count(*) from touched t join mirror_next.authors m on t.kind = 'author' and m.id = t.id),
       (select count(*) from touched t join mirror_next.works m on t.kind = 'work' and m.id = t.id),
       (select count(*) from touched t join mirror_next.editions m on t.kind = 'edition' and m.id = t.id),
       (select coalesce(sum(cardinality(m.isbns)), 0) from touched t
        join (select 'edition' as kind, id, isbns from mirror_next.editions
              union all select kind, id, isbns from mirror_next.redirects where kind = 'edition') m
        on m.kind = t.kind and m.id = t.id),
       (select count(*) from touched t join mirror_next.redirects m using (kind, id) where m.target_id is not null),
       (select count(*) from touched t join mirror_next.redirects m using (kind, id) where m.target_id is null)

-- name: count_coming
-- How many of the touched records the live mirror has and the new one has not: (authors, works, editions).
with touched as materialized (select distinct kind, id from mirror_meta.touched where at >= %(since)s)
select (select count(*) from touched t join mirror.authors l on t.kind = 'author' and l.id = t.id
        left join mirror_next.authors n on n.id = t.id where n.id is null),
       (select count(*) from touched t join mirror.works l on t.kind = 'work' and l.id = t.id
        left join mirror_next.works n on n.id = t.id where n.id is null),
       (select count(*) from touched t join mirror.editions l on t.kind = 'edition' and l.id = t.id
        left join mirror_next.editions n on n.id = t.id where n.id is null)

-- name: unlist_isbns
-- Takes the touched editions out of the list of ISBNs, by the ISBNs that they have there.
delete from mirror_next.edition_isbns i
using (select id, isbns from mirror_next.editions
       where id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)
       union all
       select id, isbns from mirror_next.redirects
       where kind = 'edition' and id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)
      ) m
where i.isbn = any(m.isbns) and i.edition_id = m.id

-- name: unlist_works
-- Takes the touched works, and touched editions without a work, out of the lists of their authors' works.
delete from mirror_next.work_authors l
using (select id as work_id, author_ids from mirror_next.works
       where id in (select id from mirror_meta.touched where kind = 'work' and at >= %(since)s)
       union all
       select work_id, author_ids from mirror_next.editions
       where work_id < 0 and id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)) m
where l.author_id = any(m.author_ids) and l.work_id = m.work_id

-- name: replay_redirects
-- Brings touched redirects and deletions over, where they are newer.
insert into mirror_next.redirects
select l.* from mirror.redirects l
where (l.kind, l.id) in (select kind, id from mirror_meta.touched where at >= %(since)s)
on conflict (kind, id) do update set
    (modified, revision, target_kind, target_id, isbns) =
    (excluded.modified, excluded.revision, excluded.target_kind, excluded.target_id, excluded.isbns)
    where excluded.revision >= redirects.revision

-- name: replay_moves
-- Leads editions of touched works that were merged meanwhile to the work that is left, through up to ten hops.
with recursive hops as (
    select r.id, r.target_id, 1 as hop from mirror_next.redirects r
    where r.kind = 'work' and r.target_kind = 'work'
      and r.id in (select id from mirror_meta.touched where kind = 'work' and at >= %(since)s)
    union all
    select h.id, r.target_id, h.hop + 1 from hops h join mirror_next.redirects r
        on r.kind = 'work' and r.target_kind = 'work' and r.id = h.target_id
    where h.hop < 10),
final as (select distinct on (id) id, target_id from hops order by id, hop desc),
moved as (
    update mirror_next.editions e set work_id = final.target_id
    from final where e.work_id = final.id and final.id <> final.target_id
    returning e.id, e.work_id, e.isbns)
update mirror_next.edition_isbns i set work_id = m.work_id
from (select m.id, m.work_id, isbn from moved m cross join unnest(m.isbns) as isbn) m
where i.isbn = m.isbn and i.edition_id = m.id

-- name: drop_replayed_redirects
-- Removes touched redirects of records that came back.
delete from mirror_next.redirects r
where (r.kind, r.id) in (select kind, id from mirror_meta.touched where at >= %(since)s)
  and ((r.kind = 'edition' and exists (select from mirror_next.editions m where m.id = r.id and m.revision >= r.revision))
    or (r.kind = 'work' and exists (select from mirror_next.works m where m.id = r.id and m.revision >= r.revision))
    or (r.kind = 'author' and exists (select from mirror_next.authors m where m.id = r.id and m.revision >= r.revision)))

-- name: list_isbns
-- Puts the touched editions into the list of ISBNs.
insert into mirror_next.edition_isbns (isbn, edition_id, work_id, completeness, revision)
select isbn, e.id, e.work_id, e.completeness, e.revision
from mirror_next.editions e cross join unnest(e.isbns) as isbn
where e.id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)
union all
select isbn, r.id, 0, -1, r.revision
from mirror_next.redirects r cross join unnest(r.isbns) as isbn
where r.kind = 'edition' and r.id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)

-- name: list_works
-- Puts the touched works, and touched editions without a work, into the lists of their authors' works.
insert into mirror_next.work_authors (author_id, work_id)
select author_id, w.id from mirror_next.works w cross join unnest(w.author_ids) as author_id
where w.id in (select id from mirror_meta.touched where kind = 'work' and at >= %(since)s)
union all
select author_id, e.work_id from mirror_next.editions e cross join unnest(e.author_ids) as author_id
where e.work_id < 0 and e.id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)

-- name: replay_authors
-- Brings touched authors over, where they are newer.
insert into mirror_next.authors
select l.* from mirror.authors l
where l.id in (select id from mirror_meta.touched where kind = 'author' and at >= %(since)s)
on conflict (id) do update set
    (modified, revision, name, data) =
    (excluded.modified, excluded.revision, excluded.name, excluded.data)
    where excluded.revision >= authors.revision

-- name: drop_replayed_authors
-- Removes touched authors for which a newer redirect or deletion exists.
delete from mirror_next.authors d using mirror_next.redirects r
where r.kind = 'author' and r.id = d.id and r.revision > d.revision
  and d.id in (select id from mirror_meta.touched where kind = 'author' and at >= %(since)s)

-- name: replay_works
-- Brings touched works over, where they are newer.
insert into mirror_next.works
select l.* from mirror.works l
where l.id in (select id from mirror_meta.touched where kind = 'work' and at >= %(since)s)
on conflict (id) do update set
    (modified, revision, year, author_ids, title, subtitle, data) =
    (excluded.modified, excluded.revision, excluded.year, excluded.author_ids, excluded.title,
     excluded.subtitle, excluded.data)
    where excluded.revision >= works.revision

-- name: drop_replayed_works
-- Removes touched works for which a newer redirect or deletion exists.
delete from mirror_next.works d using mirror_next.redirects r
where r.kind = 'work' and r.id = d.id and r.revision > d.revision
  and d.id in (select id from mirror_meta.touched where kind = 'work' and at >= %(since)s)

-- name: replay_editions
-- Brings touched editions over, where they are newer.
insert into mirror_next.editions
select l.* from mirror.editions l
where l.id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)
on conflict (id) do update set
    (work_id, modified, revision, pages, year, completeness, isbns, author_ids, title, subtitle,
     publisher, publish_date, format, language, data) =
    (excluded.work_id, excluded.modified, excluded.revision, excluded.pages, excluded.year,
     excluded.completeness, excluded.isbns, excluded.author_ids, excluded.title, excluded.subtitle,
     excluded.publisher, excluded.publish_date, excluded.format, excluded.language, excluded.data)
    where excluded.revision >= editions.revision

-- name: drop_replayed_editions
-- Removes touched editions for which a newer redirect or deletion exists.
delete from mirror_next.editions d using mirror_next.redirects r
where r.kind = 'edition' and r.id = d.id and r.revision > d.revision
  and d.id in (select id from mirror_meta.touched where kind = 'edition' and at >= %(since)s)
