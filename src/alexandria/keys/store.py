"""The statements about API keys."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from alexandria.db import Database, load_statements
from alexandria.errors import AlexandriaError, BadInput
from alexandria.keys.key import SCOPES, NewKey, make_key

LONGEST_NAME = 100
State = Literal["active", "expired", "revoked"]
_SQL = load_statements(__package__)


class KeyUnknown(AlexandriaError):
    """There is no API key with this id."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A stored key, as it is listed; times in UTC."""

    id: str
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a check needs of a key; `seconds_left` until it expires, None for never."""

    scope: str
    digest: bytes = field(repr=False)
    revoked: bool
    seconds_left: float | None


async def create_key(
    database: Database, name: str, scope: str, expires_at: datetime | None = None
) -> tuple[NewKey, datetime]:
    """A new key, whose text is known nowhere else, and when it was made. Raises BadInput."""
    name = _checked_name(name)
    if scope not in SCOPES:
        raise BadInput("scope", f"must be one of {', '.join(SCOPES)}")
    while True:
        key = make_key()
        params = {"id": key.id, "name": name, "scope": scope, "digest": key.digest, "expires_at": expires_at}
        async with database.transaction() as transaction:
            row = await transaction.fetch_one(_SQL["create_key"], params)
        if row:
            return key, row[0]


def _checked_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput("name", f"must have 1 to {LONGEST_NAME} characters")
    if not name.isprintable():
        raise BadInput("name", "must be printable")
    return name


async def list_keys(database: Database) -> list[ApiKey]:
    """Every key, the newest first; expired and revoked ones too."""
    rows = await database.fetch(_SQL["list_keys"])
    return [ApiKey(*row) for row in rows]


async def find_key(database: Database, key_id: str) -> KeyRecord | None:
    """What is stored under an id."""
    row = await database.fetch_one(_SQL["find_key"], {"id": key_id})
    return KeyRecord(*row) if row else None


async def revoke_key(database: Database, key_id: str) -> tuple[str, datetime]:
    """The name of the key, and when it was revoked: now, or before. Raises KeyUnknown."""
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(_SQL["revoke_key"], {"id": key_id})
    if row is None:
        raise KeyUnknown(f"there is no key with the id {key_id}: see `alexandria keys list`")
    return row[0], row[1]


async def touch_key(database: Database, key_id: str) -> None:
    """Nothing; the key counts as used now."""
    await database.execute(_SQL["touch_key"], {"id": key_id})
