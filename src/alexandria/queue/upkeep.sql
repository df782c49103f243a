-- What keeps the queue's tables small.

-- name: fold_tallies
-- Adds tallies up, by minute for the last ten minutes, when there are more than `many` rows of them.
with taken as (
    delete from queue.tallies
    where ctid = any (array(select ctid from queue.tallies for update skip locked))
      and (select count(*) from (select 1 from queue.tallies limit %(many)s::bigint + 1) as enough) > %(many)s::bigint
    returning *
)
insert into queue.tallies (kind, lane, minute, active, running, completed, not_found, dead)
select kind, lane, date, sum(active), sum(running), sum(completed), sum(not_found), sum(dead)
from (select *, case when minute > coalesce(%(now)s::timestamptz, now()) - interval '11 minutes' then minute
                     else '-infinity'::timestamptz end as date
      from taken) as dated
group by kind, lane, date

-- name: make_partitions
-- Makes the partitions of finished jobs for the next months, where somebody else does not just now.
select mirror_meta.make_partitions('queue.finished', 3) where pg_try_advisory_xact_lock(7310579)
