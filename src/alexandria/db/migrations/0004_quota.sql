-- What providers allow, and what was used of it: every process asks here before each single request.

create schema quota;

-- For tests: a row makes the ledger's clock read `ours` when the server's read `theirs`, and run at `speed` since.
-- Without a row it is the server's clock.
create table quota.clock (
    one    boolean primary key default true check (one),
    speed  double precision not null check (speed > 0),
    theirs timestamptz not null,
    ours   timestamptz not null
);

-- The ledger's time. In PL/pgSQL, whose plans are kept from call to call.
create function quota.now() returns timestamptz language plpgsql volatile as $$
declare
    clock quota.clock;
begin
    select * into clock from quota.clock;
    if not found then
        return clock_timestamp();
    end if;
    return clock.ours
        + make_interval(secs => extract(epoch from clock_timestamp() - clock.theirs)::double precision * clock.speed);
end
$$;

-- Seconds of the ledger's clock in one second of the server's.
create function quota.speed() returns double precision language plpgsql stable as $$
begin
    return coalesce((select speed from quota.clock), 1);
end
$$;

-- What the server's clock reads when the ledger's reads `moment`.
create function quota.real(moment timestamptz) returns timestamptz language plpgsql stable as $$
declare
    clock quota.clock;
begin
    select * into clock from quota.clock;
    if not found then
        return moment;
    end if;
    return clock.theirs
        + make_interval(secs => extract(epoch from moment - clock.ours)::double precision / clock.speed);
end
$$;

-- One row for each bucket, locked for the length of one statement by whoever wants a permit. Its page is kept nearly
-- empty and nothing that changes is indexed, so that a new version of the row costs no index entry.
create table quota.windows (
    bucket        text primary key,
    began_at      timestamptz,                 -- of the day that is counted; null: there was no permit yet
    resets_at     timestamptz,                 -- when it ends
    slot_at       timestamptz,                 -- of the last permit
    blocked_until timestamptz,                 -- the provider asks for patience until then
    throttled     smallint not null default 0, -- answers 429 in a row
    ceiling       bigint,                      -- the most units of this day by the provider's count, where that is less
    interactive   bigint not null default 0,   -- units used this day, by lane
    enrichment    bigint not null default 0,
    harvest       bigint not null default 0,
    covers        bigint not null default 0,
    anonymous     bigint not null default 0
) with (fillfactor = 10);

-- How often a lane got no permit, and why the last time.
create table quota.refusals (
    bucket     text not null,
    lane       text not null,
    count      bigint not null,
    reason     text not null check (reason in ('pace', 'blocked', 'day', 'lane')),
    refused_at timestamptz not null,
    primary key (bucket, lane)
) with (fillfactor = 50);

create table quota.breakers (
    bucket      text primary key,
    failures    integer not null default 0,  -- in a row
    openings    smallint not null default 0, -- since the last success
    opened_at   timestamptz,                 -- null: closed
    open_until  timestamptz,                 -- then one probe at a time
    probe_until timestamptz,                 -- a probe is under way, at most until then
    reason      text,                        -- of the last failure
    failed_at   timestamptz
) with (fillfactor = 50);

-- One row for each physical request, made when it is permitted: what was not settled is counted as sent.
create sequence quota.call_ids;
create table quota.calls (
    at         timestamptz not null,        -- its slot
    id         bigint not null default nextval('quota.call_ids'),
    bucket     text not null,
    lane       text not null,
    kind       text not null,
    units      integer not null check (units >= 0),
    items      integer not null,
    found      integer,
    sent       boolean,                     -- null: not known (yet)
    status     smallint,
    error      text,
    ms         real,
    bytes      bigint,
    charged    integer,                     -- units, by the provider's answer
    refunded   integer not null default 0,  -- units, because it was not sent
    settled_at timestamptz,
    primary key (at, id)
) partition by range (at);
create table quota.calls_rest partition of quota.calls default;
select mirror_meta.make_partitions('quota.calls', 3);
