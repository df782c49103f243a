-- The ledger's statements. Times are those of the ledger's clock, quota.now(); what goes out to callers is real time.
-- Seconds called lead, horizon, guard and wait are real ones: they are about machines and wires.

-- name: read_clock
-- The server's time.
select clock_timestamp()

-- name: take_permits
-- Up to `many` permits for one kind of request, or why there is none: (clock, verdict, delay, id, at, resets_at,
-- retry_at, room), a row for each permit, else one row. No row at all: the bucket has no window yet.
-- The verdict is 'granted', 'wait' (for the pace), 'blocked' (the provider asks to wait), 'day' or 'lane' (no units
-- are left); `clock` is the server's time, `delay` the real seconds from then to the slot. `room`: units that the
-- lane had, below 0 where it has more than its share; null: as many as it likes.
-- A slot is at least `lead` from now, where answers take long to arrive, and at most `horizon`. It only
-- ever moves forward, so that "not yet" is told without a lock. Otherwise the bucket's row is locked, the time is read
-- once it is, and all that is decided is written before anybody else can look.
with seen as materialized (
    select greatest(slot_at + make_interval(secs => %(pace)s), blocked_until) as free_at, blocked_until, resets_at,
           quota.now() as now, quota.speed() as speed, clock_timestamp() as clock
    from quota.windows where bucket = %(bucket)s
), held as materialized (
    select * from quota.windows
    where bucket = %(bucket)s
      and (select coalesce(free_at <= now + make_interval(secs => %(horizon)s * speed), true) from seen)
    for update
), timed as materialized (
    select held.*, quota.now() as now, quota.speed() as speed, clock_timestamp() as clock from held
), free as materialized ( -- the first moment that pace and provider allow
    select *, greatest(now + make_interval(secs => %(lead)s * speed), slot_at + make_interval(secs => %(pace)s),
                       blocked_until) as free_at,
           make_interval(secs => least(%(guard)s * speed, %(most_guard)s)) as guard
    from timed
), dated as materialized ( -- in which day it lies; nothing is sent within the guard of a reset
    select *, date_trunc('day', (free_at + guard) at time zone %(zone)s::text) as day from free
), slot as materialized (
    select *, day at time zone %(zone)s::text as began, (day + interval '1 day') at time zone %(zone)s::text as ended,
           greatest(free_at, day at time zone %(zone)s::text + guard) as at,
           coalesce(day at time zone %(zone)s::text > began_at, true) as fresh
    from dated
), counted as materialized (
    select *, least(%(allowance)s::bigint, case when not fresh then ceiling end) as allowed,
           case when fresh then 0 else interactive + enrichment + harvest + covers + anonymous end as used,
           case when not fresh and %(lane)s::text = 'anonymous' then anonymous else 0 end as used_here,
           case when fresh then 0 else harvest end as harvested,
           greatest((extract(epoch from ended - at)::float8 - extract(epoch from ended - began)::float8 * %(free)s)
                    / (extract(epoch from ended - began)::float8 * (1 - %(free)s)), 0) as ahead
    from slot
), kept as materialized ( -- what the harvest has not used of its own
    select *, allowed - used as day_room,
           greatest(floor(%(harvest)s::float8 * allowed)::bigint - harvested, 0) as own
    from counted
), room as materialized (
    select *, day_room - case when ahead > 0 and %(lane)s::text not in ('interactive', 'harvest') then own else 0 end
              - floor(%(leaves)s::float8 * allowed * ahead)::bigint as lane_room,
           case when %(lane)s::text = 'harvest' and allowed is not null -- least and greatest pass over null
                then least(own, day_room - floor(%(people)s::float8 * allowed * ahead)::bigint) end as own_room,
           floor(%(most)s::float8 * coalesce(allowed, %(capacity)s))::bigint - used_here as most_room
    from kept
), roomy as materialized (
    select *, greatest(lane_room, own_room) as left_room from room
), verdict as materialized (
    select *,
           case when %(units)s > 0 and %(units)s > day_room then 'day'
                when %(units)s > 0 and %(units)s > least(left_room, most_room) then 'lane'
                when at <= now + make_interval(secs => %(horizon)s * speed) then 'granted'
                when blocked_until = at then 'blocked'
                else 'wait' end as verdict,
           least(%(many)s::bigint, least(left_room, most_room) / nullif(%(units)s::bigint, 0),
                 1 + floor(extract(epoch from
                     least(now + make_interval(secs => %(horizon)s * speed), ended - guard) - at)::float8
                     / %(pace)s)::bigint) as permits
    from roomy
), spent as (
    update quota.windows w
    set slot_at = v.at + make_interval(secs => %(pace)s) * (v.permits - 1),
        began_at = v.began, resets_at = v.ended, ceiling = case when not v.fresh then v.ceiling end,
        interactive = case when v.fresh then 0 else v.interactive end
                      + (%(lane)s::text = 'interactive')::int * v.permits * %(units)s,
        enrichment = case when v.fresh then 0 else v.enrichment end
                     + (%(lane)s::text = 'enrichment')::int * v.permits * %(units)s,
        harvest = case when v.fresh then 0 else v.harvest end
                  + (%(lane)s::text = 'harvest')::int * v.permits * %(units)s,
        covers = case when v.fresh then 0 else v.covers end
                 + (%(lane)s::text = 'covers')::int * v.permits * %(units)s,
        anonymous = case when v.fresh then 0 else v.anonymous end
                    + (%(lane)s::text = 'anonymous')::int * v.permits * %(units)s
    from verdict v
    where w.bucket = v.bucket and v.verdict = 'granted'
), noted as (
    insert into quota.calls (at, bucket, lane, kind, units, items)
    select v.at + make_interval(secs => %(pace)s) * n, v.bucket, %(lane)s::text, %(kind)s, %(units)s, %(items)s
    from verdict v, generate_series(0, v.permits - 1) n
    where v.verdict = 'granted'
    returning at, id
)
select v.clock, v.verdict, extract(epoch from coalesce(noted.at, v.at) - v.now)::float8 / v.speed, noted.id, noted.at,
       quota.real(v.ended),
       quota.real(case v.verdict
           when 'day' then v.ended + v.guard
           when 'lane' then least(v.ended + v.guard, case
               when %(units)s > v.left_room then greatest( -- else it is bound by `most`, for the rest of the day
                   v.now + interval '1 minute',
                   v.ended + interval '1 second' - (v.ended - v.began) * (%(free)s + (1 - %(free)s) * greatest(case
                       when %(lane)s::text <> 'harvest' then (v.day_room - v.own - %(units)s) / %(leaves)s::float8
                       when %(units)s > v.own then (v.day_room - %(units)s) / %(leaves)s::float8
                       else (v.day_room - %(units)s) / %(people)s::float8 end / v.allowed, 0))) end)
           else v.at end),
       least(v.left_room, v.most_room)
