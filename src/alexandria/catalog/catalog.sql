-- name: find_by_isbn
-- The edition that answers for each ISBN: most complete, then newest revision, then lowest number.
-- Completeness -1 says that it was merged or deleted. (isbn, edition_id, work_id, completeness)
select distinct on (isbn) isbn, edition_id, work_id, completeness
from mirror.edition_isbns
where isbn = any(%(isbns)s)
order by isbn, completeness desc, revision desc, edition_id

-- name: read_editions
-- Editions by (work, edition) as JSON without the ISBN members, which depend on what was asked: (edition_id, json).
-- Put together as text, and one author apart from many: json_build_object and a join take twice as long.
select e.id,
    '{"key":"OL' || e.id || 'M","title":' || mirror_meta.quoted(e.title)
    || ',"subtitle":' || mirror_meta.quoted(e.subtitle)
    || ',"authors":[' || coalesce(
        case when cardinality(who.ids) = 1
        then (select mirror_meta.named_author(a.id, a.name) from mirror.authors a where a.id = who.ids[1])
        else (select string_agg(mirror_meta.named_author(a.id, a.name), ',' order by array_position(who.ids, a.id))
              from mirror.authors a where a.id = any(who.ids)) end, '')
    || '],"work":{"key":"' || mirror_meta.work_key(e.work_id)
    || '","title":' || mirror_meta.quoted(case when e.work_id < 0 then e.title else w.title end)
    || ',"description":' || mirror_meta.member(w.data, 'description', 'null')
    || ',"subjects":' || mirror_meta.member(w.data, 'subjects', '[]')
    || ',"first_publication_year":' || coalesce(w.year::text, 'null')
    || '},"publisher":' || mirror_meta.quoted(e.publisher)
    || ',"publishers":' || coalesce((e.data -> 'publishers')::text, '[' || to_json(e.publisher)::text || ']', '[]')
    || ',"publication_date":' || mirror_meta.quoted(e.publish_date)
    || ',"page_count":' || coalesce(e.pages::text, 'null')
    || ',"format":' || mirror_meta.quoted(e.format)
    || ',"language":' || mirror_meta.quoted(e.language)
    || ',"description":' || mirror_meta.member(e.data, 'description', 'null')
    || ',"subjects":' || mirror_meta.member(e.data, 'subjects', '[]')
    || ',"identifiers":' || mirror_meta.member(e.data, 'identifiers', '{}')
    || ',"cover_url_large":null,"cover_url_medium":null,"cover_url_small":null'
    || ',"contributors":' || mirror_meta.member(e.data, 'contributors', '[]')
    || ',"completeness":' || e.completeness
    || ',"updated_at":' || coalesce('"' || mirror_meta.utc(e.modified) || '"', 'null') || '}'
from unnest(%(works)s::bigint[], %(editions)s::bigint[]) as asked(work_id, id)
join mirror.editions e on e.work_id = asked.work_id and e.id = asked.id
left join mirror.works w on w.id = asked.work_id
cross join lateral (select coalesce(w.author_ids, e.author_ids) as ids) who

-- name: find_edition
-- Where an edition stands: (edition_id, work_id, isbn or null).
select id, work_id, isbns[1] from mirror.editions where id = %(id)s

-- name: read_works
-- Works by number as JSON: (work_id, json).
select w.id, json_build_object(
    'key', mirror_meta.work_key(w.id),
    'title', w.title,
    'subtitle', w.subtitle,
    'authors', coalesce((
        select json_agg(json_build_object('key', mirror_meta.author_key(a.id), 'name', a.name) order by x.n)
        from unnest(w.author_ids) with ordinality x(id, n) join mirror.authors a on a.id = x.id), '[]'),
    'description', w.data -> 'description',
    'original_language', null,
    'first_publication_year', w.year,
    'subjects', coalesce(w.data -> 'subjects', '[]'),
    'subject_places', coalesce(w.data -> 'subject_places', '[]'),
    'subject_people', coalesce(w.data -> 'subject_people', '[]'),
    'subject_times', coalesce(w.data -> 'subject_times', '[]'),
    'cover_url_large', null,
    'cover_url_medium', null,
    'cover_url_small', null,
    'updated_at', mirror_meta.utc(w.modified))::text
from mirror.works w where w.id = any(%(ids)s)

-- name: read_own_works
-- Works of ours for editions that name none, from the editions themselves: (work_id, json).
select e.work_id, json_build_object(
    'key', mirror_meta.work_key(e.work_id),
    'title', e.title,
    'subtitle', e.subtitle,
    'authors', coalesce((
        select json_agg(json_build_object('key', mirror_meta.author_key(a.id), 'name', a.name) order by x.n)
        from unnest(e.author_ids) with ordinality x(id, n) join mirror.authors a on a.id = x.id), '[]'),
    'description', e.data -> 'description',
    'original_language', null,
    'first_publication_year', e.year,
    'subjects', coalesce(e.data -> 'subjects', '[]'),
    'subject_places', '[]'::json,
    'subject_people', '[]'::json,
    'subject_times', '[]'::json,
    'cover_url_large', null,
    'cover_url_medium', null,
    'cover_url_small', null,
    'updated_at', mirror_meta.utc(e.modified))::text
from mirror.editions e where e.work_id = any(%(ids)s) and e.work_id < 0

-- name: read_authors
-- Authors by number as JSON: (author_id, json).
select a.id, json_build_object(
    'key', mirror_meta.author_key(a.id),
    'name', a.name,
    'alternate_names', coalesce(a.data -> 'alternate_names', '[]'),
    'gender', null,
    'nationality', null,
    'birth_date', a.data -> 'birth_date',
    'death_date', a.data -> 'death_date',
    'birth_year', a.data -> 'birth_year',
    'death_year', a.data -> 'death_year',
    'bio', a.data -> 'bio',
    'author_photo_url', null,
    'identifiers', coalesce(a.data -> 'identifiers', '{}'),
    'updated_at', mirror_meta.utc(a.modified))::text
from mirror.authors a where a.id = any(%(ids)s)

-- name: list_editions_of_work
-- A page of a work's editions, most complete first: (edition_id, isbn or null, completeness).
select id, isbns[1], completeness from mirror.editions
where work_id = %(work)s and (completeness, -id) < (%(completeness)s, %(after)s)
order by completeness desc, -id desc
limit %(limit)s

-- name: list_works_of_author
-- A page of an author's works by number, ours (for editions without a work) last: (work_id).
select work_id from mirror.work_authors
where author_id = %(author)s and work_id < %(before)s
order by work_id desc
limit %(limit)s

-- name: follow_redirect
-- Where a merged or deleted record leads, through up to ten hops: (kind, id), both
-- null for a deleted one; a loop ends at one of its members. No row: never heard of.
with recursive hops as (
    select 1 as hop, target_kind, target_id from mirror.redirects where kind = %(kind)s and id = %(id)s
    union all
    select h.hop + 1, r.target_kind, r.target_id
    from hops h join mirror.redirects r on r.kind = h.target_kind and r.id = h.target_id
    where h.hop < 10)
select target_kind, target_id from hops order by hop desc limit 1

-- name: list_counters
-- Row counts as of the last swap or change: (name, value).
select name, value from mirror_meta.counters

-- name: list_sync_metadata
-- How fresh the mirror is: (key, value).
select key, value from mirror_meta.sync_metadata
