-- name: read_mirror_facts
-- What Open Library says of ISBNs: (isbn, numbers of covers as JSON or null, Internet Archive ids as JSON or null).
-- The edition that answers for an ISBN is the one of a lookup (catalog.sql, find_by_isbn).
select found.isbn, (e.data -> 'covers')::text, (e.data -> 'identifiers' -> 'ocaid')::text
from (
    select distinct on (isbn) isbn, edition_id, work_id, completeness
    from mirror.edition_isbns where isbn = any(%(isbns)s::bigint[])
    order by isbn, completeness desc, revision desc, edition_id) found
join mirror.editions e on e.work_id = found.work_id and e.id = found.edition_id
where found.completeness >= 0

-- name: read_answer_facts
-- What answers say of covers: (isbn, provider, source, when, JSON of the addresses and of the Internet Archive ids).
select id, provider, source, updated_at, jsonb_strip_nulls(jsonb_build_object(
    'url', fields -> 'cover_url', 'large', fields -> 'cover_url_large', 'medium', fields -> 'cover_url_medium',
    'small', fields -> 'cover_url_small', 'ocaids', fields -> 'identifiers' -> 'ocaid'))::text
from enriched.answers
where kind = 'edition' and id = any(%(isbns)s::bigint[])
order by id, updated_at desc

-- name: find_covers
-- Covers by ISBN, whole.
select isbn, hash, width, height, colour, preview, look, provider, url, page_url, licence, licence_url, author, stored_at
from covers.covers where isbn = any(%(isbns)s::bigint[])

-- name: find_hashes
-- What serving needs: (isbn, hash, stored_at).
select isbn, hash, stored_at from covers.covers where isbn = any(%(isbns)s::bigint[])

-- name: find_wrong
-- Pictures that were marked wrong for ISBNs, and (isbn 0) for all: (isbn, hash, look, url).
select isbn, hash, look, url from covers.wrong where isbn = any(%(isbns)s::bigint[] || 0::bigint)

-- name: write_covers
-- Stores covers, a JSON list of rows: (isbn) of those stored. What a user gave is not replaced by a provider's, and
-- what was marked wrong in the meantime stays away.
insert into covers.covers as c
    (isbn, hash, width, height, colour, preview, look, provider, url, page_url, licence, licence_url, author, stored_at)
select r.isbn, decode(r.hash, 'hex'), r.width, r.height, r.colour, r.preview, r.look, r.provider, r.url, r.page_url,
    r.licence, r.licence_url, r.author, clock_timestamp()
from jsonb_to_recordset(%(rows)s::jsonb) as r (isbn bigint, hash text, width smallint, height smallint, colour text,
    preview text, look bigint, provider text, url text, page_url text, licence text, licence_url text, author text)
where not exists (select from covers.wrong w where w.isbn in (0, r.isbn) and w.hash = decode(r.hash, 'hex'))
order by r.isbn
on conflict (isbn) do update set
    hash = excluded.hash, width = excluded.width, height = excluded.height, colour = excluded.colour,
    preview = excluded.preview, look = excluded.look, provider = excluded.provider, url = excluded.url,
    page_url = excluded.page_url, licence = excluded.licence, licence_url = excluded.licence_url,
    author = excluded.author, stored_at = excluded.stored_at
where c.provider <> 'user' or excluded.provider = 'user'
returning c.isbn

-- name: write_attempts
-- Notes searches, a JSON list of rows: `pause` seconds until the next one, or `days` by how often in a row in vain.
insert into covers.attempts as a (isbn, state, reason, tried, times, at, next_at)
select r.isbn, r.state, r.reason, r.tried,
    case when r.state = 'stored' then 0 when r.days is null then coalesce(o.times, 0) else n.times end, now(),
    now() + case when r.pause is not null then make_interval(secs => r.pause)
        when r.days is not null then make_interval(days => r.days[least(n.times, cardinality(r.days))]) end
from jsonb_to_recordset(%(rows)s::jsonb)
    as r (isbn bigint, state text, reason text, tried jsonb, pause double precision, days integer[])