from verdict v left join noted on true
union all
select clock, case when blocked_until = free_at then 'blocked' else 'wait' end,
       extract(epoch from free_at - now)::float8 / speed, null, null, quota.real(resets_at), quota.real(free_at), null
from seen where not exists (select from held)
order by 5

-- name: open_window
-- Makes the row of a bucket that had no permit yet.
insert into quota.windows (bucket) values (%(bucket)s) on conflict do nothing

-- name: settle_call
-- Says what became of a request, once: (the number of calls settled, 0 when it was before; nothing of interest).
-- Units come back when it was not sent, and are corrected by what the provider charged, as long as the day in which
-- they were counted lasts. What the provider says is left can only lower the day; in the first minute of a day it is
-- not believed, for its clock may be behind ours. A 429 without a time is waited out for 1, 2, 4, … s.
-- Where nothing of the bucket changes, the commit need not wait for the disk: a crash could only lose remarks on a call
-- that stays counted.
with settled as (
    update quota.calls
    set sent = %(sent)s::bool, status = %(status)s::int, error = %(error)s, ms = %(ms)s, bytes = %(bytes)s,
        found = %(found)s, charged = %(charged)s::int,
        refunded = case when %(sent)s::bool then 0 else units end, settled_at = quota.now()
    where at = %(at)s and id = %(id)s and settled_at is null
    returning at, bucket, lane,
              case when %(sent)s::bool then coalesce(%(charged)s::int - units, 0) else -units end as delta
), corrected as (
    update quota.windows w
    set interactive = greatest(w.interactive + (s.lane = 'interactive' and s.at >= w.began_at)::int * s.delta, 0),
        enrichment = greatest(w.enrichment + (s.lane = 'enrichment' and s.at >= w.began_at)::int * s.delta, 0),
        harvest = greatest(w.harvest + (s.lane = 'harvest' and s.at >= w.began_at)::int * s.delta, 0),
        covers = greatest(w.covers + (s.lane = 'covers' and s.at >= w.began_at)::int * s.delta, 0),
        anonymous = greatest(w.anonymous + (s.lane = 'anonymous' and s.at >= w.began_at)::int * s.delta, 0),
        ceiling = case when s.at >= w.began_at + interval '1 minute'
            then least(w.ceiling, w.interactive + w.enrichment + w.harvest + w.covers + w.anonymous + s.delta
                                  + %(remaining)s::bigint - %(buffer)s)
            else w.ceiling end,
        blocked_until = greatest(w.blocked_until, quota.now() + quota.speed() * make_interval(secs => coalesce(
            %(wait)s::float8, case when %(status)s::int = 429 then least(2 ^ w.throttled, 300) end))),
        throttled = case when %(status)s::int = 429 then least(w.throttled + 1, 10)
                         when %(status)s::int < 500 then 0 else w.throttled end
    from settled s
    where w.bucket = s.bucket
      and (s.delta <> 0 or %(wait)s::float8 is not null or %(status)s::int = 429
           or (w.throttled > 0 and %(status)s::int < 500)
           or (s.at >= w.began_at + interval '1 minute'
               and w.interactive + w.enrichment + w.harvest + w.covers + w.anonymous + s.delta
                   + %(remaining)s::bigint - %(buffer)s
                   < coalesce(least(%(allowance)s::bigint, w.ceiling), 1::bigint << 62)))
    returning w.bucket
)
select count(*), case when not exists (select from corrected) then set_config('synchronous_commit', 'off', true) end
from settled

