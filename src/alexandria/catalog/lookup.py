"""The hot path: editions by ISBN, with concurrent askers sharing statements.

A lookup that finds no statement in flight runs at once, in the caller's own task. What arrives meanwhile waits and is
asked for together in the next pair of statements, so load makes statements bigger, not more.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from math import ceil
from time import perf_counter
from typing import cast

from alexandria.catalog.records import MOST_MERGES, Place, follow, place_params, with_isbn
from alexandria.db import Database, array_param, load_statements
from alexandria.telemetry.metrics import Metrics

SQL = load_statements(__package__)
IN_FLIGHT = 2  # statement pairs at a time: one being worked on by the database while the other is being read
LARGEST = 1_000  # ISBNs in one statement
PART = 250  # of a batch's ISBNs in one statement: two are worked on at a time, and nobody waits long for their turn


class State(Enum):
    """An ISBN that has no edition: known to be deleted, or not known at all."""

    DELETED = "deleted"
    MISSING = "missing"


Outcome = bytes | State


class Lookup:
    """Editions by ISBN. One per process; what it finds is counted in `metrics`."""

    def __init__(self, database: Database, metrics: Metrics | None = None) -> None:
        self._database, self._metrics = database, metrics or Metrics()
        self._reader = database.reader(IN_FLIGHT)
        self._in_flight = 0
        self._waiting: dict[int, list[asyncio.Future[Outcome]]] = {}

    async def one(self, isbn: int) -> Outcome:
        """The edition for an ISBN as a JSON object, or why there is none. Raises DatabaseUnavailable."""
        begun = perf_counter()
        outcome: Outcome | None = None
        try:
            if self._in_flight < IN_FLIGHT:
                outcome = (await self._fetch([isbn]))[isbn]
            else:
                future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
                self._waiting.setdefault(isbn, []).append(future)
                outcome = await future
            return outcome
        finally:
            self._metrics.note_lookup(_word(outcome), perf_counter() - begun)

    async def many(self, isbns: Iterable[int]) -> Mapping[int, Outcome]:
        """The outcome for each ISBN, in one pair of statements for each so many. Raises DatabaseUnavailable."""
        asked = list(dict.fromkeys(isbns))
        size = ceil(len(asked) / ceil(len(asked) / PART)) if asked else 1
        found = await asyncio.gather(*(self._find(asked[at : at + size]) for at in range(0, len(asked), size)))
        outcomes = {isbn: outcome for part in found for isbn, outcome in part.items()}
        for outcome in outcomes.values():
            self._metrics.batched.add(_word(outcome))
        return outcomes

    async def close(self) -> None:
        """Nothing; closes the connections."""
        await self._reader.close()

    async def _fetch(self, isbns: list[int]) -> Mapping[int, Outcome]:
        self._in_flight += 1
        try:
            return await self._find(isbns)
        finally:
            self._in_flight -= 1
            if self._waiting:
                asyncio.get_running_loop().create_task(self._serve_waiting())

    async def _serve_waiting(self) -> None:
        if not self._waiting or self._in_flight >= IN_FLIGHT:
            return
        if len(self._waiting) <= LARGEST:
            batch, self._waiting = self._waiting, {}
        else:
            batch = {isbn: self._waiting.pop(isbn) for isbn in list(self._waiting)[:LARGEST]}
        outcomes: Mapping[int, Outcome] | Exception
        try:
            outcomes = await self._fetch(list(batch))
        except Exception as error:  # told to everybody who waits
            outcomes = error
        for isbn, futures in batch.items():
            for future in futures:
                if future.done():  # whoever waited has gone
                    continue
                if isinstance(outcomes, Exception):
                    future.set_exception(outcomes)
                else:
                    future.set_result(outcomes[isbn])

    async def _find(self, isbns: list[int]) -> Mapping[int, Outcome]:
        """The outcome for each ISBN; two statements, and more only for those of merged editions and works."""
        self._metrics.lookup_batch.observe(len(isbns))
        outcomes: dict[int, Outcome] = dict.fromkeys(isbns, State.MISSING)
        asked: dict[int, Place] = {}
        overlays: list[bytes] = []
        covered: set[int] = set()
        for row in await self._reader.fetch(SQL["find_by_isbn"], {"isbns": array_param(isbns)}):
            isbn, edition, home, completeness = map(int, cast(list[bytes], row[:4]))
            work, chosen, cover = row[4:]
            if completeness < 0:
                target = await follow(self._database, "edition", edition)
                if target is None and not _is_something(chosen):
                    outcomes[isbn] = State.DELETED
                    continue
                home, edition = target or (0, 0)
            elif not (edition or _is_something(chosen)):
                continue
            asked[isbn] = Place(home, edition, int(work) if work else home)
            if chosen:
                overlays.append(b'"%d":%b' % (isbn, chosen))
            if cover is not None:
                covered.add(isbn)
        if asked:
            await self._read(asked, b"{%b}" % b",".join(overlays), covered, outcomes)
        return outcomes

    async def _read(
        self,
        asked: Mapping[int, Place],
        overlays: bytes,
        covered: Collection[int],
        outcomes: dict[int, Outcome],
        hops: int = MOST_MERGES,
    ) -> None:
        params = {name: array_param(values) for name, values in place_params(asked).items()}
        moved: dict[int, Place] = {}
        for row in await self._reader.fetch(SQL["read_editions"], {**params, "overlays": overlays}):
            isbn, body, target = int(cast(bytes, row[0])), cast(bytes, row[1]), row[2]
            outcomes[isbn] = with_isbn(isbn, body, isbn in covered)
            if target is not None:
                moved[isbn] = asked[isbn]._replace(work=int(target))
        if moved and hops:  # their work was merged into another, by hand: shown with that one
            await self._read(moved, overlays, covered, outcomes, hops - 1)


def _word(outcome: Outcome | None) -> str:
    """How an outcome is counted; None is a failure."""
    if outcome is None:
        return "failed"
    return outcome.value if isinstance(outcome, State) else "hit"


def _is_something(chosen: bytes | None) -> bool:
    return chosen is not None and chosen != b"{}"