left join covers.attempts o on o.isbn = r.isbn
cross join lateral (select least(coalesce(o.times, 0) + 1, 1000) as times) n
order by r.isbn
on conflict (isbn) do update set state = excluded.state, reason = excluded.reason, tried = excluded.tried,
    times = excluded.times, at = excluded.at, next_at = excluded.next_at

-- name: find_attempts
-- The last search for each ISBN: (isbn, state, reason, tried as JSON, times, at, next_at).
select isbn, state, reason, tried::text, times, at, next_at
from covers.attempts where isbn = any(%(isbns)s::bigint[])

-- name: lock_cover
-- The cover of an ISBN, held until the transaction ends: (hash, look, url).
select hash, look, url from covers.covers where isbn = %(isbn)s for update

-- name: mark_wrong
-- Notes that a picture is no cover of an ISBN, or (0) of any.
insert into covers.wrong (isbn, hash, look, url, marked_by)
values (%(isbn)s, %(hash)s, %(look)s, %(url)s, %(by)s)
on conflict (isbn, hash) do update set marked_by = excluded.marked_by, marked_at = now()

-- name: delete_cover
-- Takes the cover of an ISBN away.
delete from covers.covers where isbn = %(isbn)s

-- name: delete_picture
-- Takes a picture away from all ISBNs: (isbn).
delete from covers.covers where hash = %(hash)s returning isbn

-- name: unmark_wrong
-- Forgets what was marked wrong for an ISBN.
delete from covers.wrong where isbn = %(isbn)s

-- name: search_at_once
-- The next search for ISBNs is due.
update covers.attempts set next_at = now() where isbn = any(%(isbns)s::bigint[])

-- name: find_due
-- ISBNs whose next search is due, the longest waiting first: (isbn).
select isbn from covers.attempts where next_at <= now() order by next_at limit %(limit)s

-- name: put_off
-- The next search for ISBNs is an hour away: somebody was just asked to make it.
update covers.attempts set next_at = now() + interval '1 hour' where isbn = any(%(isbns)s::bigint[])

-- name: sweep_place
-- How far the sweep has come: (isbn).
select coalesce((select after from covers.sweep), 0)

-- name: move_sweep
-- The sweep has come so far.
insert into covers.sweep (after) values (%(after)s) on conflict (one) do update set after = excluded.after

-- name: sweep
-- The next editions that somebody knows more of than the mirror, in order: (isbn, whether a search is needed).
select e.isbn, c.isbn is null and a.isbn is null
from (select isbn from enriched.editions where isbn > %(after)s order by isbn limit %(window)s) e
left join covers.covers c on c.isbn = e.isbn
left join covers.attempts a on a.isbn = e.isbn
order by e.isbn

-- name: count_backlog
-- How things stand: (covers, pictures, ISBNs searched in vain, refused, to be tried again, due now, never searched).
select (select count(*) from covers.covers), (select count(distinct hash) from covers.covers),
    count(*) filter (where a.state = 'missing'), count(*) filter (where a.state = 'refused'),
    count(*) filter (where a.state = 'later'), count(*) filter (where a.next_at <= now()),
    (select count(*) from enriched.editions e
     where not exists (select from covers.covers c where c.isbn = e.isbn)
         and not exists (select from covers.attempts x where x.isbn = e.isbn))
from covers.attempts a

-- name: list_hashes
-- The pictures that covers have, in order, after one of them: (hash, how many ISBNs, one of them).
select hash, count(*), min(isbn) from covers.covers where hash > %(after)s
group by hash order by hash limit %(limit)s

-- name: drop_covers_of
-- Takes pictures away that are not in the store any more: (isbn).
delete from covers.covers where hash = any(%(hashes)s::bytea[]) returning isbn

-- name: which_hashes
-- Those of the pictures that a cover has: (hash).
select distinct hash from covers.covers where hash = any(%(hashes)s::bytea[])

-- name: find_active_job
-- The job that searches for a cover, waiting or running: (id, whether it runs).
select id, worker is not null and run_at > now() from queue.jobs where kind = %(kind)s and key = %(isbn)s
