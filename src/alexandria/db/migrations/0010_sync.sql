-- Following Open Library's changes between two dumps, and what runs by schedule.

-- Which part of its files a load took: changes and the next dump are held to the same part.
alter table mirror_meta.loads
    add column part jsonb not null default '{}'; -- with_isbn, languages

-- Stretches of time whose changes could not be read. A `kind` or `bot` says that only those are missing.
alter table mirror_meta.gaps
    add column kind text,
    add column bot boolean,
    add column noted_at timestamptz not null default now(),
    add column closed_by bigint; -- the load that brought what was missing; null: read after all
create unique index gaps_open on mirror_meta.gaps (from_time, coalesce(kind, ''), coalesce(bot::text, ''))
    where closed_at is null;

-- Records that are known to have changed at Open Library and are not here yet.
create table mirror_meta.behind (
    kind       text not null check (kind in ('edition', 'work', 'author')),
    id         bigint not null,
    revision   integer not null,            -- the least that is wanted; 0: whatever there is, once more
    changed_at timestamptz not null,
    tries      smallint not null default 0, -- in vain
    reason     text,                        -- why the last one was
    primary key (kind, id)
);

insert into mirror_meta.sync_metadata (key, value) values ('ol_last_changes_id', '') on conflict do nothing;

-- Editions by the authors that they name themselves: when authors are merged, they are led to the one that is left.
create index editions_authors on mirror.editions using gin (author_ids);

-- Where the folding again of what a new mirror may have changed has come to.
create table enriched.sweep (
    one     boolean primary key default true check (one),
    load_id bigint not null,           -- the load whose mirror is gone through, or was
    kind    text not null,             -- of the last record
    after   bigint not null,           -- its id
    is_done boolean not null default false
);

-- What runs by schedule. `since`: nothing that was due earlier is made up for.
create schema if not exists ops;
create table ops.schedules (
    name      text primary key,
    since     timestamptz not null default now(),
    is_paused boolean not null default false
);

-- Each firing once, by whichever scheduler came first; with the job that it enqueued.
create table ops.ticks (
    name     text not null,
    at       timestamptz not null, -- when it was due; by hand: when it was asked for
    fired_at timestamptz not null default now(),
    by_hand  boolean not null default false,
    job_id   uuid not null,
    primary key (name, at)
);

-- Removes empty partitions by month that end before a moment, where nobody uses the table for longer than a moment.
create function mirror_meta.drop_partitions(parent regclass, before timestamptz) returns integer language plpgsql as $$
declare
    part record;
    ends timestamptz;
    is_empty boolean;
    dropped integer := 0;
begin
    perform set_config('lock_timeout', '1s', true);
    for part in
        select c.oid::regclass as name, pg_get_expr(c.relpartbound, c.oid) as bound
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = parent and pg_get_expr(c.relpartbound, c.oid) like 'FOR VALUES%'
    loop
        ends := substring(part.bound from $re$ TO \('([^']+)'\)$re$)::timestamptz;
        continue when ends is null or ends > before;
        begin
            execute format('lock table %s in access exclusive mode', part.name);
            execute format('select not exists (select from %s)', part.name) into is_empty;
            if is_empty then
                execute format('drop table %s', part.name);
                dropped := dropped + 1;
            end if;
        exception when lock_not_available then
            null; -- another day
        end;
    end loop;
    return dropped;
end
$$;
