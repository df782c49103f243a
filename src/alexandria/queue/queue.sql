-- The life of a job. `now` is for tests: null is the server's clock.
--
-- A plan is made once for a connection, and the queue may have been empty then, when reading all of it looks cheap. So
-- each statement here can find jobs only by what is asked for: through a lateral subquery that locks, or by = any (…),
-- which the planner cannot turn into a join that reads the whole table or a whole index.
--
-- Whoever locks several jobs does so by kind and key in ascending order, as the parameters are; so nobody waits in a
-- circle.

-- name: use_indexes
-- Until `use_anything`, in this transaction, the planner reads no table as a whole. It plans once for a connection, and
-- the queue may have been empty then, when an index is not worth it.
select set_config('enable_seqscan', 'off', true)

-- name: use_anything
-- Ends what `use_indexes` began.
select set_config('enable_seqscan', 'on', true)

-- name: add_jobs
-- Adds jobs that are not active yet: (id, kind, key, rows of tallies, is the queue full, is the lane anonymous full);
-- without an id when none is new. None is added when more than `most` might be active then, and none in the lane
-- anonymous when more than `most_anonymous` might be; null is no limit.
with told as (
    select * from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(keys)s::bigint[], %(lanes)s::text[],
                         %(priorities)s::smallint[], %(payloads)s::jsonb[], %(most_attempts)s::smallint[],
                         %(run_ats)s::timestamptz[])
        as t (id, kind, key, lane, priority, payload, most_attempts, run_at)
), room as (
    select count(*) as rows,
           coalesce(sum(active), 0) + (select count(*) from told) > %(most)s::bigint as is_full,
           coalesce(sum(active) filter (where lane = 'anonymous'), 0)
               + (select count(*) from told where lane = 'anonymous') > %(most_anonymous)s::bigint as is_lane_full
    from queue.tallies
), added as (
    insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at)
    select t.id, t.kind, t.key, t.lane, t.priority, t.payload, t.most_attempts,
           coalesce(t.run_at, %(now)s::timestamptz, now()), coalesce(%(now)s::timestamptz, now())
    from told t, room
    where room.is_full is not true and (t.lane <> 'anonymous' or room.is_lane_full is not true)
    order by t.kind, t.key
    on conflict (key, kind) do nothing
    returning id, kind, key, lane, run_at
), noted as (
    insert into queue.tallies (kind, lane, minute, active)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), count(*) from added group by kind, lane
), woken as (
    select pg_notify('alexandria_jobs', kind) from added where run_at <= coalesce(%(now)s::timestamptz, now()) group by kind
)
select added.id, added.kind, added.key, room.rows, room.is_full, room.is_lane_full, (select count(*) from woken)
from room left join added on true

-- name: raise_jobs
-- What is active of these kinds and keys: (id, kind, key, is it leased). Where a higher priority or lane is asked for
-- than the job has, it gets that, and need not wait any longer; where `again`, a running one will run once more.
with told as (
    select * from unnest(%(kinds)s::text[], %(keys)s::bigint[], %(lanes)s::text[], %(priorities)s::smallint[],
                         %(run_ats)s::timestamptz[], %(agains)s::boolean[])
        as t (kind, key, lane, priority, run_at, again)
), active as (
    select j.id, j.kind, j.key, j.lane, j.priority, j.worker, j.run_at, j.again,
           j.worker is not null and j.run_at > coalesce(%(now)s::timestamptz, now()) as leased,
           coalesce(t.run_at, %(now)s::timestamptz, now()) as asked_at,
           t.again and j.worker is not null as once_more,
           greatest(t.priority, j.priority) as higher,
           case when array_position(array['anonymous', 'covers', 'harvest', 'enrichment', 'interactive'], t.lane)
                   > array_position(array['anonymous', 'covers', 'harvest', 'enrichment', 'interactive'], j.lane)
                then t.lane else j.lane end as better
    from told t
    cross join lateral (select * from queue.jobs
                        where key = t.key and kind || '' = t.kind -- by key: the other index has many of a kind
                        for update) j
), higher as (
    select * from active where higher > priority or better <> lane or (once_more and not again)
), raised as (
    update queue.jobs j
    set priority = a.higher,
        lane = a.better,
        again = j.again or a.once_more,
        run_at = case when j.worker is null and (a.higher > a.priority or a.better <> a.lane)
                      then least(j.run_at, a.asked_at) else j.run_at end
    from higher a
    where j.id = a.id and j.id = any(array(select id from higher))
    returning j.kind, j.worker, j.run_at
), noted as (
    insert into queue.tallies (kind, lane, minute, active, running)
    select kind, moved.lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())),
           sum(moved.number), sum(case when worker is null then 0 else moved.number end)
    from active cross join lateral (values (lane, -1), (better, 1)) as moved (lane, number)
    where better <> active.lane
    group by kind, moved.lane
), woken as (
    select pg_notify('alexandria_jobs', kind) from raised
    where worker is null and run_at <= coalesce(%(now)s::timestamptz, now()) group by kind
)
select id, kind, key, leased, (select count(*) from woken) from active

