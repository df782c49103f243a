-- Alerts: what is wrong, since when, and the messages that say so.

-- name: list_open_alerts
-- What is wrong now, the worst first: (id, rule, subject, severity, summary, runbook, value, raised_at, last_seen_at,
-- resolved_at).
select id, rule, subject, severity, summary, runbook, value, raised_at, last_seen_at, resolved_at
from ops.alerts where resolved_at is null
order by array_position(array['critical', 'warning', 'info'], severity), raised_at, id

-- name: list_past_alerts
-- What was wrong, the latest first, as `list_open_alerts` gives it.
select id, rule, subject, severity, summary, runbook, value, raised_at, last_seen_at, resolved_at
from ops.alerts where resolved_at is not null
order by raised_at desc, id desc limit %(limit)s

-- name: claim_round
-- Begins the round of this stretch of time, unless somebody else has: a row for who may.
insert into ops.rounds as r (name, at)
values (%(name)s, date_bin(make_interval(secs => %(seconds)s), coalesce(%(now)s::timestamptz, now()),
                           timestamptz '2000-01-01Z'))
on conflict (name) do update set at = excluded.at where r.at < excluded.at
returning at

-- name: note_alerts
-- Raises what is wrong and not open yet, notes of the rest that it was seen, and resolves what was not seen for a while:
-- (id, was it raised just now, severity) for each that was raised or resolved.
with told as (
    select * from unnest(%(rules)s::text[], %(subjects)s::text[], %(severities)s::text[], %(summaries)s::text[],
                         %(runbooks)s::text[], %(values)s::float8[])
        as t (rule, subject, severity, summary, runbook, value)
), clock as (
    select coalesce(%(now)s::timestamptz, now()) as now
), noted as (
    insert into ops.alerts as a (rule, subject, severity, summary, runbook, value, raised_at, last_seen_at)
    select t.rule, t.subject, t.severity, t.summary, t.runbook, t.value, clock.now, clock.now
    from told t, clock order by t.rule, t.subject
    on conflict (rule, subject) where resolved_at is null do update set
        summary = excluded.summary, value = excluded.value,
        last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)
    returning id, xmax = 0 as is_new, severity
), resolved as (
    update ops.alerts a set resolved_at = clock.now
    from clock
    where a.resolved_at is null and a.last_seen_at <= clock.now - make_interval(secs => %(patience)s)
      and not exists (select from told t where t.rule = a.rule and t.subject = a.subject)
    returning a.id, false, a.severity
)
select id, is_new, severity from noted where is_new
union all
select * from resolved

-- name: list_untold
-- Alerts of which no message said yet that they were raised, or that they were resolved within a day, of some ids or all:
-- as `list_open_alerts` gives them, then whether it was told that they were raised.
select id, rule, subject, severity, summary, runbook, value, raised_at, last_seen_at, resolved_at,
       told_raised_at is not null
from ops.alerts
where (%(ids)s::bigint[] is null or id = any(%(ids)s::bigint[]))
  and ((resolved_at is null and told_raised_at is null)
       or (told_resolved_at is null and resolved_at > coalesce(%(now)s::timestamptz, now()) - interval '1 day'))
order by array_position(array['critical', 'warning', 'info'], severity), raised_at, id
for update

-- name: set_told
-- Notes that a message says all there is to say about some alerts.
update ops.alerts
set told_raised_at = coalesce(told_raised_at, %(now)s::timestamptz, now()),
    told_resolved_at = case when resolved_at is not null then coalesce(%(now)s::timestamptz, now()) end
where id = any(%(ids)s::bigint[])

-- name: add_message
-- Writes a message that is to be delivered.
insert into ops.messages (title, body, severity) values (%(title)s, %(body)s, %(severity)s)

-- name: claim_message
-- A message that is due, for whoever delivers it within two minutes: (id, title, body, severity, reached, tries, is it a
-- day old).
update ops.messages
set due_at = now() + interval '2 minutes', tries = least(tries + 1, 30000)
where id = (select id from ops.messages
            where sent_at is null and dropped_at is null and due_at <= now()
            order by due_at limit 1 for update skip locked)
returning id, title, body, severity, reached, tries, created_at < now() - interval '1 day'

-- name: settle_message
-- Says what became of a message, unless somebody else tries by now: it was sent, is given up, or waits.
update ops.messages
set reached = %(reached)s::text[], error = %(error)s,
    sent_at = case when %(error)s::text is null then now() end,
    dropped_at = case when %(error)s::text is not null and %(give_up)s::bool then now() end,
    due_at = now() + make_interval(secs => %(pause)s)
where id = %(id)s and tries = %(tries)s and sent_at is null

-- name: list_undelivered
-- Messages that wait or were given up within a week: (title, created_at, tries, error, was it given up).
select title, created_at, tries, error, dropped_at is not null
from ops.messages
where sent_at is null and (dropped_at is null or dropped_at > now() - interval '7 days')
order by id

-- name: forget_alerts
-- Forgets what was over three months ago.
with old as (delete from ops.messages where created_at < now() - interval '90 days')
delete from ops.alerts where resolved_at < now() - interval '90 days'
