-- What is to be done, by whom and when. `jobs` holds only what is not over yet, so its indexes stay as small as the
-- work that waits, however much was done; what is over moves to `finished` in the transaction that settles it.

create schema queue;

create table queue.jobs (
    id            uuid primary key,                 -- of version 7: new ones lie side by side in the index
    kind          text not null,                    -- the name of its handler
    key           bigint not null,                  -- an ISBN-13, or a key's number
    lane          text not null check (lane in ('anonymous', 'covers', 'harvest', 'enrichment', 'interactive')),
    priority      smallint not null check (priority between 1 and 10), -- 10 first
    payload       jsonb not null,
    attempts      smallint not null default 0,      -- leases taken that counted
    most_attempts smallint not null check (most_attempts > 0),
    worker        text,                             -- who has the lease; null: nobody
    token         bigint not null default 0,        -- of the lease, greater with each one
    run_at        timestamptz not null,             -- not before; while somebody has the lease: when it ends
    again         boolean not null default false,   -- asked for once more while it ran
    alone         boolean not null default false,   -- not in a batch with others, since it may have broken one
    lapses        smallint not null default 0,      -- leases in a row that ended with nothing said
    created_at    timestamptz not null,
    started_at    timestamptz,
    error         text                              -- why it was not done the last time
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, vacuum_truncate = false);
create unique index jobs_active on queue.jobs (key, kind);
create index jobs_due on queue.jobs (kind, priority, run_at); -- a lapsed lease is due again, like any job

create table queue.finished (
    id            uuid not null,
    kind          text not null,
    key           bigint not null,
    lane          text not null,
    priority      smallint not null,
    payload       jsonb not null,
    result        jsonb not null,
    state         text not null check (state in ('completed', 'not_found', 'dead', 'dropped')),
    attempts      smallint not null,
    most_attempts smallint not null,
    created_at    timestamptz not null,
    started_at    timestamptz,
    finished_at   timestamptz not null,
    error         text
) partition by range (finished_at);
create table queue.finished_rest partition of queue.finished default;
create index finished_id on queue.finished (id);
create index finished_dead on queue.finished (kind, id) where state = 'dead';
select mirror_meta.make_partitions('queue.finished', 3);

-- What happened to how many jobs: every statement adds a row, nobody waits for another's, and now and then they are
-- added up (minute -infinity: long ago). So depth and rate are known without counting jobs.
create table queue.tallies (
    kind      text not null,
    lane      text not null,
    minute    timestamptz not null,
    active    bigint not null default 0,            -- by how many jobs the queue grew
    running   bigint not null default 0,            -- by how many the leased ones
    completed bigint not null default 0,
    not_found bigint not null default 0,
    dead      bigint not null default 0
);