-- name: claim
-- Leases jobs that are due to a worker, kind by kind, the highest priority first, and of one priority those whose lease
-- lapsed before the others: they had their turn already. Gives (id, kind, key, lane, priority, payload, attempts, token,
-- created_at, alone, lapses). One whose lease lapsed after its last attempt is dead.
with due as (
    select j.*, j.worker is not null as is_lapsed, j.attempts >= j.most_attempts as is_spent
    from unnest(%(kinds)s::text[]) as k (kind)
    cross join (
        select priority, is_free
        from generate_series(10, 1, -1) as p (priority) cross join unnest('{false,true}'::boolean[]) as f (is_free)
        order by priority desc, is_free
    ) p
    cross join lateral (
        select * from queue.jobs
        where kind = k.kind and priority = p.priority and (worker is null) = p.is_free
          and run_at <= coalesce(%(now)s::timestamptz, now())
        order by run_at
        limit %(limit)s::bigint
        for update skip locked
    ) j
    limit %(limit)s::bigint
), claimed as (
    update queue.jobs
    set worker = %(worker)s::text,
        token = token + 1,
        attempts = attempts + 1,
        lapses = lapses + (worker is not null)::int,
        again = false,
        run_at = coalesce(%(now)s::timestamptz, now()) + make_interval(secs => %(lease)s::float8),
        started_at = coalesce(started_at, %(now)s::timestamptz, now())
    where id = any(array(select id from due where not is_spent))
    returning id, kind, key, lane, priority, payload, attempts, token, created_at, alone, lapses
), spent as (
    delete from queue.jobs where id = any(array(select id from due where is_spent))
), kept as (
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, started_at, finished_at, error)
    select id, kind, key, lane, priority, payload, '{}', 'dead', attempts, most_attempts, created_at, started_at,
           coalesce(%(now)s::timestamptz, now()),
           'its worker died, or was too slow, ' || attempts || ' times' || coalesce('; before: ' || error, '')
    from due where is_spent
), noted as (
    insert into queue.tallies (kind, lane, minute, active, running, dead)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())),
           -count(*) filter (where is_spent),
           count(*) filter (where not is_lapsed) - count(*) filter (where is_spent),
           count(*) filter (where is_spent)
    from due group by kind, lane
)
select id, kind, key, lane, priority, payload::text, attempts, token, created_at, alone, lapses from claimed

-- name: add_leased
-- Adds jobs that are not active yet with their lease already taken: rows as `claim` gives them.
with added as (
    insert into queue.jobs (id, kind, key, lane, priority, payload, most_attempts, run_at, created_at, started_at,
                            worker, token, attempts)
    select id, kind, key, lane, priority, payload, most_attempts,
           coalesce(%(now)s::timestamptz, now()) + make_interval(secs => %(lease)s::float8),
           coalesce(%(now)s::timestamptz, now()), coalesce(%(now)s::timestamptz, now()), %(worker)s::text, 1, 1
    from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(keys)s::bigint[], %(lanes)s::text[], %(priorities)s::smallint[],
                %(payloads)s::jsonb[], %(most_attempts)s::smallint[])
        as t (id, kind, key, lane, priority, payload, most_attempts)
    order by kind, key
    on conflict (key, kind) do nothing
    returning id, kind, key, lane, priority, payload, attempts, token, created_at, alone, lapses
), noted as (
    insert into queue.tallies (kind, lane, minute, active, running)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), count(*), count(*)
    from added group by kind, lane
)
select id, kind, key, lane, priority, payload::text, attempts, token, created_at, alone, lapses from added

-- name: lease_waiting
-- Leases those of these jobs that nobody works on, due or not: rows as `claim` gives them. Not those that may kill
-- whoever runs them: they are for workers.
with free as (
    select j.id, j.kind, j.lane, j.worker is not null as is_lapsed
    from unnest(%(ids)s::uuid[]) as t (id)
    cross join lateral (select * from queue.jobs
                        where id = t.id and (worker is null or run_at <= coalesce(%(now)s::timestamptz, now()))
                        for update) j
    where j.attempts < j.most_attempts and j.lapses + (j.worker is not null)::int < 2
), claimed as (
    update queue.jobs
    set worker = %(worker)s::text,
        token = token + 1,
        attempts = attempts + 1,
        lapses = lapses + (worker is not null)::int,
        again = false,
        run_at = coalesce(%(now)s::timestamptz, now()) + make_interval(secs => %(lease)s::float8),
        started_at = coalesce(started_at, %(now)s::timestamptz, now())
    where id = any(array(select id from free))
    returning id, kind, key, lane, priority, payload, attempts, token, created_at, alone, lapses
), noted as (
    insert into queue.tallies (kind, lane, minute, running)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), count(*)
    from free where not is_lapsed group by kind, lane
)
select id, kind, key, lane, priority, payload::text, attempts, token, created_at, alone, lapses from claimed

