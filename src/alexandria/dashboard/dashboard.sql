-- What the first page shows. Nothing here counts the rows of a table that grows: estimates are PostgreSQL's own, and
-- lists come off the end of an index.

-- name: list_sizes
-- About how many rows these tables have: (name, rows). The planner's number or the count of what was written, whichever
-- is more: a new table has only the second, a server that crashed only the first.
select t.name, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint
from unnest(%(names)s::text[]) as t (name) join pg_class c on c.oid = t.name::regclass

-- name: count_dead_up_to
-- How many jobs of each kind lie dead, up to a number: (kind, number).
select k.kind, d.number
from (select distinct kind from queue.tallies) k
cross join lateral (select count(*) as number
                    from (select 1 from queue.finished where state = 'dead' and kind = k.kind limit %(most)s::bigint) x) d
where d.number > 0
order by k.kind

-- name: list_failures
-- The jobs that died last, of those made last of each kind: (id, kind, key, finished_at, attempts, error).
select f.id, f.kind, f.key, f.finished_at, f.attempts, left(f.error, 300)
from (select distinct kind from queue.tallies) k
cross join lateral (select * from queue.finished where state = 'dead' and kind = k.kind
                    order by id desc limit %(limit)s::bigint) f
order by f.finished_at desc
limit %(limit)s::bigint

-- name: list_attempts
-- What was learned last, or could not be: (at, kind, id, provider, operation, success, fields_updated, error).
select at, kind, id, provider, operation, success, fields_updated, left(error, 300)
from enriched.log
order by at desc
limit %(limit)s::bigint
