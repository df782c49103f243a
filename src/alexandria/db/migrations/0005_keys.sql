-- API keys. The key itself is not here: only a digest of it, from which nobody gets it back.

create schema keys;

create table keys.api_keys (
    id           text primary key check (id ~ '^[a-z2-7]{10}$'), -- the part of the key that may be shown
    name         text not null check (length(name) between 1 and 100),
    scope        text not null check (scope in ('read', 'write', 'admin')),
    digest       bytea not null check (length(digest) = 32),    -- SHA-256 of the whole key
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz                                    -- to about a minute
);
