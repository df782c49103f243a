-- What is old enough to be taken out of quota.calls.

-- name: oldest_calls
-- The hour of the oldest one before a time: (hour), null when there is none.
select date_trunc('hour', min(at), 'UTC') from quota.calls where at < %(before)s

-- name: list_expired_calls
-- Those of an hour, as JSON: (row).
select to_jsonb(r)::text from quota.calls r where at >= %(since)s and at < %(until)s order by at, id

-- name: delete_expired_calls
-- Removes those of an hour.
delete from quota.calls where at >= %(since)s and at < %(until)s

-- name: drop_old_calls
-- Removes partitions without rows that end before a time: (how many).
select mirror_meta.drop_partitions('quota.calls', %(before)s)
