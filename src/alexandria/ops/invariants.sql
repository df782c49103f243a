-- What must hold at any moment, whoever was killed: each statement counts what breaks one promise and names an example,
-- (number, example); the example is null when nothing does. A whole mirror is read for some of them.

-- name: jobs_stuck
-- Jobs whose lease ended more than a lease ago and that nobody took up.
select count(*), min(kind || ' ' || key) from queue.jobs
where worker is not null and run_at < now() - make_interval(secs => %(lease)s::float8)

-- name: jobs_twice
-- Jobs that are over and active at once, or over twice.
select count(*), min(kind || ' ' || key) from (
    select kind, key from (
        select id, kind, key from queue.jobs union all select id, kind, key from queue.finished) as every
    group by id, kind, key having count(*) > 1) as twice

-- name: tallies_wrong
-- Kinds and lanes of which the tallies say another number than there are jobs.
select count(*), min(concat_ws(' ', kind, lane, told, 'told,', counted, 'counted')) from (
    select kind, lane, (coalesce(t.active, 0), coalesce(t.running, 0))::text as told,
        (coalesce(j.active, 0), coalesce(j.running, 0))::text as counted
    from (select kind, lane, sum(active)::bigint as active, sum(running)::bigint as running
          from queue.tallies group by kind, lane) t
    full join (select kind, lane, count(*) as active, count(worker) as running
               from queue.jobs group by kind, lane) j using (kind, lane)) as compared
where told <> counted

-- name: misses_known
-- ISBNs of which it is remembered that nobody knows them, although a provider has answered since.
select count(*), min(m.isbn)::text from enriched.misses m
where exists (select from enriched.answers a where a.kind = 'edition' and a.id = m.isbn
              and a.provider not in ('user', 'match') and a.updated_at > m.asked_at)

-- name: fields_unexplained
-- Chosen values of editions that no answer gives; the two that are no field are ours.
select count(*), min(e.isbn || ' ' || field) from enriched.editions e cross join jsonb_object_keys(e.chosen) field
where field not in ('completeness', 'updated_at')
  and not exists (select from enriched.answers a where a.kind = 'edition' and a.id = e.isbn and a.fields ? field)

-- name: works_missing
-- Editions whose chosen work is one of ours, and nowhere. One of Open Library's may come with its next dump.
select count(*), min(e.isbn || ' ' || e.work_id) from enriched.editions e
where e.work_id > 1000000000000
  and not exists (select from enriched.works w where w.work_id = e.work_id)

-- name: names_empty
-- Works and authors of ours that have a number and no record.
select count(*), min(n.kind || ' ' || n.id) from enriched.names n
where not exists (select from enriched.works w where n.kind = 'work' and w.work_id = n.id)
  and not exists (select from enriched.authors a where n.kind = 'author' and a.author_id = n.id)

-- name: lists_wrong
-- ISBNs in the mirror's list that no record has, or that are not in it.
select count(*), min(isbn)::text from (
    (select isbn, edition_id, work_id, completeness, revision from mirror.edition_isbns
     except all
     (select isbn, id, work_id, completeness, revision from mirror.editions cross join unnest(isbns) isbn
      union all
      select isbn, id, 0, -1, revision from mirror.redirects cross join unnest(isbns) isbn where kind = 'edition'))
    union all
    ((select isbn, id, work_id, completeness, revision from mirror.editions cross join unnest(isbns) isbn
      union all
      select isbn, id, 0, -1, revision from mirror.redirects cross join unnest(isbns) isbn where kind = 'edition')
     except all
     select isbn, edition_id, work_id, completeness, revision from mirror.edition_isbns)) as differing

-- name: counters_wrong
-- Counts of the mirror that are not what there is.
select count(*), min(concat_ws(' ', name, c.value, 'told,', n.value, 'counted')) from mirror_meta.counters c join (
    select 'authors' as name, count(*) as value from mirror.authors
    union all select 'works', count(*) from mirror.works
    union all select 'editions', count(*) from mirror.editions
    union all select 'edition_isbns', count(*) from mirror.edition_isbns
    union all select 'redirects', count(*) from mirror.redirects where target_id is not null
    union all select 'deletes', count(*) from mirror.redirects where target_id is null) n using (name)
where c.value <> n.value

-- name: mirror_half
-- More than one load that is said to serve, or a mirror half made that no load goes on with.
select (greatest(serving - 1, 0) + (has_next and open = 0)::int)::bigint,
    case when serving > 1 then serving || ' loads serve' when has_next and open = 0 then 'mirror_next is nobody''s' end
from (select count(*) filter (where state = 'live') as serving,
             count(*) filter (where state in ('copying', 'building')) as open,
             to_regnamespace('mirror_next') is not null as has_next
      from mirror_meta.loads) as counted

-- name: ledger_wrong
-- Buckets whose day says another number of units than the calls that were made in it.
select count(*), min(concat_ws(' ', bucket, told, 'told,', counted, 'counted')) from (
    select w.bucket, w.interactive + w.enrichment + w.harvest + w.covers + w.anonymous as told,
        coalesce((select sum(case when c.sent is false then 0 else coalesce(c.charged, c.units) end)
                  from quota.calls c where c.bucket = w.bucket and c.at >= w.began_at), 0) as counted
    from quota.windows w where w.began_at is not null) as compared
where told <> counted

-- name: covers_unsaid
-- ISBNs whose last search is said to have stored a cover where there is none.
select count(*), min(a.isbn)::text from covers.attempts a
where a.state = 'stored' and not exists (select from covers.covers c where c.isbn = a.isbn)
  and not exists (select from covers.wrong w where w.isbn in (0, a.isbn))

-- name: pages_wrong
-- Campaigns that count other pages than their steps.
select count(*), min(c.title) from harvest.campaigns c
where c.pages <> (select coalesce(sum(s.pages), 0) from harvest.steps s where s.campaign_id = c.id)

-- name: steps_idle
-- Steps of running campaigns that are under way and have no job.
select count(*), min(c.title || ' ' || s.name) from harvest.steps s join harvest.campaigns c on c.id = s.campaign_id
where s.state = 'active' and c.state = 'running'
  and not exists (select from queue.jobs j where j.kind = 'harvest-step' and j.key = s.id)

-- name: ticks_lost
-- Firings of the schedule whose job is neither waiting nor over; those of the last days, since old ones are archived.
select count(*), min(t.name || ' ' || t.at) from ops.ticks t
where t.fired_at > now() - interval '7 days'
  and not exists (select from queue.jobs j where j.id = t.job_id)
  and not exists (select from queue.finished f where f.id = t.job_id)
