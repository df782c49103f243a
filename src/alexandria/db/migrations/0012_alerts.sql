-- What operators are told: which processes live and what they counted, what is wrong, and which messages say so.

-- One row for each running process; one that ends of itself takes its row with it, one that is killed does not.
create table ops.processes (
    id         text primary key,                    -- host:pid:random
    service    text not null,                       -- api, worker, scheduler
    host       text not null,
    started_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    disks      jsonb not null default '[]',         -- [{folder, free, total}], bytes
    counters   jsonb not null default '{}'          -- telemetry.metrics: metric → [[labels, numbers], …] since its start
) with (fillfactor = 50);

-- What processes did, by minute: for shares and rates of the last minutes and the last day.
create table ops.minutes (
    minute   timestamptz not null,
    process  text not null,
    requests bigint not null default 0,             -- answered by the API
    errors   bigint not null default 0,             -- of these with 5xx
    lookups  bigint not null default 0,             -- ISBNs looked up
    hits     bigint not null default 0,             -- of these found
    primary key (minute, process)
) with (fillfactor = 50);

-- What is done by whoever comes first: once in each stretch of time, by any number of processes.
create table ops.rounds (
    name text primary key,
    at   timestamptz not null                       -- the beginning of the last stretch in which it was done
);

create table ops.alerts (
    id               bigint generated always as identity primary key,
    rule             text not null,
    subject          text not null,                 -- what it is about: a bucket, a kind of job, a host, …
    severity         text not null check (severity in ('info', 'warning', 'critical')),
    summary          text not null,
    runbook          text not null,                 -- the name of its page
    value            double precision,              -- as of `last_seen_at`
    raised_at        timestamptz not null,
    last_seen_at     timestamptz not null,
    resolved_at      timestamptz,                   -- null: open
    told_raised_at   timestamptz,                   -- when a message was written that says so
    told_resolved_at timestamptz
);
create unique index alerts_open on ops.alerts (rule, subject) where resolved_at is null;
create index alerts_raised on ops.alerts (raised_at);

-- What is to be delivered, until it was.
create table ops.messages (
    id         bigint generated always as identity primary key,
    title      text not null,
    body       text not null,
    severity   text not null check (severity in ('info', 'warning', 'critical')),
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(),  -- not before; while somebody delivers it: when that is given up
    tries      smallint not null default 0,
    reached    text[] not null default '{}',        -- the receivers that took it, each by a fingerprint
    error      text,                                -- why the last try reached not all
    sent_at    timestamptz,                         -- when all had it
    dropped_at timestamptz                          -- when it was given up
);
create index messages_due on ops.messages (due_at) where sent_at is null and dropped_at is null;
