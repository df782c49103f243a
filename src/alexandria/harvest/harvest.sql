-- name: add_campaign
-- Starts a campaign, unless the same one is active: (id, is it new).
with added as (
    insert into harvest.campaigns (kind, title, signature, parameters, created_by)
    values (%(kind)s, %(title)s, %(signature)s, %(parameters)s::jsonb, %(by)s)
    on conflict (signature) where state in ('planning', 'running', 'paused') do nothing
    returning id
)
select id, true from added
union all
select id, false from harvest.campaigns
where signature = %(signature)s and state in ('planning', 'running', 'paused') and not exists (select from added)

-- name: read_campaign
-- What a campaign is about and where it stands: (parameters, state, planned, is_planned).
select parameters::text, state, planned, is_planned from harvest.campaigns where id = %(id)s

-- name: lock_campaign
-- As `read_campaign`; nobody else changes it until the transaction ends.
select parameters::text, state, planned, is_planned from harvest.campaigns where id = %(id)s for update

-- name: find_campaigns
-- Campaigns with their numbers, one or the newest: (id, kind, title, state, is_planned, units, pages, seen, new, updated,
-- known, waits_until, reason, created_by, created_at, ended_at, seconds so far, steps pending, active, done, failed,
-- skipped). Only steps that are not over are counted, of which there are never many.
select c.id, c.kind, c.title, c.state, c.is_planned, c.units, c.pages, c.seen, c.new, c.updated, c.known,
    case when c.waits_until > now() and c.state = 'running' then c.waits_until end,
    case when c.state <> 'running' or c.waits_until > now() then c.reason end,
    c.created_by, c.created_at, c.ended_at,
    extract(epoch from coalesce(c.ended_at, now()) - c.created_at)::float8,
    (select count(*) from harvest.steps s where s.campaign_id = c.id and s.state = 'pending'),
    (select count(*) from harvest.steps s where s.campaign_id = c.id and s.state = 'active'),
    c.done, c.failed, c.skipped
from (select * from harvest.campaigns where %(id)s::bigint is null or id = %(id)s::bigint
      order by id desc limit %(limit)s) c
order by c.id desc

-- name: find_failures
-- Steps that failed, or ended before the last page, the newest first: (key, name, state, reason).
select key, name, state, reason from harvest.steps
where campaign_id = %(id)s and reason is not null and state in ('failed', 'done')
order by state = 'failed' desc, updated_at desc limit %(limit)s

-- name: set_state
-- Pauses, resumes or cancels a campaign that is in one of these states: (id).
update harvest.campaigns
set state = %(state)s, reason = %(reason)s, waits_until = null, updated_at = now(),
    ended_at = case when %(state)s = 'cancelled' then now() end
where id = %(id)s and state = any(%(from)s::text[])
returning id

-- name: list_active
-- The steps of a campaign that are under way: (id).
select id from harvest.steps where campaign_id = %(id)s and state = 'active' order by id

-- name: list_running
-- Campaigns that are not over and not paused: (id, state, is_planned).
select id, state, is_planned from harvest.campaigns where state in ('planning', 'running') order by id

