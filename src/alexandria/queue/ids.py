"""Ids of jobs: UUIDs of version 7 (RFC 9562), which ascend with time, so that an index grows at one end only."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

_VERSION, _VARIANT = 7, 2
_LATEST = 253_402_300_799_999  # milliseconds: the end of the year 9999


def make_id() -> UUID:
    """An id that nobody had before: 48 bits of milliseconds, then 74 random ones."""
    milliseconds, random = time.time_ns() // 1_000_000, secrets.randbits(74)
    high = milliseconds << 16 | _VERSION << 12 | random >> 62
    return UUID(int=high << 64 | _VARIANT << 62 | random & (1 << 62) - 1)


def made_at(id: UUID) -> datetime | None:
    """When an id was made, to a millisecond; None for one that is none of ours."""
    milliseconds = id.int >> 80
    if id.version != 7 or milliseconds > _LATEST:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