-- name: lower_window
-- Lowers the day of a bucket to what the provider says is left of it, never the other way.
update quota.windows w
set ceiling = least(w.ceiling, w.interactive + w.enrichment + w.harvest + w.covers + w.anonymous
                               + %(remaining)s::bigint - %(buffer)s)
where w.bucket = %(bucket)s and quota.now() >= w.began_at + interval '1 minute' and quota.now() < w.resets_at

-- name: make_partitions
-- Makes the partitions of the calls for this month and the next three.
select mirror_meta.make_partitions('quota.calls', 3)

-- name: note_refusals
-- Counts refusals of a lane, and keeps the reason of the last.
insert into quota.refusals as r (bucket, lane, count, reason, refused_at)
values (%(bucket)s, %(lane)s, %(count)s, %(reason)s, quota.now())
on conflict (bucket, lane) do update
set count = r.count + excluded.count, reason = excluded.reason, refused_at = excluded.refused_at

-- name: read_windows
-- Where the days of these buckets stand: (bucket, now, began_at, resets_at, the same in real time, ceiling,
-- interactive, enrichment, harvest, covers, anonymous, blocked_until in real time).
select b.bucket, c.now, coalesce(w.began_at, d.began), coalesce(w.resets_at, d.ended),
       quota.real(coalesce(w.resets_at, d.ended)), w.ceiling, coalesce(w.interactive, 0), coalesce(w.enrichment, 0),
       coalesce(w.harvest, 0), coalesce(w.covers, 0), coalesce(w.anonymous, 0), quota.real(x.blocked_until)
