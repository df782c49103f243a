-- What is old enough to be taken out of queue.finished.

-- name: oldest_jobs
-- The hour of the oldest one before a time: (hour), null when there is none.
select date_trunc('hour', min(finished_at), 'UTC') from queue.finished where finished_at < %(before)s

-- name: list_expired_jobs
-- Those of an hour, as JSON: (row).
select to_jsonb(r)::text from queue.finished r where finished_at >= %(since)s and finished_at < %(until)s order by finished_at, id

-- name: delete_expired_jobs
-- Removes those of an hour.
delete from queue.finished where finished_at >= %(since)s and finished_at < %(until)s

-- name: drop_old_jobs
-- Removes partitions without rows that end before a time: (how many).
select mirror_meta.drop_partitions('queue.finished', %(before)s)
