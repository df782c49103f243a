-- What the mirror knows about itself: loads, chunks, rejects, counters (schema mirror_meta).

-- name: find_open_load
-- The newest load that has not ended: (id, signature, state).
select id, signature, state from mirror_meta.loads
where state in ('copying', 'building') order by id desc limit 1

-- name: insert_load
-- Begins a load; gives its id.
insert into mirror_meta.loads (signature, files, packed_bytes, part)
values (%(signature)s, %(files)s::jsonb, %(packed_bytes)s, %(part)s::jsonb) returning id

-- name: set_load_state
-- Moves a load on; an end state gets its time.
update mirror_meta.loads
set state = %(state)s, reason = %(reason)s, counts = coalesce(%(counts)s::jsonb, counts),
    newest = coalesce(%(newest)s::jsonb, newest),
    finished_at = case when %(state)s in ('copying', 'building') then null else now() end
where id = %(id)s

-- name: close_open_loads
-- Ends loads that another run left behind.
update mirror_meta.loads set state = 'failed', reason = 'abandoned', finished_at = now()
where state in ('copying', 'building') and id <> %(id)s

-- name: hold_load
-- Whether a load still copies; until the transaction ends, no other run can begin in its place.
select state = 'copying' from mirror_meta.loads where id = %(load_id)s for share

-- name: insert_chunk
-- Records that a chunk's rows are in, in the same transaction as the rows. No row, if they are in already: a worker
-- may outlive its killed loader by a moment, and the next loader meets it here.
insert into mirror_meta.chunks (load_id, file, chunk, lines, rows, newest)
values (%(load_id)s, %(file)s, %(chunk)s, %(lines)s, %(rows)s::jsonb, %(newest)s::jsonb)
on conflict do nothing

-- name: add_rejects
-- Adds to the count of a reason; the first sample stays.
insert into mirror_meta.rejects (load_id, file, reason, count, sample)
values (%(load_id)s, %(file)s, %(reason)s, %(count)s, %(sample)s)
on conflict (load_id, file, reason) do update set count = mirror_meta.rejects.count + excluded.count

-- name: find_chunks
-- The chunks of a load that are in: (file, chunk, lines, rows, newest).
select file, chunk, lines, rows, newest from mirror_meta.chunks where load_id = %(load_id)s

-- name: list_rejects
-- The rejects of a load by file and reason: (file, reason, count, sample).
select file, reason, count, sample from mirror_meta.rejects where load_id = %(load_id)s order by file, count desc

-- name: find_live_load
-- The load that made the live mirror: (id, newest, counts, files, started_at, finished_at).
select id, newest, counts, files, started_at, finished_at from mirror_meta.loads
where state = 'live'

-- name: find_live_and_previous
-- The loads that made the live mirror and the one before it: (state, id, counts, newest, started_at).
select state, id, counts, newest, started_at from mirror_meta.loads where state in ('live', 'previous')

-- name: find_refusal
-- Why the last load of these very files was refused, if it was: (reason).
select reason
from (select state, reason from mirror_meta.loads where signature = %(signature)s order by id desc limit 1) l
where state = 'refused'

-- name: note_refusal
-- Adds a load that was refused before it began; not twice in a row for the same reason.
insert into mirror_meta.loads (signature, files, state, reason, finished_at)
select 'published', '[]', 'refused', %(reason)s::text, now()
where not exists (select from (select state, reason from mirror_meta.loads order by id desc limit 1) l
                  where state = 'refused' and reason = %(reason)s::text)

-- name: withdraw_refusal
-- Ends the refusals that are newer than the live mirror, when what was refused is published no more.
update mirror_meta.loads set state = 'failed'
where state = 'refused' and id > (select max(id) from mirror_meta.loads where state = 'live')

-- name: has_other_part
-- Whether the live mirror is of another part of its files than the previous one.
select exists (select from mirror_meta.loads l join mirror_meta.loads p on p.part <> l.part
               where l.state = 'live' and p.state = 'previous')

-- name: keep_counters
-- Keeps the row counts of the live mirror, as changes have made them, with its load.
update mirror_meta.loads
set counts = coalesce((select jsonb_object_agg(name, value) from mirror_meta.counters), counts)
where state = 'live'

-- name: retire_load
-- Moves the loads of a state into another: (from) to (to).
update mirror_meta.loads set state = %(to)s where state = %(from)s

-- name: find_last_load
-- The last load, however it ended: (id, state, reason, started_at, finished_at).
select id, state, reason, started_at, finished_at from mirror_meta.loads order by id desc limit 1

-- name: list_counters
-- The maintained row counts: (name, value).
select name, value from mirror_meta.counters order by name

-- name: counts_readers
-- A row when ratings or readers were ever counted.
select 1 from mirror_meta.counters where name in ('ratings', 'shelves') limit 1

-- name: set_counter
-- Sets one row count.
insert into mirror_meta.counters (name, value) values (%(name)s, %(value)s)
on conflict (name) do update set value = excluded.value

-- name: set_sync_metadata
-- Sets one fact about the mirror's freshness.
insert into mirror_meta.sync_metadata (key, value) values (%(key)s, %(value)s)
on conflict (key) do update set value = excluded.value, updated_at = now()

-- name: list_sync_metadata
-- All facts about the mirror's freshness: (key, value, updated_at).
select key, value, updated_at from mirror_meta.sync_metadata order by key

-- name: find_keys_and_indexes
-- How the live mirror is keyed and indexed: (table, name, is_primary, definition). A mirror that is spread over many
-- servers (db.distribute) has another key of editions; the new one is built on one.
select c.relname, i.relname, x.indisprimary,
       coalesce(replace(pg_get_constraintdef(k.oid), '(work_id, id)', '(id)'), pg_get_indexdef(x.indexrelid))
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_constraint k on k.conindid = x.indexrelid and k.contype = 'p'
where n.nspname = 'mirror'
order by x.indisprimary desc, c.relname, i.relname

-- name: lock_loader
-- Whether this session is now the only loader; held until it disconnects, so a killed loader leaves nothing.
select pg_try_advisory_lock(hashtext('alexandria.mirror.load'))

-- name: lock_loader_for_now
-- Whether no load is running; until the transaction ends, none can begin.
select pg_try_advisory_xact_lock(hashtext('alexandria.mirror.load'))

-- name: measure_disk
-- Bytes on disk of the live mirror, tables and indexes: (table, bytes).
select c.relname, pg_total_relation_size(c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'mirror' and c.relkind = 'r' order by 2 desc

-- name: find_last_speed
-- Bytes of gzip a second of the last load that ended well, from start to swap.
select packed_bytes / nullif(extract(epoch from finished_at - started_at)::float, 0)
from mirror_meta.loads
where state in ('live', 'previous', 'replaced') and packed_bytes > 0 order by id desc limit 1

-- name: find_data_directory
-- Where the server keeps its data; null for a role that may not know.
select case when pg_has_role(current_user, 'pg_read_all_settings', 'usage')
            then current_setting('data_directory') end

-- name: forget_touched
-- Drops notes of changes that no load needs any more.
delete from mirror_meta.touched where at < %(before)s

-- name: find_load_start
-- When a load began.
select started_at from mirror_meta.loads where id = %(id)s

-- name: measure_unfinished
-- Bytes on disk of a mirror that a load has begun and not ended.
select coalesce(sum(pg_total_relation_size(c.oid)), 0)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'mirror_next' and c.relkind = 'r'

-- name: has_next
-- Whether a mirror is being built, or was.
select to_regnamespace('mirror_next') is not null
