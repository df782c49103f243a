-- Works that are like another one.

-- name: find_similar_by_subject
-- Works that share subjects with one: (work_id, subject, how many works have it up to a limit). Of its first subjects.
with told as materialized (
    select subject, n from mirror.works w
    cross join jsonb_array_elements_text(w.data -> 'subjects') with ordinality s(subject, n)
    where w.id = %(work)s order by n limit %(subjects)s),
found as materialized (
    select w.id, t.subject, t.n from told t
    cross join lateral (
        select id from mirror.works where (data -> 'subjects') @> jsonb_build_array(t.subject) limit %(most)s) w)
select id, subject, (count(*) over (partition by subject))::integer from found

-- name: find_works_of_same_authors
-- Other works of a work's authors: (work_id).
select l.work_id from mirror.works w
cross join unnest(w.author_ids) as a(id)
cross join lateral (select work_id from mirror.work_authors where author_id = a.id order by work_id limit %(most)s) l
where w.id = %(work)s and l.work_id <> w.id
limit %(most)s

-- name: find_works_of_same_series
-- Works in one of a work's series: (work_id, the series' name, how many works are in it up to a limit).
select l.work_id, s.name, (count(*) over (partition by s.code))::integer
from mirror.work_series s
cross join lateral (select work_id from mirror.work_series o where o.code = s.code order by work_id limit %(most)s) l
where s.work_id = %(work)s

-- name: rate_works
-- What is known of some works: (work_id, editions, folded title).
select work_id, popularity, title from mirror.documents where work_id = any(%(works)s::bigint[])

-- name: find_stored_similar
-- The works found the last time, unless nobody looked again for two weeks: (JSON list of {work, because, score}).
select works::text from search.similar where work_id = %(work)s and made_at > now() - interval '14 days'

-- name: list_stale_similar
-- Works whose similar ones were found before a day ago, the oldest first: (work_id).
select work_id from search.similar where made_at < now() - interval '1 day' order by made_at limit %(most)s

-- name: forget_similar
-- Removes what nobody looked at again for so long that it is not shown any more: (how many).
with gone as (delete from search.similar where made_at < now() - interval '14 days' returning 1)
select count(*) from gone

-- name: store_similar
-- Keeps what was found.
insert into search.similar (work_id, works) values (%(work)s, %(works)s::jsonb)
on conflict (work_id) do update set works = excluded.works, made_at = now()
