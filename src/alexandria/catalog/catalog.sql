-- name: find_by_isbn
-- The edition that answers for each ISBN: most complete, then newest revision, then lowest number; and what was
-- learned beside the mirror. Completeness -1 says that it was merged or deleted, edition 0 that the mirror has none.
-- (isbn, edition_id, its work_id, completeness, the chosen work_id or null, chosen fields as JSON or null, the ISBN
-- again where a cover is stored)
select isbn, coalesce(m.edition_id, 0) as edition_id, coalesce(m.work_id, 0) as home_id,
    coalesce(m.completeness, 0) as completeness, x.work_id, x.chosen, c.isbn as covered
from (
    select distinct on (isbn) isbn, edition_id, work_id, completeness
    from mirror.edition_isbns
    where isbn = any(%(isbns)s::bigint[])
    order by isbn, completeness desc, revision desc, edition_id) m
full join (
    select isbn, work_id, chosen from enriched.editions where isbn = any(%(isbns)s::bigint[])) x using (isbn)
left join (select isbn from covers.covers where isbn = any(%(isbns)s::bigint[])) c using (isbn)

-- name: read_editions
-- Editions as JSON without the ISBN members and without covers, which depend on what was asked. Each place is the work
-- under which the mirror has the edition, the edition, and the work that it is shown with; overlays are the chosen
-- fields by place.
-- (place, json, the work that the shown one was merged into or null)
-- Put together as text, and one author apart from many: json_build_object and a join take twice as long.
select asked.place,
    '{"key":' || coalesce('"OL' || e.id || 'M"', 'null')
    || ',"title":' || mirror_meta.member(o.chosen, 'title', mirror_meta.quoted(e.title))
    || ',"subtitle":' || mirror_meta.member(o.chosen, 'subtitle', mirror_meta.quoted(e.subtitle))
    || ',"authors":' || coalesce('[' ||
        case when cardinality(who.ids) = 1
        then (select mirror_meta.named_author(coalesce(x.merged_into, i.id), coalesce(x.name, a.name))
              from (select who.ids[1] as id) i
              left join mirror.authors a on a.id = i.id left join enriched.authors x on x.author_id = i.id
              where coalesce(a.id, x.author_id) is not null)
        else (select string_agg(mirror_meta.named_author(coalesce(x.merged_into, i.id), coalesce(x.name, a.name)), ','
                  order by i.n)
              from unnest(who.ids) with ordinality i(id, n)
              left join mirror.authors a on a.id = i.id left join enriched.authors x on x.author_id = i.id
              where coalesce(a.id, x.author_id) is not null) end || ']', (o.chosen -> 'authors')::text, '[]')
    || ',"work":' || case when asked.work_id = 0 then 'null' else '{"key":"' || mirror_meta.work_key(asked.work_id)
        || '","title":' || mirror_meta.member(xw.chosen, 'title',
            mirror_meta.quoted(case when asked.work_id < 0 then e.title else w.title end))
        || ',"description":' || mirror_meta.member(xw.chosen, 'description',
            mirror_meta.member(w.data, 'description', 'null'))
        || ',"subjects":' || mirror_meta.member(xw.chosen, 'subjects', mirror_meta.member(w.data, 'subjects', '[]'))
        || ',"first_publication_year":' || mirror_meta.member(xw.chosen, 'first_publication_year',
            coalesce(w.year::text, 'null')) || '}' end
    || ',"publisher":' || mirror_meta.member(o.chosen, 'publisher', mirror_meta.quoted(e.publisher))
    || ',"publishers":' || mirror_meta.member(o.chosen, 'publishers',
        coalesce((e.data -> 'publishers')::text, '[' || to_json(e.publisher)::text || ']', '[]'))
    || ',"publication_date":' || mirror_meta.member(o.chosen, 'publication_date', mirror_meta.quoted(e.publish_date))
    || ',"page_count":' || mirror_meta.member(o.chosen, 'page_count', coalesce(e.pages::text, 'null'))
    || ',"format":' || mirror_meta.member(o.chosen, 'format', mirror_meta.quoted(e.format))
    || ',"language":' || mirror_meta.member(o.chosen, 'language', mirror_meta.quoted(e.language))
    || ',"description":' || mirror_meta.member(o.chosen, 'description',
        mirror_meta.member(e.data, 'description', 'null'))
    || ',"subjects":' || mirror_meta.member(o.chosen, 'subjects', mirror_meta.member(e.data, 'subjects', '[]'))
    || ',"identifiers":' || mirror_meta.member(o.chosen, 'identifiers',
        mirror_meta.member(e.data, 'identifiers', '{}'))
    || ',"cover_url_large":null,"cover_url_medium":null,"cover_url_small":null'
    || ',"contributors":' || mirror_meta.member(o.chosen, 'contributors',
        mirror_meta.member(e.data, 'contributors', '[]'))
    || ',"series":' || mirror_meta.member(o.chosen, 'series', mirror_meta.member(e.data, 'series', '[]'))
    || ',"completeness":' || mirror_meta.member(o.chosen, 'completeness', coalesce(e.completeness::text, '0'))
    || ',"updated_at":' || mirror_meta.member(o.chosen, 'updated_at',
        coalesce('"' || mirror_meta.utc(e.modified) || '"', 'null')) || '}',
    xw.merged_into