-- name: note_planned
-- The list of steps has been made so far: (the campaign's state).
update harvest.campaigns
set planned = %(planned)s, skipped = skipped + %(skipped)s, is_planned = %(is_planned)s, updated_at = now(),
    state = case when state = 'planning' then 'running' else state end
where id = %(id)s
returning state

-- name: add_steps
-- Adds steps in their order; authors that were harvested not long ago are skipped when `fresh` says since when: (how many
-- are).
with added as (
insert into harvest.steps (campaign_id, number, key, name, state, reason)
select %(id)s, t.number, t.key, t.name,
    case when a.author_id is null then 'pending' else 'skipped' end,
    case when a.author_id is not null then 'harvested on ' || to_char(a.harvested_at at time zone 'utc', 'YYYY-MM-DD') end
from unnest(%(numbers)s::bigint[], %(keys)s::bigint[], %(names)s::text[]) as t (number, key, name)
left join harvest.authors a on %(fresh)s::float8 is not null and a.author_id = t.key and a.is_whole
    and a.harvested_at > now() - make_interval(secs => %(fresh)s::float8)
order by t.number
on conflict do nothing
returning state)
select count(*) from added where state = 'skipped'

-- name: activate
-- Puts up to so many of the next steps under way, as long as no more than `most` are: (id).
update harvest.steps set state = 'active', updated_at = now()
where id = any(array(
    select id from harvest.steps where campaign_id = %(id)s and state = 'pending' order by number
    limit greatest(%(most)s - (select count(*) from harvest.steps where campaign_id = %(id)s and state = 'active'), 0)
    for update skip locked))
returning id

-- name: count_pending
-- How many steps of a campaign wait for their turn: (number).
select count(*) from harvest.steps where campaign_id = %(id)s and state = 'pending'

-- name: finish
-- Ends a campaign whose steps are all over: (id).
update harvest.campaigns c
set state = 'done', ended_at = now(), updated_at = now(), waits_until = null, reason = null
where c.id = %(id)s and c.state = 'running' and c.is_planned
    and not exists (select from harvest.steps s where s.campaign_id = c.id and s.state in ('pending', 'active'))
returning c.id

-- name: read_step
-- A step, and its campaign: (campaign_id, key, name, page, pages, digest, misses, state, the campaign's state, parameters).
select s.campaign_id, s.key, s.name, s.page, s.pages, s.digest, s.misses, s.state, c.state, c.parameters::text
from harvest.steps s join harvest.campaigns c on c.id = s.campaign_id
where s.id = %(id)s

-- name: move_step
-- A page of a step is stored: (id), no row when somebody else stored it already.
update harvest.steps
set page = coalesce(%(next)s::int, page), pages = pages + %(pages)s, total = coalesce(%(total)s, total),
    editions = editions + %(editions)s, digest = %(digest)s, misses = 0, reason = %(reason)s, updated_at = now(),
    state = case when %(next)s::int is null then 'done' else 'active' end
where id = %(id)s and page = %(page)s and state = 'active'
returning id

-- name: end_step
-- A step is given up: (id).
update harvest.steps set state = 'failed', reason = %(reason)s, updated_at = now()
where id = %(id)s and state = 'active'
returning id

-- name: count_miss
-- An answer was of no use for a step.
update harvest.steps set misses = misses + 1, updated_at = now() where id = %(id)s and page = %(page)s and state = 'active'

-- name: add_numbers
-- Adds to what a campaign has done: (its state, is its list of steps whole).
update harvest.campaigns
set units = units + %(units)s, pages = pages + %(pages)s, seen = seen + %(seen)s, new = new + %(new)s,
    updated = updated + %(updated)s, known = known + %(known)s, done = done + %(done)s, failed = failed + %(failed)s,
    updated_at = now(), waits_until = null
where id = %(id)s
returning state, is_planned

-- name: note_wait
-- Why a campaign cannot go on, and until when.
update harvest.campaigns
set waits_until = greatest(waits_until, %(until)s), reason = %(reason)s, updated_at = now()
where id = %(id)s and state = 'running'

-- name: note_author
-- Whose bibliography was fetched, and how far; a part never takes the place of the whole.
insert into harvest.authors as a (author_id, pages, total, is_whole)
values (%(key)s, %(pages)s, %(total)s, %(is_whole)s)
on conflict (author_id) do update set
    pages = greatest(a.pages, excluded.pages), total = coalesce(excluded.total, a.total),
    is_whole = a.is_whole or excluded.is_whole,
    harvested_at = case when excluded.is_whole then excluded.harvested_at else a.harvested_at end

-- name: count_queue
-- How many jobs are active: (number).
select coalesce(sum(active), 0)::bigint from queue.tallies

-- name: let_run_long
-- Until the end of the transaction a statement may take so many milliseconds: (setting).
select set_config('statement_timeout', %(ms)s::text, true)

-- name: lock_ranks
-- Nobody else ranks until the transaction ends: (nothing).
select pg_advisory_xact_lock(hashtextextended('harvest.ranks', 0))

-- name: age_of_ranks
-- How many authors are ranked, and since how many seconds: (number, seconds).
select count(*), extract(epoch from now() - min(ranked_at))::float8 from harvest.ranks

-- name: rank_authors
-- The authors of the mirror whose works have the most editions and readers, ten readers counting as one edition:
-- (author_id, name, editions, works).
select a.id, a.name, r.editions, r.works
from (select w.author_id, sum(e.editions)::bigint as editions, count(*) as works,
          sum(e.editions) + coalesce(sum(p.ratings + p.want + p.reading + p.have_read), 0) / 10 as popularity
      from mirror.work_authors w
      join (select work_id, count(*) as editions from mirror.editions group by work_id) e on e.work_id = w.work_id
      left join mirror.popularity p on p.work_id = w.work_id
      group by w.author_id
      order by 4 desc, 3 desc, 1
      limit %(limit)s) r
join mirror.authors a on a.id = r.author_id
order by r.popularity desc, r.works desc, a.id

-- name: forget_ranks
-- Removes all ranks.
delete from harvest.ranks

-- name: write_ranks
-- Stores ranks, the first author's is 1.
insert into harvest.ranks (rank, author_id, name, editions, works)
select t.rank, t.id, t.name, t.editions, t.works
from unnest(%(ids)s::bigint[], %(names)s::text[], %(editions)s::bigint[], %(works)s::bigint[])
    with ordinality as t (id, name, editions, works, rank)

-- name: list_ranks
-- Authors by rank: (rank, author_id, name, editions).
select rank, author_id, name, editions from harvest.ranks where rank between %(first)s and %(last)s order by rank

-- name: list_authors
-- Authors of the mirror by number, after one of them: (author_id, name).
select id, name from mirror.authors where id > %(after)s order by id limit %(limit)s

-- name: find_authors
-- Authors by number, those that were merged into another as that one, with the editions of their works:
-- (number asked for, author_id, name, editions).
select i.id, t.id, coalesce(x.chosen ->> 'name', a.name),
    (select count(*) from mirror.work_authors w join mirror.editions e on e.work_id = w.work_id
     where w.author_id = t.id)
from unnest(%(ids)s::bigint[]) as i (id)
cross join lateral (select coalesce((select merged_into from enriched.authors m where m.author_id = i.id), i.id) as id) t
left join mirror.authors a on a.id = t.id
left join enriched.authors x on x.author_id = t.id
where coalesce(x.chosen ->> 'name', a.name) is not null

-- name: find_named
-- The author of a name in lower case who has the most works: (author_id, name).
select a.id, a.name from mirror.authors a
where lower(a.name) = %(name)s
order by (select count(*) from mirror.work_authors w where w.author_id = a.id) desc, a.id
limit 1

-- name: find_redirect
-- What an author was merged into at Open Library: (author_id).
select target_id from mirror.redirects where kind = 'author' and id = %(id)s and target_kind = 'author'

-- name: count_tier
-- Of the authors of these ranks: (how many there are, editions of each in the mirror).
select count(*), coalesce(array_agg(r.editions order by r.rank), '{}')
from harvest.ranks r
left join harvest.authors a on %(fresh)s::float8 is not null and a.author_id = r.author_id and a.is_whole
    and a.harvested_at > now() - make_interval(secs => %(fresh)s::float8)
where r.rank between %(first)s and %(last)s and a.author_id is null

-- name: find_tiers
-- Campaigns about authors of the last time that were done, or are not over: (title, is it active).
select title, bool_or(state <> 'done') from harvest.campaigns
where kind = 'authors' and (state in ('planning', 'running', 'paused')
    or (state = 'done' and created_at > now() - make_interval(secs => %(fresh)s::float8)))
group by title
