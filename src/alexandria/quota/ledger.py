"""The gate: permits from one atomic statement, and what became of each request.

The statement books the next free slot of the bucket and the units of the day together, before anything is sent, on
the database's clock. A slot is at most a moment ahead; the permit is handed over when it has come. Whoever wakes too
late gives it up, for it could meet the next one's, and asks again. Units come back only when the request certainly
never left: a process that dies in between leaves them counted.

The statement is run again when the connection breaks under it, and may then have been done twice: too much is
counted, never too little.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from alexandria.db import Database, Statement, load_statements
from alexandria.errors import DatabaseUnavailable
from alexandria.net.gate import Call, Lane, Outcome, Permit
from alexandria.quota.line import Booking, Line, Reply
from alexandria.quota.policy import FREE_FOR_ALL, LANES, PEOPLE, Policy
from alexandria.quota.slots import Slots

SQL = load_statements(__package__)
GUARD = 5.0  # seconds around a reset in which nothing is sent: it could be counted on either side
MOST_GUARD = 86_400 / 50  # but no more than this of the ledger's seconds, when tests make days short
LONGEST_WAIT = 86_400.0  # seconds that a provider can make us wait by one answer
LARGEST = 2**31 - 1
NOTE_EVERY = 1.0  # seconds between two notes of a lane's refusals


class Ledger:
    """Permits for every bucket, shared with all processes on the same database. One per process."""

    def __init__(self, database: Database, policies: Mapping[str, Policy]) -> None:
        self._database, self._policies = database, policies
        self._slots = Slots()
        self._lines: dict[tuple[str, Lane], Line] = {}
        self._refused: dict[tuple[str, Lane], int] = {}
        self._noted: dict[tuple[str, Lane], float] = {}

    async def permit(self, call: Call, patience: float) -> Permit:
        """Leave to send now, after up to `patience` seconds for the pace.

        Raises Throttled when the pace leaves no room in that time, QuotaExhausted when the day does not,
        DatabaseUnavailable, and ValueError for a bucket that has no policy.
        """
        if call.bucket not in self._policies or call.units < 0:
            raise ValueError(f"no policy for {call.units} units of bucket '{call.bucket}'")
        deadline = monotonic() + max(patience, 0.0)
        while True:
            booking = await self._line(call).book(call, deadline)
            try:
                await asyncio.sleep(self._slots.wait(booking.slot))
            except asyncio.CancelledError:
                await asyncio.shield(self._give_back(booking.permit, "cancelled"))
                raise
            if not self._slots.is_late(booking.slot):
                return replace(booking.permit, until=self._slots.latest(booking.slot))
            await self._give_back(booking.permit, "late")

    async def settle(self, permit: Permit, outcome: Outcome) -> None:
        """Nothing; the ledger knows what became of the request. A second settling changes nothing.

        Raises DatabaseUnavailable, and ValueError for a permit that is not of this ledger.
        """
        if permit.at is None:
            raise ValueError("this permit is not of this ledger")
        policy = self._policies[permit.call.bucket]
        params = {
            "id": permit.id,
            "at": permit.at,
            "sent": outcome.sent,
            "status": outcome.status,
            "error": _clean(outcome.error),
            "ms": outcome.ms,
            "bytes": outcome.bytes,
            "found": _bounded(outcome.found),
            "charged": _bounded(outcome.charged),
            "remaining": _bounded(outcome.remaining),
            "wait": _wait(outcome.wait_until),
            "allowance": policy.allowance,
            "buffer": policy.buffer,
        }
        await self._database.fetch(SQL["settle_call"], params)

    async def correct(self, bucket: str, remaining: int) -> None:
        """Nothing; the day is lowered to what the provider's own report says is left of it, never raised."""
        params = {"bucket": bucket, "remaining": _bounded(remaining), "buffer": self._policies[bucket].buffer}
        await self._database.execute(SQL["lower_window"], params)

    async def make_partitions(self) -> None:
        """Nothing; `quota.calls` has partitions for this month and the next three."""
        await self._database.fetch(SQL["make_partitions"])

    async def close(self) -> None:
        """Nothing; whoever waits for a permit is cancelled."""
        await asyncio.gather(*(line.close() for line in self._lines.values()))

    def _line(self, call: Call) -> Line:
        key = (call.bucket, call.lane)
        if key not in self._lines:
            interactive = call.lane == "interactive"
            self._lines[key] = Line(self._take, self._give_back, self._note, interactive=interactive)
        return self._lines[key]

    async def _take(self, call: Call, many: int, horizon: float) -> Reply:
        if self._slots.is_vague():
            await self._ask(SQL["read_clock"], {})
        lead = self._slots.lead
        params = {**_terms(self._policies[call.bucket], call), "many": many, "lead": lead, "horizon": lead + horizon}
        rows = await self._ask(SQL["take_permits"], params)
        if not rows:  # the first permit of this bucket ever
            await self._database.execute(SQL["open_window"], {"bucket": call.bucket})
            return await self._take(call, many, horizon)
        clock, verdict, delay, _, _, resets_at, retry_at, room = rows[0]
        self._slots.note_delay(monotonic(), clock)
        now = clock.timestamp()
        bookings = [Booking(Permit(row[3], call, row[4]), now + row[2]) for row in rows if row[3] is not None]
        free_at = self._slots.earliest(now + delay) - lead
        return Reply(verdict, bookings, free_at, retry_at, resets_at or retry_at, room)

    async def _ask(self, statement: Statement, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows; the server's time, first in each, is noted."""
        asked = monotonic()
        rows = await self._database.fetch(statement, params)
        if rows:
            self._slots.note(asked, monotonic(), rows[0][0])
        return rows

    async def _give_back(self, permit: Permit, why: str) -> None:
        with suppress(DatabaseUnavailable):  # then the units stay counted
            await self.settle(permit, Outcome(sent=False, error=why))

    async def _note(self, call: Call, reason: str, count: int) -> None:
        """Counts refusals; written down at once, then once in a while."""
        key, now = (call.bucket, call.lane), monotonic()
        self._refused[key] = self._refused.get(key, 0) + count
        if now - self._noted.get(key, now - NOTE_EVERY) < NOTE_EVERY:
            return
        self._noted[key] = now
        params = {"bucket": call.bucket, "lane": call.lane, "reason": reason, "count": self._refused.pop(key)}
        with suppress(DatabaseUnavailable):  # it is the refusal that matters
            await self._database.execute(SQL["note_refusals"], params)


def _terms(policy: Policy, call: Call) -> dict[str, Any]:
    """What a call asks for, and on which terms."""
    rule = LANES[call.lane]
    return {
        "bucket": call.bucket,
        "lane": call.lane,
        "kind": call.kind,
        "units": call.units,
        "items": call.items,
        "pace": policy.pace,
        "allowance": policy.allowance,
        "capacity": policy.capacity,
        "leaves": rule.leaves,
        "most": rule.most,
        "people": PEOPLE,
        "harvest": policy.harvest,
        "zone": policy.zone,
        "free": FREE_FOR_ALL,
        "guard": GUARD,
        "most_guard": MOST_GUARD,
    }


def _bounded(number: int | None) -> int | None:
    """The number as far as the database can hold it: a provider may say anything."""
    return None if number is None else min(max(number, 0), LARGEST)


def _clean(text: str | None) -> str | None:
    """The text as the database takes it, and not too much of it."""
    return None if text is None else "".join(filter(str.isprintable, text))[:500]


def _wait(until: datetime | None) -> float | None:
    """Seconds from now that the provider asks for."""
    if until is None:
        return None
    seconds = (until - datetime.now(UTC)).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None
