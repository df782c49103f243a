"""What callers do about single covers: give one by its address, ask for a search, say that one is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from alexandria.covers.find import USER, Candidate
from alexandria.covers.pipeline import KIND
from alexandria.covers.result import Refused
from alexandria.covers.seek import Seeker
from alexandria.covers.shelf import Shelf
from alexandria.covers.store import (
    Cover,
    find_attempts,
    mark_wrong,
    read_facts,
    unmark_wrong,
    write_attempts,
    write_covers,
)
from alexandria.db import Database
from alexandria.errors import AlexandriaError
from alexandria.net.gate import Lane
from alexandria.net.ssrf import Guard
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue, enqueue_in

PATIENCE: Final = 10.0  # seconds that somebody waits for the pace
URGENT: Final = 7  # the priority of a search that a caller asked for


class NotTaken(AlexandriaError):
    """What a caller offered becomes no cover; `reason` is why in one word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Taken:
    """A cover that a caller gave, and whether it is another one than before."""

    cover: Cover
    is_new: bool


class Offers:
    """What callers may do, with a shelf that forgets what they changed."""

    def __init__(self, database: Database, guard: Guard, seeker: Seeker, shelf: Shelf) -> None:
        self._database, self._guard, self._seeker, self._shelf = database, guard, seeker, shelf

    async def take(self, isbn: int, url: str) -> Taken:
        """The cover that is at an address, which is the ISBN's from now on: no provider's replaces it.

        Raises UrlRefused, NotTaken, ContactMissing, StoreFailed, and ProviderFailed when the host does not answer.
        """
        fetched = await self._guard.get(url, "interactive", patience=PATIENCE)
        if fetched is None:
            raise NotTaken("not_found", "there is nothing at this address")
        facts = (await read_facts(self._database, [isbn]))[isbn]
        made = await self._seeker.make(facts, Candidate(USER, url), fetched.body)
        if isinstance(made, Refused):
            raise NotTaken(made.reason, f"what is there {made.message}")
        cover, pictures = made
        await self._seeker.put(cover, pictures)
        async with self._database.transaction() as transaction:
            if not await write_covers(transaction, [cover]):
                raise NotTaken("marked_wrong", "what is there was marked wrong a moment ago")
            await write_attempts(transaction, [{"isbn": isbn, "state": "stored", "tried": []}])
        self._shelf.forget([isbn])
        return Taken(cover, facts.cover is None or facts.cover.digest != cover.digest)

    async def search(self, isbns: Sequence[int], lane: Lane, priority: int = URGENT) -> list[UUID]:
        """The job that searches for a cover of each ISBN, new or waiting already. Raises QueueFull."""
        return await enqueue(self._database, [NewJob(KIND, isbn, priority, lane) for isbn in isbns])

    async def search_once(self, isbn: int, lane: Lane, priority: int) -> bool:
        """Whether a search is under way that was asked for now; not where one was made already. Raises QueueFull."""
        if await find_attempts(self._database, [isbn]):
            return False  # when to search again is the sweep's to say
        await self.search([isbn], lane, priority)
        return True

    async def mark_wrong(self, isbn: int, by: str, *, everywhere: bool = False) -> list[int] | None:
        """The ISBNs that lost the cover, for each of which another is searched for; None when there is none."""
        async with self._database.transaction() as transaction:
            lost = await mark_wrong(transaction, isbn, by, everywhere=everywhere)
            await enqueue_in(transaction, [NewJob(KIND, each, URGENT, again=True) for each in lost or ()])
        self._shelf.forget(lost or ())
        return lost

    async def unmark_wrong(self, isbn: int) -> int:
        """How many pictures may be the ISBN's cover again; it is searched for."""
        async with self._database.transaction() as transaction:
            forgotten = await unmark_wrong(transaction, isbn)
            if forgotten:
                await enqueue_in(transaction, [NewJob(KIND, isbn, URGENT, again=True)])
        return forgotten
