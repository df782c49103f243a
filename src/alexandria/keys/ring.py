"""Checking keys for the API: in memory where it can, by one statement where it must.

What the database said of a key is believed for `FRESH` seconds, so a revoked key works that much longer, and no more.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from alexandria.db import Database
from alexandria.keys.key import INCLUDES, INTERNAL, digest_of, is_same, read_key_id
from alexandria.keys.store import KeyRecord, find_key, touch_key

FRESH = 5.0  # seconds
MOST_UNKNOWN = 1_000  # ids that do not exist, remembered at a time: a stranger can invent any number
TOUCH_AFTER = 60.0  # seconds between two notes of a key's use

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a valid key, and all that its scope includes."""

    key_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Denied:
    """A key that opens nothing, and why; says no more than its holder may know."""

    reason: str


Verdict = Holder | Denied
UNKNOWN = Denied("This key is not known here.")
REVOKED = Denied("This key was revoked.")
EXPIRED = Denied("This key has expired.")
_OWNER = Holder(INTERNAL, INCLUDES["admin"])


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is believed of an id until a moment: the digest of its key, and what is said to who has it."""

    digest: bytes
    verdict: Verdict
    until: float


class KeyRing:
    """The keys of a database, and the bootstrap key, which is not stored. One for each process and event loop."""

    def __init__(
        self, database: Database, internal_key: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._internal = digest_of(internal_key.encode()) if internal_key else None
        self._clock = clock
        self._known: dict[str, _Entry] = {}  # no more than there ever were keys
        self._unknown: dict[str, float] = {}  # id → until when it is believed not to exist; the oldest first
        self._asking: dict[str, asyncio.Task[_Entry | None]] = {}
        self._touched: dict[str, float] = {}
        self._touching: set[asyncio.Task[None]] = set()

    def recall(self, text: bytes) -> Verdict | None:
        """What is known of a key without asking the database; None when it has to be asked."""
        digest = digest_of(text)
        if self._internal and is_same(digest, self._internal):
            return _OWNER
        key_id = read_key_id(text)
        now = self._clock()
        if key_id is None or self._unknown.get(key_id, now) > now:
            return UNKNOWN
        entry = self._known.get(key_id)
        return self._judged(key_id, digest, entry) if entry and entry.until > now else None

    async def check(self, text: bytes) -> Verdict:
        """What the database says of a key. Raises DatabaseUnavailable."""
        key_id = read_key_id(text)
        if key_id is None:
            return UNKNOWN
        asking = self._asking.get(key_id)
        if asking is None:
            asking = self._asking[key_id] = asyncio.create_task(self._ask(key_id))
            asking.add_done_callback(lambda done: self._asked(key_id, done))
        return self._judged(key_id, digest_of(text), await asyncio.shield(asking))  # others may wait for it too

    async def close(self) -> None:
        """Nothing; what was noted is written."""
        await asyncio.gather(*self._touching, return_exceptions=True)

    async def _ask(self, key_id: str) -> _Entry | None:
        record = await find_key(self._database, key_id)
        now = self._clock()
        if record is None:
            self._unknown.pop(key_id, None)  # so that it becomes the newest
            self._unknown[key_id] = now + FRESH
            if len(self._unknown) > MOST_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
            return None
        entry = self._known[key_id] = _believed(key_id, record, now)
        return entry

    def _asked(self, key_id: str, done: "asyncio.Task[_Entry | None]") -> None:
        del self._asking[key_id]
        if not done.cancelled():
            done.exception()  # seen, even if all who waited have gone

    def _judged(self, key_id: str, digest: bytes, entry: _Entry | None) -> Verdict:
        if entry is None or not is_same(digest, entry.digest):
            return UNKNOWN
        if isinstance(entry.verdict, Holder):
            self._note_use(key_id)
        return entry.verdict

    def _note_use(self, key_id: str) -> None:
        """Nothing; the time of use is written beside the request, which does not wait for it."""
        now = self._clock()
        if now - self._touched.get(key_id, -TOUCH_AFTER) >= TOUCH_AFTER:
            self._touched[key_id] = now
            touching = asyncio.get_running_loop().create_task(self._touch(key_id))
            self._touching.add(touching)
            touching.add_done_callback(self._touching.discard)

    async def _touch(self, key_id: str) -> None:
        try:
            await touch_key(self._database, key_id)
        except Exception as error:  # a database that is away or read-only: nothing that a request depends on
            log.warning("last use of a key not written", key_id=key_id, error=type(error).__name__)


def _believed(key_id: str, record: KeyRecord, now: float) -> _Entry:
    """What is believed of a key, until it expires at the latest."""
    left = FRESH if record.seconds_left is None else record.seconds_left
    if record.revoked:
        verdict: Verdict = REVOKED
    elif left <= 0:
        verdict, left = EXPIRED, FRESH
    else:
        verdict = Holder(key_id, INCLUDES[record.scope])
    return _Entry(record.digest, verdict, now + min(left, FRESH))
