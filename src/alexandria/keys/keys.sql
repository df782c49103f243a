-- name: create_key
-- Stores a key and gives (created_at); nothing when its id is taken.
insert into keys.api_keys (id, name, scope, digest, expires_at)
values (%(id)s, %(name)s, %(scope)s, %(digest)s, %(expires_at)s)
on conflict (id) do nothing
returning created_at

-- name: list_keys
-- Every key, the newest first: (id, name, scope, created_at, expires_at, revoked_at, last_used_at, state).
select id, name, scope, created_at, expires_at, revoked_at, last_used_at,
       case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end
from keys.api_keys
order by created_at desc, id

-- name: find_key
-- What a check needs: (scope, digest, revoked, seconds until it expires or null for never).
select scope, digest, revoked_at is not null, extract(epoch from expires_at - now())::float8
from keys.api_keys
where id = %(id)s

-- name: revoke_key
-- Revokes a key, once, and gives (name, revoked_at).
update keys.api_keys
set revoked_at = coalesce(revoked_at, now())
where id = %(id)s
returning name, revoked_at

-- name: touch_key
-- Notes that a key is in use, at most once a minute whoever asks.
update keys.api_keys
set last_used_at = now()
where id = %(id)s and (last_used_at is null or last_used_at <= now() - interval '1 minute')
