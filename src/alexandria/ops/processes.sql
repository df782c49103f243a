-- Which processes live, and what they count.

-- name: beat
-- Says that a process lives, and what it counted until now.
insert into ops.processes as p (id, service, host, disks, counters)
values (%(id)s, %(service)s, %(host)s, %(disks)s::jsonb, %(counters)s::jsonb)
on conflict (id) do update set
    seen_at = now(), disks = excluded.disks, counters = excluded.counters

-- name: add_minute
-- Adds what a process did since it was asked last to this minute.
insert into ops.minutes as m (minute, process, requests, errors, lookups, hits)
values (date_trunc('minute', now()), %(id)s, %(requests)s, %(errors)s, %(lookups)s, %(hits)s)
on conflict (minute, process) do update set
    requests = m.requests + excluded.requests, errors = m.errors + excluded.errors,
    lookups = m.lookups + excluded.lookups, hits = m.hits + excluded.hits

-- name: end_process
-- Forgets a process that ended of itself.
delete from ops.processes where id = %(id)s

-- name: list_processes
-- The processes that were heard of lately: (id, service, host, started_at, seen_at, disks, counters).
select id, service, host, started_at, seen_at, disks, counters::text
from ops.processes where seen_at > now() - make_interval(secs => %(seconds)s)
order by service, id

-- name: list_minutes
-- What processes did, by minute, the oldest first: (minute, requests, errors, lookups, hits).
select minute, sum(requests)::bigint, sum(errors)::bigint, sum(lookups)::bigint, sum(hits)::bigint
from ops.minutes where minute > now() - make_interval(mins => %(minutes)s)
group by minute order by minute

-- name: forget_processes
-- Forgets processes that were not heard of for a day, and minutes older than two.
with gone as (delete from ops.processes where seen_at < now() - interval '1 day')
delete from ops.minutes where minute < now() - interval '2 days'
