-- What only metrics ask for.

-- name: count_covers
-- ISBNs by what became of the search for their cover: (state, number). Counted while there are few; else estimated from
-- the planner's statistics, which costs the same at any size.
with size as (
    select pg_relation_size('covers.attempts') as bytes
), counted as (
    select a.state, count(*)::float8 as number
    from (select state from covers.attempts
          limit (select case when bytes < 16 * 1024 * 1024 then null else 0 end from size)) a
    group by a.state
), estimated as (
    select v.state, round(f.share::float8 * c.reltuples) as number
    from size
    join pg_class c on c.oid = 'covers.attempts'::regclass
    join pg_stats s on s.schemaname = 'covers' and s.tablename = 'attempts' and s.attname = 'state'
    cross join lateral unnest(s.most_common_vals::text::text[]) with ordinality as v (state, place)
    join lateral unnest(s.most_common_freqs) with ordinality as f (share, place) on f.place = v.place
    where size.bytes >= 16 * 1024 * 1024 and c.reltuples > 0
)
select * from counted union all select * from estimated

-- name: count_campaigns
-- Campaigns of harvesting by state: (state, number).
select state, count(*) from harvest.campaigns group by state

-- name: count_undelivered
-- Messages about alerts that wait to be delivered: (number).
select count(*) from ops.messages where sent_at is null and dropped_at is null
