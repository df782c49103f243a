"""Who is logged in: somebody who has shown an admin key, for twelve hours, in one browser.

The cookie is 256 random bits. The database keeps their digest, and the key's digest under them: so nobody can make a
cookie, nobody who reads the database can be somebody, and a login ends at once with its key or by logging out.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from alexandria.db import Database, load_statements
from alexandria.keys.key import INTERNAL, digest_of, is_same

HOURS: Final = 12
LENGTH: Final = 64  # characters of a token
_SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Session:
    """A login: whose key was shown, and what every form must send to prove that it is ours."""

    key_id: str
    csrf: str = field(repr=False)


def make_token() -> str:
    """A token that nobody had before: 64 hexadecimal digits."""
    return secrets.token_hex(LENGTH // 2)


def csrf_of(token: str) -> str:
    """What forms must send back beside the cookie; it does not give the cookie away."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def proof_of(token: str, key_digest: bytes) -> bytes:
    """The digest of a key as it is kept with a login: of no use without the cookie."""
    return hmac.digest(token.encode(), key_digest, "sha256")


async def open_session(database: Database, key_id: str, key_digest: bytes) -> str:
    """The cookie of a new login."""
    token = make_token()
    params = {
        "digest": digest_of(token.encode()),
        "key_id": key_id,
        "proof": proof_of(token, key_digest),
        "seconds": HOURS * 3_600,
    }
    await database.execute(_SQL["add_session"], params)
    return token


async def find_session(database: Database, token: str, internal_key: str | None) -> Session | None:
    """Whose cookie it is; None where it is nobody's (any more). `internal_key` is the bootstrap key of the settings."""
    if len(token) != LENGTH or not token.isascii():
        return None
    row = await database.fetch_one(_SQL["find_session"], {"digest": digest_of(token.encode())})
    if row is None:
        return None
    key_id, proof, key_digest = row
    if key_id == INTERNAL:
        key_digest = digest_of(internal_key.encode()) if internal_key else None
    if key_digest is None or not is_same(proof, proof_of(token, key_digest)):
        return None
    return Session(key_id, csrf_of(token))


async def end_session(database: Database, token: str) -> None:
    """Nothing; the cookie is nobody's from now on."""
    await database.execute(_SQL["end_session"], {"digest": digest_of(token.encode())})
