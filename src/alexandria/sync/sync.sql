-- What is asked of other schemas about records that changed in the mirror.

-- name: find_answered
-- Those of these records about which somebody said something, so that what is shown is to be chosen again: (kind, id).
select distinct a.kind, a.id
from unnest(%(kinds)s::text[], %(ids)s::bigint[]) as t (kind, id)
join enriched.answers a on a.kind = t.kind and a.id = t.id

-- name: find_live_part
-- Which part of its files the live mirror is: (part, files).
select part, files from mirror_meta.loads where state = 'live'
