-- Statements over `mirror_next`, the mirror that is being built. Every one may run again after a crash.

-- name: carry_over_authors
-- Copies the live authors, when the files held none.
insert into mirror_next.authors select * from mirror.authors

-- name: carry_over_works
-- Copies the live works, when the files held none.
insert into mirror_next.works select * from mirror.works

-- name: carry_over_editions
-- Copies the live editions, when the files held none.
insert into mirror_next.editions select * from mirror.editions

-- name: carry_over_redirects
-- Copies the live redirects, when the files held none.
insert into mirror_next.redirects
select l.* from mirror.redirects l
where l.target_id is not null
  and not exists (select from mirror_next.redirects n where n.kind = l.kind and n.id = l.id)

-- name: carry_over_deletes
-- Copies the live deletions, when the files held none.
insert into mirror_next.redirects
select l.* from mirror.redirects l
where l.target_id is null
  and not exists (select from mirror_next.redirects n where n.kind = l.kind and n.id = l.id)

-- name: carry_over_ratings
-- Copies the live ratings, when the files held none.
insert into mirror_next.popularity (work_id, ratings, stars)
select work_id, ratings, stars from mirror.popularity
where ratings > 0 and not exists (select from mirror_next.popularity where ratings > 0)

-- name: carry_over_shelves
-- Copies what the live mirror knows of shelves, when the files said nothing of them.
insert into mirror_next.popularity (work_id, want, reading, have_read)
select work_id, want, reading, have_read from mirror.popularity
where want + reading + have_read > 0
    and not exists (select from mirror_next.popularity where want + reading + have_read > 0)

-- name: add_up_popularity
-- One row for each work, those of merged works added to the work that is left.
with told as (delete from mirror_next.popularity returning *)
insert into mirror_next.popularity (work_id, ratings, stars, want, reading, have_read)
select coalesce(m.final_id, t.work_id), sum(t.ratings), sum(t.stars), sum(t.want), sum(t.reading), sum(t.have_read)
from told t left join pg_temp.merged m on m.kind = 'work' and m.id = t.work_id
group by 1

-- name: count_table_types
-- Which kinds of row the files gave: (authors, works, editions, redirects, deletes).
select exists (select from mirror_next.authors),
       exists (select from mirror_next.works),
       exists (select from mirror_next.editions),
       exists (select from mirror_next.redirects where target_id is not null),
       exists (select from mirror_next.redirects where target_id is null)

-- name: drop_older_authors
-- Keeps the newest revision of each author and removes the others.
delete from mirror_next.authors d using (
    select ctid as at, row_number() over (partition by id order by revision desc, modified desc nulls last, ctid) as n
    from mirror_next.authors) ranked
where d.ctid = ranked.at and ranked.n > 1

-- name: drop_older_works
-- Keeps the newest revision of each work and removes the others.
delete from mirror_next.works d using (
    select ctid as at, row_number() over (partition by id order by revision desc, modified desc nulls last, ctid) as n
    from mirror_next.works) ranked
where d.ctid = ranked.at and ranked.n > 1

-- name: drop_older_editions
-- Keeps the newest revision of each edition and removes the others.
delete from mirror_next.editions d using (
    select ctid as at, row_number() over (partition by id order by revision desc, modified desc nulls last, ctid) as n
    from mirror_next.editions) ranked
where d.ctid = ranked.at and ranked.n > 1

-- name: drop_older_redirects
-- Keeps the newest revision of each redirect or deletion and removes the others.
delete from mirror_next.redirects d using (
    select ctid as at,
           row_number() over (partition by kind, id order by revision desc, modified desc nulls last, ctid) as n
    from mirror_next.redirects) ranked
where d.ctid = ranked.at and ranked.n > 1

-- name: count_stale_authors
-- How many authors the dump has in an older revision although its date says it should have the newer one.
select count(*) from mirror.authors l join mirror_next.authors n on n.id = l.id
where l.revision > n.revision and l.modified <= %(newest)s::timestamp

-- name: add_newer_authors
-- Copies live authors that changed after the dump was cut, or that the dump has in an older revision.
insert into mirror_next.authors
select l.* from mirror.authors l left join mirror_next.authors n on n.id = l.id
where (n.id is null and l.modified > %(newest)s::timestamp) or l.revision > n.revision
on conflict (id) do update set
    (modified, revision, name, data) =
    (excluded.modified, excluded.revision, excluded.name, excluded.data)

-- name: count_stale_works
-- How many works the dump has in an older revision although its date says it should have the newer one.
select count(*) from mirror.works l join mirror_next.works n on n.id = l.id
where l.revision > n.revision and l.modified <= %(newest)s::timestamp

