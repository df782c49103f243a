-- What is collected without being asked for: campaigns and their steps, and which authors come first.

create schema harvest;

-- One run of a harvest. What a campaign is about never changes; the numbers grow with each page, in the transaction
-- that stores it.
create table harvest.campaigns (
    id          bigint generated always as identity primary key,
    kind        text not null check (kind in ('authors', 'releases')),
    title       text not null,                      -- for people: "top-1000", "2026-10 to 2026-11"
    signature   text not null,                      -- the same one is not started twice at a time
    parameters  jsonb not null,                     -- harvest.plan
    state       text not null default 'planning'
                check (state in ('planning', 'running', 'paused', 'done', 'cancelled')),
    planned     bigint not null default 0,          -- how far the list of steps has been made
    is_planned  boolean not null default false,     -- whether the list is whole
    units       bigint not null default 0,          -- of requests that were answered
    pages       bigint not null default 0,
    seen        bigint not null default 0,          -- editions on them
    new         bigint not null default 0,          -- of these: not known before, changed, as they were
    updated     bigint not null default 0,
    known       bigint not null default 0,
    waits_until timestamptz,                        -- it can do nothing before, and why
    reason      text,
    created_by  text not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    ended_at    timestamptz
) with (fillfactor = 50);
create unique index campaigns_active on harvest.campaigns (signature) where state in ('planning', 'running', 'paused');

-- One author or one month of a campaign. `page` is the next one to ask for; whoever stores it moves it on, and only
-- from the page that they read: so a page is stored once, whoever else is at work.
create table harvest.steps (
    id          bigint generated always as identity primary key,
    campaign_id bigint not null references harvest.campaigns on delete cascade,
    number      bigint not null,                    -- its place in the campaign
    key         bigint not null,                    -- an author's number, or 202611
    name        text not null,                      -- what the provider is asked for
    state       text not null default 'pending'
                check (state in ('pending', 'active', 'done', 'failed', 'skipped')),
    page        integer not null default 1,
    pages       integer not null default 0,         -- stored
    total       bigint,                             -- as the provider counts
    editions    bigint not null default 0,
    digest      bytea,                              -- of the last page, to notice one that repeats
    misses      smallint not null default 0,        -- answers in a row that were of no use
    reason      text,                               -- why it failed, was skipped, or ended early
    updated_at  timestamptz not null default now(),
    unique (campaign_id, number),
    unique (campaign_id, key)
) with (fillfactor = 80);
create index steps_open on harvest.steps (campaign_id, number) where state = 'pending';
create index steps_active on harvest.steps (campaign_id) where state = 'active';

-- Whose bibliography was fetched, so that nobody is asked for it again soon.
create table harvest.authors (
    author_id    bigint primary key,
    pages        integer not null,
    total        bigint,
    is_whole     boolean not null,                  -- up to the provider's last page
    harvested_at timestamptz not null default now()
);

-- The authors with the most editions, without institutions and the like (harvest.people).
create table harvest.ranks (
    rank      integer primary key,
    author_id bigint not null,
    name      text not null,
    editions  bigint not null,
    works     bigint not null,
    ranked_at timestamptz not null default now()
);
