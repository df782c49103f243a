-- Identifiers, from outside to records and from records outwards.

-- name: find_editions_by_identifier
-- The editions that carry an identifier, of the mirror and beside it: (edition_id or null, isbn or null, work_id or null,
-- title). `pair` is {scheme: [value]}, `term` the same as the search index has it.
-- What an index finds is found before it is limited or chosen from: else a guess of the planner may read whole tables.
with told as materialized (
    select id, isbns[1] as isbn, work_id, title from mirror.editions where (data -> 'identifiers') @> %(pair)s::jsonb),
learned as materialized (
    select kind, id, work_id from search.documents where search.terms(title, more, authors, extra) @@ %(term)s::tsquery)
(select id, isbn, work_id, title from told limit %(most)s)
union all
(select m.edition_id, d.id, coalesce(d.work_id, m.work_id), coalesce(e.chosen ->> 'title', m.title)
 from learned d
 join enriched.editions e on e.isbn = d.id
 left join lateral (
    select i.edition_id, i.work_id, o.title from mirror.edition_isbns i
    join mirror.editions o on o.id = i.edition_id where i.isbn = d.id
    order by i.completeness desc, i.revision desc, i.edition_id limit 1) m on true
 where d.kind = 'edition' limit %(most)s)

-- name: find_editions_by_isbn
-- The editions that carry an ISBN, of the mirror and beside it; merged ones with no title: as
-- find_editions_by_identifier.
(select i.edition_id, i.isbn, i.work_id, case when i.completeness >= 0 then coalesce(e.title, '') end
 from mirror.edition_isbns i left join mirror.editions e on e.id = i.edition_id
 where i.isbn = %(isbn)s order by i.completeness desc, i.revision desc, i.edition_id limit %(most)s)
union all
(select null, x.isbn, x.work_id, coalesce(x.chosen ->> 'title', '') from enriched.editions x
 where x.isbn = %(isbn)s and not exists (select from mirror.edition_isbns i where i.isbn = x.isbn))

-- name: find_authors_by_identifier
-- The authors who carry an identifier: (author_id, name).
with told as materialized (
    select id, name from mirror.authors where (data -> 'identifiers') @> %(pair)s::jsonb),
learned as materialized (
    select kind, id from search.documents where search.terms(title, more, authors, extra) @@ %(term)s::tsquery)
(select id, name from told limit %(most)s)
union
(select coalesce(a.merged_into, a.author_id), coalesce(a.name, a.chosen ->> 'name', m.name)
 from learned d join enriched.authors a on a.author_id = d.id left join mirror.authors m on m.id = a.author_id
 where d.kind = 'author' limit %(most)s)

-- name: find_works_by_identifier
-- The works of which somebody told us an identifier, or what they were merged into by hand: (work_id, title).
with learned as materialized (
    select kind, id from search.documents where search.terms(title, more, authors, extra) @@ %(term)s::tsquery)
select distinct i.id, coalesce(t.chosen ->> 'title', w.title)
from learned d
join enriched.works x on x.work_id = d.id
cross join lateral (select coalesce(x.merged_into, x.work_id) as id) i
left join enriched.works t on t.work_id = i.id
left join mirror.works w on w.id = i.id
where d.kind = 'work'
order by i.id limit %(most)s

-- name: list_identifiers_of_edition
-- The identifiers of an edition of the mirror and what was learned about it: (isbns, identifiers as JSON, learned ones).
select e.isbns, (e.data -> 'identifiers')::text,
    array(select (x.chosen -> 'identifiers')::text from enriched.editions x
        where x.isbn = any(e.isbns) and x.chosen ? 'identifiers')
from mirror.editions e where e.id = %(id)s

-- name: list_identifiers_of_isbn
-- What was learned about an ISBN that the mirror does not have: as list_identifiers_of_edition.
select array[isbn], null::text, array[(chosen -> 'identifiers')::text] from enriched.editions where isbn = %(isbn)s

-- name: list_identifiers_of_work
-- The identifiers of a work's editions, and those that were learned about itself: as list_identifiers_of_edition.
(select e.isbns, (e.data -> 'identifiers')::text,
    array(select (x.chosen -> 'identifiers')::text from enriched.editions x
        where x.isbn = any(e.isbns) and x.chosen ? 'identifiers')
 from mirror.editions e where e.work_id = %(work)s order by e.id limit %(most)s)
union all
(select array[isbn], null, array[(chosen -> 'identifiers')::text] from enriched.editions
 where work_id = %(work)s limit %(most)s)
union all
select null, null, array[(chosen -> 'identifiers')::text] from enriched.works where work_id = %(work)s

-- name: list_identifiers_of_author
-- The identifiers of an author: (null, identifiers as JSON, learned ones).
select null::bigint[], (a.data -> 'identifiers')::text, array[(x.chosen -> 'identifiers')::text]
from (select %(author)s::bigint as id) i
left join mirror.authors a on a.id = i.id
left join enriched.authors x on x.author_id = i.id