-- name: add_newer_works
-- Copies live works that changed after the dump was cut, or that the dump has in an older revision.
insert into mirror_next.works
select l.* from mirror.works l left join mirror_next.works n on n.id = l.id
where (n.id is null and l.modified > %(newest)s::timestamp) or l.revision > n.revision
on conflict (id) do update set
    (modified, revision, year, author_ids, title, subtitle, data) =
    (excluded.modified, excluded.revision, excluded.year, excluded.author_ids, excluded.title,
     excluded.subtitle, excluded.data)

-- name: count_stale_editions
-- How many editions the dump has in an older revision although its date says it should have the newer one.
select count(*) from mirror.editions l join mirror_next.editions n on n.id = l.id
where l.revision > n.revision and l.modified <= %(newest)s::timestamp

-- name: add_newer_editions
-- Copies live editions that changed after the dump was cut, or that the dump has in an older revision.
insert into mirror_next.editions
select l.* from mirror.editions l left join mirror_next.editions n on n.id = l.id
where (n.id is null and l.modified > %(newest)s::timestamp) or l.revision > n.revision
on conflict (id) do update set
    (work_id, modified, revision, pages, year, completeness, isbns, author_ids, title, subtitle,
     publisher, publish_date, format, language, data) =
    (excluded.work_id, excluded.modified, excluded.revision, excluded.pages, excluded.year,
     excluded.completeness, excluded.isbns, excluded.author_ids, excluded.title, excluded.subtitle,
     excluded.publisher, excluded.publish_date, excluded.format, excluded.language, excluded.data)

-- name: add_newer_redirects
-- Copies live redirects and deletions of records that the new mirror still shows, in an older revision, and those that
-- came after the dump was cut, of records that it may never have had.
insert into mirror_next.redirects
select l.* from mirror.redirects l
left join mirror_next.redirects n on n.kind = l.kind and n.id = l.id
left join mirror_next.editions e on l.kind = 'edition' and e.id = l.id
left join mirror_next.works w on l.kind = 'work' and w.id = l.id
left join mirror_next.authors a on l.kind = 'author' and a.id = l.id
where (n.id is null and l.revision > coalesce(e.revision, w.revision, a.revision, l.revision))
   or (n.id is null and l.modified > %(newest)s::timestamp and coalesce(e.id, w.id, a.id) is null)
   or l.revision > n.revision
on conflict (kind, id) do update set
    (modified, revision, target_kind, target_id, isbns) =
    (excluded.modified, excluded.revision, excluded.target_kind, excluded.target_id, excluded.isbns)

-- name: keep_isbns_of_merged
-- Remembers the ISBNs of editions that were merged or deleted, from the live mirror, so that they still resolve.
update mirror_next.redirects r set isbns = l.isbns
from (select id, isbns from mirror.editions where isbns is not null
      union all select id, isbns from mirror.redirects where kind = 'edition' and isbns is not null) l
where r.kind = 'edition' and r.id = l.id and r.isbns is null

-- name: keep_isbns_of_overridden
-- Remembers the ISBNs of editions in the new mirror that a newer redirect or deletion is about to replace.
update mirror_next.redirects r set isbns = e.isbns
from mirror_next.editions e
where r.kind = 'edition' and r.id = e.id and r.revision > e.revision and r.isbns is null and e.isbns is not null

-- name: drop_redirected_authors
-- Removes authors for which a newer redirect or deletion exists.
delete from mirror_next.authors d using mirror_next.redirects r
where r.kind = 'author' and r.id = d.id and r.revision > d.revision

-- name: drop_redirected_works
-- Removes works for which a newer redirect or deletion exists.
delete from mirror_next.works d using mirror_next.redirects r
where r.kind = 'work' and r.id = d.id and r.revision > d.revision

-- name: drop_redirected_editions
-- Removes editions for which a newer redirect or deletion exists.
delete from mirror_next.editions d using mirror_next.redirects r
where r.kind = 'edition' and r.id = d.id and r.revision > d.revision

-- name: drop_outlived_redirects
-- Removes redirects and deletions of records that came back.
delete from mirror_next.redirects r
where (r.kind = 'edition' and exists (select from mirror_next.editions m where m.id = r.id))
   or (r.kind = 'work' and exists (select from mirror_next.works m where m.id = r.id))
   or (r.kind = 'author' and exists (select from mirror_next.authors m where m.id = r.id))

-- name: follow_merges
-- Where merged works and authors lead in the end (through up to ten hops), for the statements of this session that
-- come after: pg_temp.merged (kind, id, final_id).
create temporary table merged as
with recursive hops as (
    select kind, id, target_id, 1 as hop from mirror_next.redirects
    where kind in ('work', 'author') and target_kind = kind
    union all
    select h.kind, h.id, r.target_id, h.hop + 1 from hops h join mirror_next.redirects r
        on r.kind = h.kind and r.target_kind = h.kind and r.id = h.target_id
    where h.hop < 10)
