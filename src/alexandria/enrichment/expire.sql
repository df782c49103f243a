-- What is old enough to be taken out of enriched.log.

-- name: oldest_log
-- The hour of the oldest one before a time: (hour), null when there is none.
select date_trunc('hour', min(at), 'UTC') from enriched.log where at < %(before)s

-- name: list_expired_log
-- Those of an hour, as JSON: (row).
select to_jsonb(r)::text from enriched.log r where at >= %(since)s and at < %(until)s order by at, kind, id, provider

-- name: delete_expired_log
-- Removes those of an hour.
delete from enriched.log where at >= %(since)s and at < %(until)s

-- name: drop_old_log
-- Removes partitions without rows that end before a time: (how many).
select mirror_meta.drop_partitions('enriched.log', %(before)s)
