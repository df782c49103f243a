-- Covers of editions, by ISBN-13. The pictures are in the object store; their keys are made of `hash` (covers.keys).

create schema covers;

-- The covers that exist: a lookup joins by ISBN, and a row means that there is something to be shown.
create table covers.covers (
    isbn        bigint primary key,
    hash        bytea not null check (length(hash) = 20), -- of the three pictures together
    width       smallint not null,                       -- of the large picture, in pixels
    height      smallint not null,
    colour      text not null,                           -- the main one, #rrggbb
    preview     text not null,                           -- a BlurHash
    look        bigint not null,                         -- a number that the same picture shares at any size
    provider    text not null,                           -- whose picture it is; 'user' outranks all others
    url         text,                                    -- where it was, without what may be secret
    page_url    text,                                    -- what to link to where the licence asks for it
    licence     text,
    licence_url text,
    author      text,
    stored_at   timestamptz not null default now()
) with (fillfactor = 90);
create index covers_hash on covers.covers (hash);

-- The last search for each ISBN, and when to search again.
create table covers.attempts (
    isbn    bigint primary key,
    state   text not null check (state in ('stored', 'missing', 'refused', 'later')),
    reason  text,                             -- why there is no (better) cover, in one sentence
    tried   jsonb not null default '[]',      -- whom we asked, in order: provider, outcome, reason
    times   smallint not null default 0,      -- searches in vain, in a row
    at      timestamptz not null default now(),
    next_at timestamptz                       -- null: no more by itself
) with (fillfactor = 80);
create index attempts_due on covers.attempts (next_at) where next_at is not null;

-- Pictures that are no cover: of one ISBN, or (isbn 0) of any, as "no image available" is.
create table covers.wrong (
    isbn      bigint not null,
    hash      bytea not null,
    look      bigint not null,
    url       text,
    marked_by text not null,
    marked_at timestamptz not null default now(),
    primary key (isbn, hash)
);

-- How far the search for editions without a cover has come: it goes round and round, a piece at a time.
create table covers.sweep (
    one   boolean primary key default true check (one),
    after bigint not null default 0 -- the last ISBN looked at
);
