-- Who is logged in.

-- name: add_session
-- Remembers a login, and forgets those that are over.
with gone as (delete from ops.sessions where expires_at <= now())
insert into ops.sessions (digest, key_id, proof, expires_at)
values (%(digest)s, %(key_id)s, %(proof)s, now() + make_interval(secs => %(seconds)s::float8))

-- name: find_session
-- A login that is not over: (key_id, proof, digest of its key); the digest is null where no key of that id has every
-- right now.
select s.key_id, s.proof, k.digest
from ops.sessions s
left join keys.api_keys k
    on k.id = s.key_id and k.scope = 'admin' and k.revoked_at is null and coalesce(k.expires_at > now(), true)
where s.digest = %(digest)s and s.expires_at > now()

-- name: end_session
-- Forgets a login.
delete from ops.sessions where digest = %(digest)s
