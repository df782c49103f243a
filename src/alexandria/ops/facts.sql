-- What the rules of alerts look at; a few index probes and small tables, however much there is.

-- name: read_mirror_facts
-- How the mirror fares: (now, is a job under way that follows changes, why the newest load was refused).
select coalesce(%(now)s::timestamptz, now()),
       exists (select from queue.jobs where kind = 'changes'),
       (select case when state = 'refused' then coalesce(reason, 'no reason is known') end
        from mirror_meta.loads order by id desc limit 1)

-- name: count_dead_some
-- How many jobs lie dead, by kind, as far as a thousand and one: (kind, number); kinds without dead ones are left out.
select k.kind, d.number
from (select distinct kind from queue.tallies) k
cross join lateral (
    select count(*) as number
    from (select from queue.finished where state = 'dead' and kind = k.kind limit 1001) found) d
where d.number > 0

-- name: count_errors
-- What the API answered in the last five minutes: (requests, 5xx among them).
select coalesce(sum(requests), 0)::bigint, coalesce(sum(errors), 0)::bigint
from ops.minutes where minute > coalesce(%(now)s::timestamptz, now()) - interval '5 minutes'

-- name: list_services
-- The services of which a process was heard of in a day: (service, how many live, when one was heard of last).
select service,
       count(*) filter (where seen_at > coalesce(%(now)s::timestamptz, now()) - make_interval(secs => %(silent)s)),
       max(seen_at)
from ops.processes where seen_at > coalesce(%(now)s::timestamptz, now()) - interval '1 day'
group by service order by service

-- name: list_disks
-- The disks of hosts on which processes live, as they were seen last: (host, folder, free, total), bytes.
select distinct on (p.host, d.folder) p.host, d.folder, d.free, d.total
from ops.processes p cross join lateral jsonb_to_recordset(p.disks) as d (folder text, free bigint, total bigint)
where p.seen_at > coalesce(%(now)s::timestamptz, now()) - make_interval(secs => %(silent)s)
order by p.host, d.folder, p.seen_at desc
