-- What the dashboard remembers: who is logged in, and how things stood minute by minute.

-- Of what a browser's cookie holds, only a digest is here: who reads this table can be nobody.
create table ops.sessions (
    digest     bytea primary key check (length(digest) = 32), -- SHA-256 of the cookie
    key_id     text not null,                                 -- the API key that was shown
    proof      bytea not null check (length(proof) = 32),     -- that key's digest, under the cookie
    expires_at timestamptz not null
);
create index sessions_expiry on ops.sessions (expires_at);

-- One row a minute, for the curves. `queue`: kind → [pending, running, and ever: completed, not_found, dead];
-- `quota`: bucket → units used of its day.
create table ops.history (
    minute timestamptz primary key,
    queue  jsonb not null,
    quota  jsonb not null
);

-- The newest attempts to learn something, and what is old enough for the archive.
create index log_at on enriched.log (at);
