-- What was learned beside the mirror. `answers` is the truth: who said what about which record, and when. The rest of
-- the schema is derived from it by folding (enrichment.merge) and can be made again. An edition's id is its ISBN-13,
-- since it may be known before Open Library has it; works and authors have the numbers of their keys.

create schema enriched;

create table enriched.answers (
    kind       text not null check (kind in ('edition', 'work', 'author')),
    id         bigint not null,
    provider   text not null,
    source     text not null,                -- the API key that wrote it, or 'self' for what we fetched
    licence    text not null check (licence in ('open', 'attribution', 'proprietary')),
    fields     jsonb not null,               -- what it says, by field
    said       jsonb not null,               -- field → when it was said, as text
    locks      text[] not null default '{}', -- fields of a user's answer that nothing may replace
    quality    smallint not null,
    record     text,                         -- the provider's own name of the record, and its revision
    revision   text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (kind, id, provider, source)
);

-- The fields in which another answer beat the mirror, in the form in which they are served.
create table enriched.editions (
    isbn         bigint primary key,
    work_id      bigint,                     -- null: the mirror's
    chosen       jsonb not null default '{}',
    completeness smallint not null default 0,
    quality      smallint not null default 0,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now()
) with (fillfactor = 80);
create index editions_work on enriched.editions (work_id) where work_id is not null;

create table enriched.works (
    work_id      bigint primary key,
    merged_into  bigint,                     -- by hand, see merges
    author_ids   bigint[],                   -- null: the mirror's
    chosen       jsonb not null default '{}',
    completeness smallint not null default 0,
    quality      smallint not null default 0,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now()
) with (fillfactor = 80);
create index works_merged on enriched.works (merged_into) where merged_into is not null;

create table enriched.authors (
    author_id    bigint primary key,
    merged_into  bigint,
    name         text,                       -- as it is shown: the chosen one, after a merge that of the other author
    chosen       jsonb not null default '{}',
    completeness smallint not null default 0,
    quality      smallint not null default 0,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now()
) with (fillfactor = 80);
create index authors_merged on enriched.authors (merged_into) where merged_into is not null;

-- Which works an author has beside those of the mirror; derived from works.author_ids.
create table enriched.work_authors (
    author_id bigint not null,
    work_id   bigint not null,
    primary key (author_id, work_id)
);

-- Merges by hand, of works or authors; taken back they keep their row.
create table enriched.merges (
    id        bigint generated always as identity primary key,
    kind      text not null check (kind in ('work', 'author')),
    from_id   bigint not null,
    into_id   bigint not null check (into_id <> from_id),
    merged_by text not null,
    merged_at timestamptz not null default now(),
    undone_by text,
    undone_at timestamptz
);
create unique index merges_active on enriched.merges (kind, from_id) where undone_at is null;

-- Every attempt to learn something, also those that changed nothing or failed.
create table enriched.log (
    at             timestamptz not null default clock_timestamp(),
    kind           text not null,
    id             bigint not null,
    provider       text not null,
    source         text not null,
    operation      text not null,
    success        boolean not null,
    fields_updated text[] not null default '{}',
    error          text,
    ms             real
) partition by range (at);
create table enriched.log_rest partition of enriched.log default;
create index log_record on enriched.log (kind, id, at);

-- Makes a table's partitions for this month and the next ones; rows that are in the default partition stay there.
create function mirror_meta.make_partitions(parent regclass, ahead integer) returns void language plpgsql as $$
declare
    month date;
begin
    for n in 0..ahead loop
        month := date_trunc('month', now() at time zone 'utc') + make_interval(months => n);
        begin
            execute format('create table if not exists %s_%s partition of %s for values from (%L) to (%L)',
                parent, to_char(month, 'YYYY_MM'), parent, month || ' 00:00:00+00',
                (month + interval '1 month')::date || ' 00:00:00+00');
        exception when check_violation then
            null;
        end;
    end loop;
end
$$;
select mirror_meta.make_partitions('enriched.log', 3);
