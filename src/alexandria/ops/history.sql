-- How things stood minute by minute.

-- name: note_minute
-- Notes how things stand, once for each minute whoever comes first, and forgets what was over a week ago.
with gone as (delete from ops.history where minute < now() - interval '8 days')
insert into ops.history (minute, queue, quota)
select date_trunc('minute', now()),
       (select coalesce(jsonb_object_agg(kind, jsonb_build_array(active - running, running, completed, not_found, dead)),
                        '{}')
        from (select kind, sum(active)::bigint as active, sum(running)::bigint as running,
                     sum(completed)::bigint as completed, sum(not_found)::bigint as not_found, sum(dead)::bigint as dead
              from queue.tallies group by kind) as counted),
       (select coalesce(jsonb_object_agg(bucket, interactive + enrichment + harvest + covers + anonymous), '{}')
        from quota.windows where resets_at > quota.now())
on conflict do nothing

-- name: read_minutes
-- How things stood, every so many minutes of some hours, the oldest first: (minute, queue, quota).
select minute, queue::text, quota::text from ops.history
where minute > now() - make_interval(hours => %(hours)s)
  and extract(epoch from minute)::bigint / 60 %% %(every)s::bigint = 0
order by minute