-- name: extend
-- Extends leases from now on, and gives the (id) of those that are still held and not being settled just now.
update queue.jobs
set run_at = coalesce(%(now)s::timestamptz, now()) + make_interval(secs => %(lease)s::float8)
where id = any(array(
    select j.id
    from unnest(%(ids)s::uuid[], %(tokens)s::bigint[]) as t (id, token)
    cross join lateral (select id from queue.jobs where id = t.id and token = t.token and worker is not null
                        for update skip locked) j))
returning id

-- name: hand_back
-- Gives leases up: the attempt does not count, and the jobs are due at once, or the second one `apart` seconds after the
-- first and so on. Gives the (id) of those that were held.
with held as (
    select j.id, t.place
    from unnest(%(ids)s::uuid[], %(tokens)s::bigint[]) with ordinality as t (id, token, place)
    cross join lateral (select id from queue.jobs where id = t.id and token = t.token and worker is not null for update) j
), freed as (
    update queue.jobs j
    set worker = null,
        attempts = j.attempts - 1,
        run_at = coalesce(%(now)s::timestamptz, now()) + make_interval(secs => %(apart)s::float8 * (h.place - 1))
    from held h
    where j.id = h.id and j.id = any(array(select id from held))
    returning j.id, j.kind, j.lane
), noted as (
    insert into queue.tallies (kind, lane, minute, running)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())), -count(*) from freed group by kind, lane
), woken as (
    select pg_notify('alexandria_jobs', kind) from freed group by kind
)
select id, (select count(*) from woken) from freed

-- name: settle
-- Settles jobs whose lease is held, and gives the (id) of each. `retry` after the last attempt is `dead`; what is over
-- moves to `finished`, unless it was asked for `again`, then it begins anew. One that is not over is due `pause` seconds
-- from now, or `at` a time, but not at once, so that none runs in circles.
with told as (
    select * from unnest(%(ids)s::uuid[], %(tokens)s::bigint[], %(verbs)s::text[], %(ats)s::timestamptz[],
                         %(pauses)s::float8[], %(errors)s::text[], %(payloads)s::jsonb[], %(results)s::jsonb[],
                         %(alones)s::boolean[])
        as t (id, token, verb, at, pause, error, payload, result, alone)
), ours as (
    select j.id, j.kind, j.key, j.lane, j.priority, j.payload, j.attempts, j.most_attempts, j.created_at, j.started_at,
           t.verb, t.at, t.pause, t.error, t.payload as told, t.result, t.alone,
           d.is_done, d.is_done and not j.again as is_over
    from told t
    cross join lateral (select * from queue.jobs where id = t.id and token = t.token and worker is not null
                        for update) j
    cross join lateral (select t.verb <> 'snooze' and (t.verb <> 'retry' or j.attempts >= j.most_attempts) as is_done) d
), over as (
    delete from queue.jobs where id = any(array(select id from ours where is_over))
), kept as (
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, started_at, finished_at, error)
    select id, kind, key, lane, priority, coalesce(told, payload), result,
           case verb when 'retry' then 'dead' else verb end, attempts, most_attempts, created_at, started_at,
           coalesce(%(now)s::timestamptz, now()), error
    from ours where is_over
), waiting as (
    update queue.jobs j
    set worker = null,
        run_at = case when t.is_done then coalesce(%(now)s::timestamptz, now())
                      when t.at is null then coalesce(%(now)s::timestamptz, now()) + make_interval(secs => t.pause)
                      else greatest(t.at, coalesce(%(now)s::timestamptz, now()) + interval '1 second') end,
        attempts = case when t.is_done then 0 when t.verb = 'snooze' then j.attempts - 1 else j.attempts end,
        payload = case when t.is_done then j.payload else coalesce(t.told, j.payload) end,
        error = t.error,
        alone = coalesce(t.alone, j.alone),
        lapses = 0,
        again = false
    from ours t
    where j.id = t.id and not t.is_over and j.id = any(array(select id from ours where not is_over))
), noted as (
    insert into queue.tallies (kind, lane, minute, active, running, completed, not_found, dead)
    select kind, lane, date_trunc('minute', coalesce(%(now)s::timestamptz, now())),
           -count(*) filter (where is_over), -count(*),
           count(*) filter (where is_over and verb = 'completed'),
           count(*) filter (where is_over and verb = 'not_found'),
           count(*) filter (where is_over and verb in ('retry', 'dead'))
    from ours group by kind, lane
)
select id from ours
