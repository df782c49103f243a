-- What an operator does to jobs.

-- name: list_dead
-- Ids of dead jobs after one, in order: (id).
select id from queue.finished
where state = 'dead' and (%(kind)s::text is null or kind = %(kind)s::text) and id > %(after)s::uuid
order by id
limit %(limit)s::bigint

-- name: replay
-- Puts jobs that failed back among those that wait, as if new, unless the same is active again: (id).
with back as (
    insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at, error)
    select id, kind, key, lane, priority, payload, most_attempts, coalesce(%(now)s::timestamptz, now()), created_at, error
    from queue.finished
    where id = any(%(ids)s::uuid[]) and state <> 'completed'
    order by kind, key, id desc
    on conflict do nothing
    returning id, kind, lane
), gone as (
    delete from queue.finished f using back b where f.id = b.id
), noted as (
    insert into queue.tallies (kind, lane, minute, active)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), count(*) from back group by kind, lane
), woken as (
    select pg_notify('alexandria_jobs', kind) from back group by kind
)
select id, (select count(*) from woken) from back

-- name: hurry
-- Makes jobs due that wait for their time: (id).
with hurried as (
    update queue.jobs set run_at = coalesce(%(now)s::timestamptz, now())
    where id = any(array(
        select j.id
        from unnest(%(ids)s::uuid[]) as t (id)
        cross join lateral (select id, worker, run_at from queue.jobs where id = t.id for update) j
        where j.worker is null and j.run_at > coalesce(%(now)s::timestamptz, now())))
    returning id, kind
), woken as (
    select pg_notify('alexandria_jobs', kind) from hurried group by kind
)
select id, (select count(*) from woken) from hurried

-- name: list_droppable
-- Ids of active jobs after one that nobody works on, in order: (id).
select id from queue.jobs
where (worker is null or run_at <= coalesce(%(now)s::timestamptz, now()))
  and (%(kind)s::text is null or kind = %(kind)s::text) and id > %(after)s::uuid
order by id
limit %(limit)s::bigint

-- name: drop_jobs
-- Ends active jobs that nobody works on, undone: (id).
with dropped as (
    delete from queue.jobs
    where id = any(%(ids)s::uuid[])  -- and nothing else is to find them, hence no "or"
      and case when worker is null then true else run_at <= coalesce(%(now)s::timestamptz, now()) end
    returning *
), kept as (
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, started_at, finished_at, error)
    select id, kind, key, lane, priority, payload, '{}', 'dropped', attempts, most_attempts, created_at, started_at,
           coalesce(%(now)s::timestamptz, now()), 'dropped by hand'
    from dropped
), noted as (
    insert into queue.tallies (kind, lane, minute, active, running)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), -count(*), -count(worker)
    from dropped group by kind, lane
)
select id from dropped