from unnest(%(places)s::bigint[], %(homes)s::bigint[], %(editions)s::bigint[], %(works)s::bigint[])
    as asked(place, home_id, edition_id, work_id)
left join mirror.editions e on e.work_id = asked.home_id and e.id = asked.edition_id
    /* spread: and e.work_id = any(%(homes)s::bigint[]) */
left join mirror.works w on w.id = asked.work_id /* spread: and w.id = any(%(works)s::bigint[]) */
left join enriched.works xw on xw.work_id = asked.work_id /* spread: and xw.work_id = any(%(works)s::bigint[]) */
cross join lateral (select %(overlays)s::jsonb -> asked.place::text as chosen) o
cross join lateral (select coalesce(xw.author_ids, w.author_ids, e.author_ids) as ids) who
where e.id is not null or o.chosen is not null

-- name: read_overlays
-- What there is of ISBNs beside the mirror: (isbn, chosen work_id or null, chosen fields as JSON or null, whether a
-- cover is stored).
select isbn, x.work_id, x.chosen::text, c.isbn is not null
from (select isbn, work_id, chosen from enriched.editions where isbn = any(%(isbns)s::bigint[])) x
full join (select isbn from covers.covers where isbn = any(%(isbns)s::bigint[])) c using (isbn)

-- name: find_edition
-- Where an edition stands: (edition_id, work_id, isbn or null).
select id, work_id, isbns[1] from mirror.editions where id = %(id)s

-- name: read_works
-- Works by number as JSON: (work_id, json, the work it was merged into or null). Those of ours for an edition that
-- names none are made of their edition; those that only somebody told us about, of what was told.
select i.id, json_build_object(
    'key', mirror_meta.work_key(i.id),
    'title', coalesce(x.chosen -> 'title', to_jsonb(coalesce(w.title, e.title))),
    'subtitle', coalesce(x.chosen -> 'subtitle', to_jsonb(case when w.id is null then e.subtitle else w.subtitle end)),
    'authors', coalesce((
        select json_agg(json_build_object(
            'key', mirror_meta.author_key(coalesce(xa.merged_into, y.id)), 'name', coalesce(xa.name, a.name))
            order by y.n)
        from unnest(coalesce(x.author_ids, w.author_ids, e.author_ids)) with ordinality y(id, n)
        left join mirror.authors a on a.id = y.id left join enriched.authors xa on xa.author_id = y.id
        where coalesce(a.id, xa.author_id) is not null), (x.chosen -> 'authors')::json, '[]'),
    'description', coalesce(x.chosen -> 'description', w.data -> 'description', e.data -> 'description'),
    'original_language', x.chosen -> 'original_language',
    'first_publication_year', coalesce(x.chosen -> 'first_publication_year', to_jsonb(coalesce(w.year, e.year))),
    'subjects', coalesce(x.chosen -> 'subjects', w.data -> 'subjects', e.data -> 'subjects', '[]'),
    'subject_places', coalesce(w.data -> 'subject_places', '[]'),
    'subject_people', coalesce(w.data -> 'subject_people', '[]'),
    'subject_times', coalesce(w.data -> 'subject_times', '[]'),
    'series', coalesce(
        (select json_agg(json_build_object('name', s.name, 'position', s.position) order by s.place)
         from mirror.work_series s where s.work_id = i.id),
        (select json_agg(json_build_object('name', name, 'position', position))
         from (select regexp_replace(s.written, ' ; [0-9.]+$', '') as name,
                   max(substring(s.written from ' ; ([0-9.]+)$')) as position
               from enriched.editions n
               cross join jsonb_array_elements_text(n.chosen -> 'series') as s (written)
               where n.work_id = i.id /* spread: and false */
               group by 1 order by 1 limit 5) learned), '[]'),
    'readers', (
        select json_build_object('ratings', p.ratings, 'average', round(p.stars::numeric / nullif(p.ratings, 0), 2)::float8,
            'want_to_read', p.want, 'reading', p.reading, 'have_read', p.have_read)
        from mirror.popularity p where p.work_id = i.id),
    'class', (select c.class from mirror.work_classes c where c.work_id = i.id),
    'cover_url_large', null,
    'cover_url_medium', null,
    'cover_url_small', null,
    'updated_at', coalesce(x.chosen -> 'updated_at', to_jsonb(mirror_meta.utc(coalesce(w.modified, e.modified)))))::text,
    x.merged_into
