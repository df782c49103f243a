-- What the pipeline remembers: ISBNs that nobody knows, and the numbers of works and authors of ours.

create table enriched.misses (
    isbn     bigint primary key,
    times    smallint not null,      -- in a row
    asked_at timestamptz not null,
    until    timestamptz not null    -- nobody is asked again before
);

-- One number for each work or author that we made up, by what makes two of them the same (enrichment.match).
create sequence enriched.minted as bigint;
create table enriched.names (
    kind      text not null check (kind in ('work', 'author')),
    match_key text not null,
    id        bigint not null,
    primary key (kind, match_key)
);

-- Authors that may be meant by a name. Every load makes the new mirror with the same indexes.
create index authors_name on mirror.authors (lower(name));
