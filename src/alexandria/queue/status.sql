-- What is known of jobs, active and finished ones.

-- name: find_job
-- A job by its id: (id, kind, key, lane, priority, state, payload, result, attempts, created_at, started_at,
-- finished_at, run_at, error); state is pending, running, completed, not_found, dead or dropped.
select id, kind, key, lane, priority,
       case when worker is not null and run_at > coalesce(%(now)s::timestamptz, now()) then 'running' else 'pending' end,
       payload::text, '{}', attempts, created_at, started_at, null::timestamptz, run_at, error
from queue.jobs where id = %(id)s::uuid
union all
select id, kind, key, lane, priority, state, payload::text, result::text, attempts, created_at, started_at, finished_at,
       null::timestamptz, error
from queue.finished where id = %(id)s::uuid
limit 1

-- name: find_over
-- Those of these jobs that are over: (id).
select id from queue.finished where id = any(%(ids)s::uuid[])

-- name: list_active
-- Active jobs, the oldest first, as `find_job` gives them: leased ones, others, or both.
select id, kind, key, lane, priority,
       case when worker is not null and run_at > coalesce(%(now)s::timestamptz, now()) then 'running' else 'pending' end,
       payload::text, '{}', attempts, created_at, started_at, null::timestamptz, run_at, error
from queue.jobs
where (%(kind)s::text is null or kind = %(kind)s::text)
  and (%(leased)s::boolean is null
       or (worker is not null and run_at > coalesce(%(now)s::timestamptz, now())) = %(leased)s::boolean)
order by id
limit %(limit)s::bigint

-- name: list_finished
-- Finished jobs of some states, the newest first, as `find_job` gives them.
select id, kind, key, lane, priority, state, payload::text, result::text, attempts, created_at, started_at, finished_at,
       null::timestamptz, error
from queue.finished
where (%(kind)s::text is null or kind = %(kind)s::text) and state = any(%(states)s::text[])
order by id desc
limit %(limit)s::bigint

-- name: count_jobs
-- By kind: (kind, pending, running, since when a job is due, when the next one will be, and in the last ten minutes:
-- completed, not_found, dead).
select t.kind, t.active - t.running, t.running,
       (select min(j.run_at)
        from generate_series(1, 10) as p (priority)
        cross join unnest('{false,true}'::boolean[]) as f (is_free)
        cross join lateral (select run_at from queue.jobs
                            where kind = t.kind and priority = p.priority and (worker is null) = f.is_free
                            and run_at <= coalesce(%(now)s::timestamptz, now()) order by run_at limit 1) j),
       (select min(f.run_at)
        from generate_series(1, 10) as p (priority)
        cross join lateral (select run_at from queue.jobs where kind = t.kind and priority = p.priority
                            and (worker is null) and run_at > coalesce(%(now)s::timestamptz, now())
                            order by run_at limit 1) f),
       t.completed, t.not_found, t.dead
from (select kind, sum(active)::bigint as active, sum(running)::bigint as running,
             coalesce(sum(completed) filter (where minute > coalesce(%(now)s::timestamptz, now()) - interval '10 minutes'),
                      0)::bigint as completed,
             coalesce(sum(not_found) filter (where minute > coalesce(%(now)s::timestamptz, now()) - interval '10 minutes'),
                      0)::bigint as not_found,
             coalesce(sum(dead) filter (where minute > coalesce(%(now)s::timestamptz, now()) - interval '10 minutes'),
                      0)::bigint as dead
      from queue.tallies
      group by kind) t
order by t.kind

-- name: count_dead
-- How many jobs lie dead, by kind: (kind, number).
select kind, count(*) from queue.finished where state = 'dead' group by kind
