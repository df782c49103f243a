-- Which processes live, and what they count.

-- name: beat
-- Says that a process lives, and what it counted until now.
insert into ops.processes as p (id, service, host, disks, counters)
values (%(id)s, %(service)s, %(host)s, %(disks)s::jsonb, %(counters)s::jsonb)
on conflict (id) do update set
    seen_at = now(), disks = excluded.disks, counters = excluded.counters

-- name: add_minute
-- Adds what a process did since it was asked last to this minute.
insert into ops.minutes as m (minute, process, requests, errors, lookups, hits, took)
values (date_trunc('minute', now()), %(id)s, %(requests)s, %(errors)s, %(lookups)s, %(hits)s, %(took)s::bigint[])
on conflict (minute, process) do update set
    requests = m.requests + excluded.requests, errors = m.errors + excluded.errors,
    lookups = m.lookups + excluded.lookups, hits = m.hits + excluded.hits,
    took = array(select coalesce(t.old, 0) + coalesce(t.new, 0)
                 from unnest(m.took, excluded.took) with ordinality as t (old, new, place) order by t.place)

-- name: end_process
-- Forgets a process that ended of itself.
delete from ops.processes where id = %(id)s

-- name: list_processes
-- The processes that were heard of lately: (id, service, host, started_at, seen_at, disks, counters).
select id, service, host, started_at, seen_at, disks, counters::text
from ops.processes where seen_at > now() - make_interval(secs => %(seconds)s)
order by service, id

-- name: list_minutes
-- What processes did, by minute, the oldest first: (minute, requests, errors, lookups, hits, took).
select m.minute, sum(m.requests)::bigint, sum(m.errors)::bigint, sum(m.lookups)::bigint, sum(m.hits)::bigint,
       array(select sum(t.number)::bigint
             from ops.minutes o, unnest(o.took) with ordinality as t (number, place)
             where o.minute = m.minute group by t.place order by t.place)
from ops.minutes m where m.minute > now() - make_interval(mins => %(minutes)s)
group by m.minute order by m.minute

-- name: forget_processes
-- Forgets processes that were not heard of for a day, and minutes older than two.
with gone as (delete from ops.processes where seen_at < now() - interval '1 day')
delete from ops.minutes where minute < now() - interval '2 days'
