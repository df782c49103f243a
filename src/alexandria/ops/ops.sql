-- The schedule: what is known of its jobs, and its firings.

-- name: read_schedules
-- The time, and what is known of each periodic job: (now, name, since, is_paused, its last firing by schedule); the name
-- is null when nothing is known of any.
select now(), s.name, s.since, s.is_paused, (select max(t.at) from ops.ticks t where t.name = s.name and not t.by_hand)
from (select 1) one left join ops.schedules s on true

-- name: add_schedules
-- Remembers periodic jobs from now on.
insert into ops.schedules (name) select unnest(%(names)s::text[]) on conflict do nothing

-- name: add_tick
-- Notes a firing, unless somebody else has.
insert into ops.ticks (name, at, by_hand, job_id) values (%(name)s, %(at)s, %(by_hand)s, %(job_id)s)
on conflict do nothing

-- name: set_tick_job
-- Notes the job of a firing.
update ops.ticks set job_id = %(job_id)s where name = %(name)s and at = %(at)s

-- name: set_pause
-- Pauses a periodic job, or lets it run on; what was due meanwhile is not made up for.
insert into ops.schedules as s (name, is_paused) values (%(name)s, %(is_paused)s)
on conflict (name) do update set
    since = case when s.is_paused and not excluded.is_paused then now() else s.since end, is_paused = excluded.is_paused

-- name: list_last_ticks
-- The last firing of each of these periodic jobs, by hand or by schedule: (name, at, job_id).
select n.name, t.at, t.job_id
from unnest(%(names)s::text[]) as n (name)
cross join lateral (select at, job_id from ops.ticks where name = n.name order by at desc limit 1) t

-- name: forget_ticks
-- Forgets firings before a time, but for the last of each.
delete from ops.ticks t
where at < %(before)s and exists (select from ops.ticks n where n.name = t.name and n.at > t.at and not n.by_hand)

-- name: read_clock
-- The database's time: (now).
select now()

-- name: read_freshness
-- How far the mirror is behind: (seconds since its dump was cut, seconds since changes were read, open gaps, records that
-- are known to have changed and could not be had); null when nothing is loaded, or changes were never read.
select (select extract(epoch from now() - max(t.value)::timestamp at time zone 'utc')::float8
        from mirror_meta.loads l cross join jsonb_each_text(l.newest) as t where l.state = 'live'),
       (select extract(epoch from now() - nullif(value, '')::timestamptz)::float8
        from mirror_meta.sync_metadata where key = 'ol_last_changes_sync'),
       (select count(*) from mirror_meta.gaps where closed_at is null),
       (select count(*) from mirror_meta.behind)
