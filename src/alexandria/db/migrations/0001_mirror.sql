-- The mirror of Open Library. `mirror` is replaced whole by every load (built beside as `mirror_next`, then
-- renamed), so it has no foreign keys and nothing may refer to it by object id (no views on it).
-- Numbers: an Open Library key is its number; a work of ours for edition n is -n (AXEnW); minted ones are 10^12 + n.

create schema mirror;
create schema mirror_meta;

create table mirror.authors (
    id        bigint not null,
    modified  timestamp,
    revision  integer not null,
    name      text,
    data      jsonb not null default '{}' -- alternate_names, birth_date, death_date, bio, identifiers, links, photos
);

create table mirror.works (
    id         bigint not null,
    modified   timestamp,
    revision   integer not null,
    year       smallint,
    author_ids bigint[],
    title      text,
    subtitle   text,
    data       jsonb not null default '{}' -- description, subjects, covers, first_publish_date, series, …
);

create table mirror.editions (
    id           bigint not null,
    work_id      bigint not null,
    modified     timestamp,
    revision     integer not null,
    pages        integer,
    year         smallint,
    completeness smallint not null,
    isbns        bigint[],
    author_ids   bigint[],
    title        text,
    subtitle     text,
    publisher    text,
    publish_date text,
    format       text,
    language     text,
    data         jsonb not null default '{}' -- description, subjects, identifiers, contributors, covers, publishers, …
);

-- Which editions carry an ISBN; derived from editions.isbns. A row whose completeness is -1 belongs to a
-- merged or deleted edition: the ISBN is known, its record is to be found through `redirects`.
create table mirror.edition_isbns (
    isbn         bigint not null,
    edition_id   bigint not null,
    work_id      bigint not null,
    completeness smallint not null,
    revision     integer not null
);

-- Which works an author has; derived from works.author_ids (and from editions that have no work).
create table mirror.work_authors (
    author_id bigint not null,
    work_id   bigint not null
);

-- Records that were merged into another (target) or deleted (no target), one hop at a time.
create table mirror.redirects (
    kind        text not null check (kind in ('edition', 'work', 'author')),
    id          bigint not null,
    modified    timestamp,
    revision    integer not null,
    target_kind text,
    target_id   bigint,
    isbns       bigint[]
);

alter table mirror.authors add primary key (id);
alter table mirror.works add primary key (id);
alter table mirror.editions add primary key (id);
alter table mirror.redirects add primary key (kind, id);
create index editions_work on mirror.editions (work_id, id);
create index edition_isbns_isbn on mirror.edition_isbns (isbn);
create index work_authors_author on mirror.work_authors (author_id, work_id);

-- Facts about the mirror that survive a swap.
create table mirror_meta.sync_metadata (
    key        text primary key,
    value      text not null,
    updated_at timestamptz not null default now()
);
insert into mirror_meta.sync_metadata (key, value) values
    ('ol_last_changes_sync', ''), ('ol_full_dump_version', ''), ('ol_full_dump_last_run', '');

-- Row counts as of the last swap, kept up to date by whoever changes rows; /api/stats reads them.
create table mirror_meta.counters (
    name  text primary key,
    value bigint not null
);
insert into mirror_meta.counters (name, value)
select name, 0 from unnest(array['authors', 'works', 'editions', 'edition_isbns', 'redirects', 'deletes']) as name;

create table mirror_meta.loads (
    id          bigint generated always as identity primary key,
    signature   text not null,          -- of the files and options: the same signature may resume
    files       jsonb not null,
    state       text not null default 'copying'
                check (state in ('copying', 'building', 'live', 'previous', 'replaced', 'refused', 'failed')),
    reason      text,
    counts      jsonb not null default '{}',
    newest      jsonb not null default '{}', -- table → newest last_modified in the files
    packed_bytes bigint not null default 0, -- size of the files as gzip, to forecast the next load by
    started_at  timestamptz not null default now(),
    finished_at timestamptz
);

-- Which records were changed in the live mirror, and when: a load that began before replays them before it swaps.
-- Whoever changes the live mirror writes here first, in the same transaction.
create table mirror_meta.touched (
    kind text not null check (kind in ('edition', 'work', 'author')),
    id   bigint not null,
    at   timestamptz not null default now()
);
create index touched_at on mirror_meta.touched (at);

create table mirror_meta.chunks (
    load_id bigint not null references mirror_meta.loads on delete cascade,
    file    integer not null,
    chunk   integer not null,
    lines   bigint not null,
    rows    jsonb not null,              -- table → rows copied
    newest  jsonb not null,
    primary key (load_id, file, chunk)
);

create table mirror_meta.rejects (
    load_id bigint not null references mirror_meta.loads on delete cascade,
    file    text not null,
    reason  text not null,
    count   bigint not null,
    sample  text not null,
    primary key (load_id, file, reason)
);

create table mirror_meta.gaps (
    id         bigint generated always as identity primary key,
    from_time  timestamptz not null,
    to_time    timestamptz not null,
    reason     text not null,
    closed_at  timestamptz
);
