"""The queue before the ledger, in one process, for one lane of one bucket.

Whoever wants a permit stands in line. One task asks the ledger for the first, and in the same statement for all in
line who want the same, so that a crowd makes statements bigger, not more. Nothing is asked for ahead: every permit
has somebody who uses it, and one that nobody waits for any more is given back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Literal

from alexandria.errors import ProviderFailed, QuotaExhausted, Throttled
from alexandria.net.gate import Call, Permit

MOST = 50  # permits in one statement
HORIZON = 0.1  # seconds ahead that a slot is taken: what a killed process holds is lost
SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 1.0  # before the ledger is asked again
INTERACTIVE_HORIZON = 2.0  # further than the others, so that somebody who waits comes before them
Verdict = Literal["granted", "wait", "blocked", "day", "lane"]


@dataclass(frozen=True, slots=True)
class Booking:
    """A permit and its slot, in seconds since 1970 on the server's clock."""

    permit: Permit
    slot: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What the ledger says: bookings when granted, else why not.

    `free_at`: the first moment of `monotonic` at which a slot may be had at once. `retry_at`, `resets_at`: when to ask
    again, and when the next day begins. `room`: units that the lane has left.
    """

    verdict: Verdict
    bookings: Sequence[Booking]
    free_at: float
    retry_at: datetime
    resets_at: datetime
    room: int | None


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    call: Call
    deadline: float
    booked: asyncio.Future[Booking]


Ask = Callable[[Call, int, float], Awaitable[Reply]]
GiveBack = Callable[[Permit, str], Awaitable[None]]
Note = Callable[[Call, str, int], Awaitable[None]]


class Line:
    """Those who wait in one process for permits of one lane."""

    def __init__(self, ask: Ask, give_back: GiveBack, note: Note, *, interactive: bool) -> None:
        self._ask, self._give_back, self._note = ask, give_back, note
        self._horizon = INTERACTIVE_HORIZON if interactive else HORIZON
        self._waiters: list[_Waiter] = []
        self._server: asyncio.Task[None] | None = None
        self._full: Reply | None = None  # the last answer that there is no slot yet, and how long it is repeated
        self._full_until = 0.0

    async def book(self, call: Call, deadline: float) -> Booking:
        """A permit whose slot is near, and not after the deadline. Raises Throttled, QuotaExhausted."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(call, deadline, loop.create_future())
        if self._full and deadline < self._full.free_at and monotonic() < self._full_until:
            await self._refuse([waiter], self._full)
        else:
            self._waiters.append(waiter)
        if self._server is None and self._waiters:
            self._server = loop.create_task(self._serve())
        try:
            return await waiter.booked
        except asyncio.CancelledError:
            if waiter.booked.done() and not waiter.booked.cancelled() and not waiter.booked.exception():
                await asyncio.shield(self._give_back(waiter.booked.result().permit, "cancelled"))
            raise

    async def close(self) -> None:
        """Nothing; whoever still waits is cancelled."""
        for waiter in self._waiters:
            waiter.booked.cancel()
        if self._server:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)

    async def _serve(self) -> None:
        try:
            while group := self._next_group():
                try:
                    await self._serve_group(group)
                except Exception as error:  # told to those who waited for it
                    for waiter in group:
                        self._fail(waiter, error)
        finally:
            self._server = None

    def _next_group(self) -> list[_Waiter]:
        """The first in line, and the others who want the same."""
        self._waiters = [waiter for waiter in self._waiters if not waiter.booked.done()]
        return [waiter for waiter in self._waiters if waiter.call == self._waiters[0].call][:MOST]

    async def _serve_group(self, group: list[_Waiter]) -> None:
        patience = min(waiter.deadline for waiter in group) - monotonic()
        reply = await self._ask(group[0].call, len(group), max(min(self._horizon, patience), 0.0))
        if reply.verdict == "granted":
            await self._hand_out(group, reply)
        elif reply.verdict in ("day", "lane"):
            await self._refuse(group, reply)
        else:
            self._full, self._full_until = reply, monotonic() + LONGEST_PAUSE
            await self._refuse([waiter for waiter in self._waiters if waiter.deadline < reply.free_at], reply)
            if any(not waiter.booked.done() for waiter in self._waiters):
                pause = reply.free_at - self._horizon - monotonic()
                await asyncio.sleep(min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE))

    async def _hand_out(self, group: list[_Waiter], reply: Reply) -> None:
        left = list(reply.bookings)
        for waiter in group:
            if left and not waiter.booked.done():
                waiter.booked.set_result(left.pop(0))
        for booking in left:
            await self._give_back(booking.permit, "nobody waited for it any more")

    async def _refuse(self, waiters: list[_Waiter], reply: Reply) -> None:
        if not waiters:
            return
        try:  # counted before it is told
            await self._note(waiters[0].call, "pace" if reply.verdict == "wait" else reply.verdict, len(waiters))
        finally:
            for waiter in waiters:
                self._fail(waiter, refusal(waiter.call, reply))

    @staticmethod
    def _fail(waiter: _Waiter, error: Exception) -> None:
        if not waiter.booked.done():
            waiter.booked.set_exception(error)


def refusal(call: Call, reply: Reply) -> ProviderFailed:
    """The error that says why there is no permit, and when to ask again."""
    again, room = _shown(reply.retry_at), max(reply.room or 0, 0)
    if reply.verdict == "blocked":
        return Throttled(call.bucket, f"it asks us to wait until {again}; try again then", reply.retry_at)
    if reply.verdict == "wait":
        return Throttled(call.bucket, f"the next free slot is at {again}; try again then", reply.retry_at)
    left = f"{room:,} unit{'' if room == 1 else 's'} left, {call.units:,} wanted"
    if reply.verdict == "day":
        message = f"the day's units do not suffice ({left}); try again at {again}"
    else:
        message = f"the lane '{call.lane}' may have no more for now ({left}); try again at {again}"
    return QuotaExhausted(call.bucket, message, reply.resets_at, reply.retry_at)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