from unnest(%(ids)s::bigint[]) as i(id)
left join mirror.works w on w.id = i.id /* spread: and w.id = any(%(ids)s::bigint[]) */
left join mirror.editions e on e.work_id = i.id and i.id < 0 /* spread: and e.work_id = any(%(ids)s::bigint[]) */
left join enriched.works x on x.work_id = i.id /* spread: and x.work_id = any(%(ids)s::bigint[]) */
where coalesce(w.id, e.id) is not null or x.chosen <> '{}'

-- name: list_isbns_of_works
-- ISBNs of the editions of works, the most complete ones, a few of each work: (work_id, isbn), the best of a work first.
select i.id, e.isbn
from unnest(%(works)s::bigint[]) as i(id)
cross join lateral (
    (select isbns[1] as isbn, completeness from mirror.editions
    where work_id = i.id and isbns[1] is not null order by completeness desc, id limit 20)
    union all
    (select isbn, completeness from enriched.editions
    where work_id = i.id order by completeness desc, isbn limit 20)) e
order by i.id, e.completeness desc, e.isbn

-- name: find_covered
-- Those of ISBNs of which a cover is stored: (isbn).
select isbn from covers.covers where isbn = any(%(isbns)s::bigint[])

-- name: read_authors
-- Authors by number as JSON: (author_id, json, the author it was merged into or null).
select i.id, json_build_object(
    'key', mirror_meta.author_key(i.id),
    'name', coalesce(x.chosen -> 'name', to_jsonb(a.name)),
    'alternate_names', coalesce(x.chosen -> 'alternate_names', a.data -> 'alternate_names', '[]'),
    'gender', x.chosen -> 'gender',
    'nationality', x.chosen -> 'nationality',
    'birth_date', coalesce(x.chosen -> 'birth_date', a.data -> 'birth_date'),
    'death_date', coalesce(x.chosen -> 'death_date', a.data -> 'death_date'),
    'birth_year', coalesce(x.chosen -> 'birth_year', a.data -> 'birth_year'),
    'death_year', coalesce(x.chosen -> 'death_year', a.data -> 'death_year'),
    'bio', coalesce(x.chosen -> 'bio', a.data -> 'bio'),
    'bio_url', case when x.chosen ? 'bio' then x.chosen -> 'bio_url' end,
    'author_photo_url', null,
    'identifiers', coalesce(x.chosen -> 'identifiers', a.data -> 'identifiers', '{}'),
    'updated_at', coalesce(x.chosen -> 'updated_at', to_jsonb(mirror_meta.utc(a.modified))))::text,
    x.merged_into
from unnest(%(ids)s::bigint[]) as i(id)
left join mirror.authors a on a.id = i.id
left join enriched.authors x on x.author_id = i.id
where a.id is not null or x.chosen <> '{}'

-- name: list_merged_works
-- The works that were merged into one by hand: (work_id).
select work_id from enriched.works where merged_into = %(work)s

-- name: list_editions_of_works
-- A page of the editions of some works, most complete first: (work_id, edition_id, isbn or null, completeness).
-- Those that the mirror does not have have the number -isbn, and come first among equals.
select work_id, id, isbns[1], completeness from mirror.editions
where work_id = any(%(works)s::bigint[]) and (completeness, -id) < (%(completeness)s, %(after)s)
union all
select work_id, -isbn, isbn, completeness from enriched.editions x
where work_id = any(%(works)s::bigint[]) and (completeness, isbn) < (%(completeness)s, %(after)s)
    and not exists (select from mirror.edition_isbns m where m.isbn = x.isbn)
order by 4 desc, 2
limit %(limit)s

-- name: list_merged_authors
-- The authors that were merged into one by hand: (author_id).
select author_id from enriched.authors where merged_into = %(author)s

-- name: list_works_of_authors
-- Works of some authors by number, ours (for editions without a work) last, each with its class where it is no work as
-- others are: (work_id, class or null). Author by author, so that the index gives them in order: else all works of an
-- author are read and sorted for each page.
select l.work_id, (select c.class from mirror.work_classes c where c.work_id = l.work_id)
from (
    select distinct w.work_id
    from unnest(%(authors)s::bigint[]) as a(id)
    cross join lateral (
        (select work_id from mirror.work_authors
        where author_id = a.id and work_id < %(before)s order by work_id desc limit %(limit)s)
        union all
        (select work_id from enriched.work_authors
        where author_id = a.id and work_id < %(before)s order by work_id desc limit %(limit)s)) w
    order by w.work_id desc
    limit %(limit)s) l
order by l.work_id desc

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
