-- Going through what was learned, once for each new mirror.

-- name: begin_sweep
-- Starts again when another mirror serves; nothing while none does.
insert into enriched.sweep as s (load_id, kind, after)
select id, '', 0 from mirror_meta.loads where state = 'live'
on conflict (one) do update set load_id = excluded.load_id, kind = '', after = 0, is_done = false
where s.load_id <> excluded.load_id

-- name: hold_sweep
-- Where the sweep stands, for this transaction alone: (kind, after, is_done).
select kind, after, is_done from enriched.sweep for update

-- name: list_answered
-- Records after one about which somebody said something, in order: (kind, id).
select distinct kind, id from enriched.answers where (kind, id) > (%(kind)s, %(after)s)
order by kind, id limit %(limit)s

-- name: move_sweep
-- Notes how far the sweep has come.
update enriched.sweep set kind = %(kind)s, after = %(after)s, is_done = %(is_done)s