from unnest(%(buckets)s::text[], %(zones)s::text[]) as b (bucket, zone)
cross join (select quota.now() as now offset 0) c
cross join lateral (
    select date_trunc('day', c.now at time zone b.zone) at time zone b.zone as began,
           (date_trunc('day', c.now at time zone b.zone) + interval '1 day') at time zone b.zone as ended) d
left join quota.windows w on w.bucket = b.bucket and w.resets_at > c.now
left join quota.windows x on x.bucket = b.bucket and x.blocked_until > c.now

-- name: read_refusals
-- Every lane that was refused something: (bucket, lane, count, reason, refused_at in real time), the last one first.
select bucket, lane, count, reason, quota.real(refused_at) from quota.refusals order by refused_at desc, bucket, lane

-- name: read_breakers
-- Every breaker: (bucket, state, failures, reason, open_until in real time).
select bucket,
       case when open_until is null then 'closed' when open_until > quota.now() then 'open' else 'half-open' end,
       failures, reason, quota.real(open_until)
from quota.breakers

-- name: report_calls
-- What was asked since some hours ago: (bucket, hour, kind, requests, failures, units, items, found), the newest hour
-- first. Units are those charged, else those counted; a 404 is an answer; what was certainly not sent is left out.
select bucket, quota.real(date_trunc('hour', at, 'UTC')), kind, count(*),
       count(*) filter (where status is null or (status >= 400 and status <> 404) or error is not null),
       sum(coalesce(charged, units)), sum(items), sum(found)
from quota.calls
where at >= quota.now() - make_interval(hours => %(hours)s) and sent is distinct from false
  and (%(bucket)s::text is null or bucket = %(bucket)s)
group by bucket, date_trunc('hour', at, 'UTC'), kind
order by date_trunc('hour', at, 'UTC') desc, bucket, kind

-- name: check_breaker
-- Whether a request may pass: (passes, retry_at in real time, reason). No row: nothing ever failed.
-- Of those who come when the time is over, one gets through, as the probe; a probe that never comes back is forgotten.
with probe as (
    update quota.breakers set probe_until = quota.now() + make_interval(secs => %(probe)s)
    where bucket = %(bucket)s and open_until <= quota.now() and coalesce(probe_until <= quota.now(), true)
    returning bucket
)
select open_until is null or exists (select from probe),
       quota.real(greatest(open_until, probe_until, quota.now() + interval '1 second')), reason
from quota.breakers where bucket = %(bucket)s

-- name: make_breaker
-- Makes the row of a bucket in which nothing failed yet.
insert into quota.breakers (bucket) values (%(bucket)s) on conflict do nothing

-- name: count_failure
-- Counts a failure. The breaker opens after `most` in a row, at once when `refused`, and again when a probe fails;
-- each time for twice as long, up to `longest`. What fails while it is open was sent before, and says nothing new.
update quota.breakers b
set failures = failures + 1, reason = %(reason)s, failed_at = quota.now(), probe_until = null,
    (openings, opened_at, open_until) = (
        select case when opens then least(b.openings + 1, 20) else b.openings end,
               case when opens then now else b.opened_at end,
               case when opens then now + make_interval(secs => least(%(pause)s * 2.0 ^ b.openings, %(longest)s))
                    else b.open_until end
        from (select quota.now() as now,
                     b.probe_until is not null
                     or (b.open_until is null and (%(refused)s or b.failures + 1 >= %(most)s)) as opens) as found)
where bucket = %(bucket)s

-- name: close_breaker
-- Forgets all failures, after a success.
update quota.breakers
set failures = 0, openings = 0, opened_at = null, open_until = null, probe_until = null, reason = null
where bucket = %(bucket)s and (failures > 0 or open_until is not null)

-- name: release_probe
-- Lets another probe through at once: the last one came back without having learned anything.
update quota.breakers set probe_until = null where bucket = %(bucket)s and probe_until is not null
