-- How far the mirror has followed Open Library's changes, and what it lacks.

-- name: read_position
-- Up to when changes were read, the highest number of a changeset, the newest record of the live dump, which part of it
-- was loaded, and the time: (since, id, dump, part, now); since and dump are null when there is none.
select (select nullif(value, '')::timestamptz from mirror_meta.sync_metadata where key = 'ol_last_changes_sync'),
       (select nullif(value, '')::bigint from mirror_meta.sync_metadata where key = 'ol_last_changes_id'),
       (select max(t.value)::timestamp at time zone 'utc' from jsonb_each_text(l.newest) as t),
       l.part, now()
from (select 1) one left join mirror_meta.loads l on l.state = 'live'

-- name: set_position
-- Notes up to when changes were read; never an earlier time, or a smaller number.
insert into mirror_meta.sync_metadata (key, value)
values ('ol_last_changes_sync', to_char(%(at)s::timestamptz at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')),
       ('ol_last_changes_id', coalesce(%(id)s::bigint, 0)::text)
on conflict (key) do update set value = excluded.value, updated_at = now()
where coalesce(case excluded.key
    when 'ol_last_changes_id' then nullif(sync_metadata.value, '')::bigint < excluded.value::bigint
    else nullif(sync_metadata.value, '')::timestamptz < excluded.value::timestamptz end, true)

-- name: add_behind
-- Notes records whose wanted revision is not here; revision 0 wants them in any case.
insert into mirror_meta.behind as b (kind, id, revision, changed_at)
select t.kind, t.id, t.revision, t.changed_at
from unnest(%(kinds)s::text[], %(ids)s::bigint[], %(revisions)s::integer[], %(changed_ats)s::timestamptz[])
    as t (kind, id, revision, changed_at)
left join mirror.editions e on t.kind = 'edition' and e.id = t.id
left join mirror.works w on t.kind = 'work' and w.id = t.id
left join mirror.authors a on t.kind = 'author' and a.id = t.id
left join mirror.redirects r on r.kind = t.kind and r.id = t.id
where t.revision = 0 or t.revision > coalesce(e.revision, w.revision, a.revision, r.revision, 0)
order by t.kind, t.id
on conflict (kind, id) do update set
    revision = greatest(b.revision, excluded.revision), changed_at = greatest(b.changed_at, excluded.changed_at),
    tries = case when excluded.revision > b.revision then 0 else b.tries end

-- name: list_behind
-- Records to be fetched after one, in order: (kind, id, revision). Those that were tried in vain `tries` times are left.
select kind, id, revision from mirror_meta.behind
where (kind, id) > (%(kind)s, %(id)s) and tries < %(tries)s
order by kind, id limit %(limit)s

-- name: forget_behind
-- Forgets records that are here now, in the wanted revision or a newer one.
delete from mirror_meta.behind b using unnest(%(kinds)s::text[], %(ids)s::bigint[], %(revisions)s::integer[])
    as t (kind, id, revision)
where b.kind = t.kind and b.id = t.id and b.revision <= t.revision

-- name: note_vain
-- Notes why records could not be had.
update mirror_meta.behind b set tries = b.tries + 1, reason = t.reason
from unnest(%(kinds)s::text[], %(ids)s::bigint[], %(reasons)s::text[]) as t (kind, id, reason)
where b.kind = t.kind and b.id = t.id

-- name: forget_old_behind
-- Forgets records that changed before a dump was cut: it has them, or they are no more.
delete from mirror_meta.behind where changed_at < %(before)s::timestamptz and revision > 0

-- name: add_gap
-- Notes a stretch of time whose changes could not be read, once.
insert into mirror_meta.gaps (from_time, to_time, kind, bot, reason)
values (%(since)s, %(until)s, %(kind)s, %(bot)s, %(reason)s)
on conflict (from_time, coalesce(kind, ''), coalesce(bot::text, '')) where closed_at is null
do update set to_time = greatest(gaps.to_time, excluded.to_time), reason = excluded.reason

-- name: list_gaps
-- The open gaps, the oldest first: (id, from_time, to_time, kind, bot, reason).
select id, from_time, to_time, kind, bot, reason from mirror_meta.gaps where closed_at is null order by from_time, id

-- name: close_gap
-- Closes a gap that could be read after all.
update mirror_meta.gaps set closed_at = now() where id = %(id)s and closed_at is null

-- name: close_gaps_before
-- Closes gaps that a dump, cut later, has made up for.
update mirror_meta.gaps set closed_at = now(), closed_by = %(load)s
where closed_at is null and to_time <= %(before)s::timestamptz

-- name: open_gaps_of
-- Opens the gaps again that a load had closed, whose mirror serves no more.
update mirror_meta.gaps g set closed_at = null, closed_by = null
where closed_by = %(load)s
  and not exists (select from mirror_meta.gaps o where o.closed_at is null and o.from_time = g.from_time
                  and o.kind is not distinct from g.kind and o.bot is not distinct from g.bot)