select distinct on (kind, id) kind, id, target_id as final_id from hops order by kind, id, hop desc

-- name: resolve_works_of_editions
-- Points editions of merged works at the work they were merged into.
update mirror_next.editions e set work_id = m.final_id from pg_temp.merged m where m.kind = 'work' and e.work_id = m.id

-- name: resolve_authors_of_works
-- Points works of merged authors at the author they were merged into.
with final as (select id, final_id from pg_temp.merged where kind = 'author'),
changed as (
    select w.id, array_agg(coalesce(final.final_id, a.id) order by a.n) as author_ids
    from mirror_next.works w cross join unnest(w.author_ids) with ordinality a(id, n) left join final on final.id = a.id
    where w.id in (select o.id from mirror_next.works o cross join unnest(o.author_ids) a(id) join final on final.id = a.id)
    group by w.id)
update mirror_next.works w
set author_ids = (select array_agg(id order by n) from
    (select id, min(n) as n from unnest(changed.author_ids) with ordinality x(id, n) group by id) once)
from changed where changed.id = w.id

-- name: resolve_authors_of_editions
-- Points editions of merged authors at the author they were merged into.
with final as (select id, final_id from pg_temp.merged where kind = 'author'),
changed as (
    select e.id, array_agg(coalesce(final.final_id, a.id) order by a.n) as author_ids
    from mirror_next.editions e cross join unnest(e.author_ids) with ordinality a(id, n)
    left join final on final.id = a.id
    where e.id in (select o.id from mirror_next.editions o cross join unnest(o.author_ids) a(id)
                   join final on final.id = a.id)
    group by e.id)
update mirror_next.editions e
set author_ids = (select array_agg(id order by n) from
    (select id, min(n) as n from unnest(changed.author_ids) with ordinality x(id, n) group by id) once)
from changed where changed.id = e.id

-- name: derive_edition_isbns
-- Lists which editions carry an ISBN; merged and deleted ones with completeness -1.
insert into mirror_next.edition_isbns (isbn, edition_id, work_id, completeness, revision)
select isbn, e.id, e.work_id, e.completeness, e.revision
from mirror_next.editions e cross join unnest(e.isbns) as isbn
union all
select isbn, r.id, 0, -1, r.revision
from mirror_next.redirects r cross join unnest(r.isbns) as isbn where r.kind = 'edition'

-- name: derive_work_authors
-- Lists the works of each author, those of editions without a work among them.
insert into mirror_next.work_authors (author_id, work_id)
select author_id, w.id from mirror_next.works w cross join unnest(w.author_ids) as author_id
union all
select author_id, e.work_id
from mirror_next.editions e cross join unnest(e.author_ids) as author_id where e.work_id < 0

-- name: count_next
-- The rows of each table of the new mirror, and how many ratings and readers it knows of.
select (select count(*) from mirror_next.authors), (select count(*) from mirror_next.works),
       (select count(*) from mirror_next.editions), (select count(*) from mirror_next.edition_isbns),
       (select count(*) filter (where target_id is not null) from mirror_next.redirects),
       (select count(*) filter (where target_id is null) from mirror_next.redirects),
       (select coalesce(sum(ratings), 0) from mirror_next.popularity),
       (select coalesce(sum(want + reading + have_read), 0) from mirror_next.popularity)

-- name: compare_authors
-- How the new authors differ from the live ones: (added, changed, gone).
select count(*) filter (where l.id is null), count(*) filter (where l.revision <> n.revision),
       count(*) filter (where n.id is null)
from mirror_next.authors n full join mirror.authors l using (id)

-- name: compare_works
-- How the new works differ from the live ones: (added, changed, gone).
select count(*) filter (where l.id is null), count(*) filter (where l.revision <> n.revision),
       count(*) filter (where n.id is null)
from mirror_next.works n full join mirror.works l using (id)

-- name: compare_editions
-- How the new editions differ from the live ones: (added, changed, gone).
select count(*) filter (where l.id is null), count(*) filter (where l.revision <> n.revision),
       count(*) filter (where n.id is null)
from mirror_next.editions n full join mirror.editions l using (id)

-- name: compare_redirects
-- Records that are merged or deleted in the new mirror and are not in the live one: (merged, deleted).
select count(*) filter (where n.target_id is not null and l.target_id is null),
       count(*) filter (where n.target_id is null and (l.id is null or l.target_id is not null))
from mirror_next.redirects n left join mirror.redirects l using (kind, id)
