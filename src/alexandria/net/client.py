"""Everything that is asked of a provider goes through here: retry → breaker → gate → identity → wire.

No request without a `Call`, and none without a permit: a retry and each step of a redirect pass the breaker and the
gate again, so that an open breaker spends nothing and what is spent is counted. Every permit is settled with its
outcome, also when the caller was cancelled in the middle.

client = Client(gate, breakers, contact)
reply = await client.send(Request(url="https://openlibrary.org/…"), Call("open-library", "enrichment", "author"))
author = decode(reply, Author)
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import httpx2
import stamina
import structlog

from alexandria.errors import AlexandriaError, Malformed, Unavailable
from alexandria.net.attempts import Attempts
from alexandria.net.gate import Breakers, Call, Gate, Outcome, Permit
from alexandria.net.identity import check_contact, shown
from alexandria.net.messages import Note, Reply, Request
from alexandria.net.redirects import MOST, redirected
from alexandria.net.trip import Trip
from alexandria.net.verdict import verdict
from alexandria.net.wire import Wire

T = TypeVar("T")
Reader = Callable[[Reply], tuple[T, Note]]
PATIENCE = 30.0  # seconds
PAUSE = 0.25  # seconds before the second attempt; twice as many before the third


@dataclass(frozen=True, slots=True)
class _Onward:
    """A redirect that is to be followed."""

    request: Request


class Client:
    """Asks providers; close it, or use it as a context manager. `pause` is the first pause before a retry."""

    def __init__(self, gate: Gate, breakers: Breakers, contact: str | None, *, pause: float = PAUSE) -> None:
        self._gate, self._breakers, self._contact, self._pause = gate, breakers, contact, pause
        self._wire = Wire(contact)
        self._telling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Nothing; the ledger knows of every request, and all connections are closed."""
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self._wire.close()

    async def send(self, request: Request, call: Call, *, patience: float = PATIENCE) -> Reply:
        """The answer: of a status below 400, 404 or 410. See `ask`, which also tells the ledger what it was worth."""
        return await self.ask(request, call, _as_it_is, patience=patience)

    async def ask(self, request: Request, call: Call, read: Reader[T], *, patience: float = PATIENCE) -> T:
        """What `read` makes of the answer; its note, or the failure that it raises, becomes part of the outcome.

        Waits up to `patience` seconds for the pace and between attempts, and ends after `patience` and the
        request's `timeout` together. Only what broke on the wire and 5xx are tried again.
        Raises ProviderFailed in all its forms, and ContactMissing.
        """
        if not isinstance(call, Call):
            raise TypeError("no request without a Call")
        attempts = Attempts(request.timeout, patience, self._pause)
        async for attempt in stamina.retry_context(on=attempts.pause_after, attempts=request.attempts, timeout=None):
            with attempt:
                return await self._follow(request, call, read, attempts)
        raise AssertionError("the last attempt returns or raises")

    async def _follow(self, request: Request, call: Call, read: Reader[T], attempts: Attempts) -> T:
        """The answer at the end of the redirects."""
        for _ in range(MOST + 1):
            found = await self._exchange(request, call, read, attempts)
            if not isinstance(found, _Onward):
                return found
            request = found.request
        raise Malformed(call.bucket, f"redirects more than {MOST} times")

    async def _exchange(self, request: Request, call: Call, read: Reader[T], attempts: Attempts) -> T | _Onward:
        """What one request brings, with its permit taken and settled."""
        check_contact(self._contact, _host(request, call))
        permit: Permit | None = await self._permit(call, attempts)

        async def renew() -> None:
            """Nothing; the permit is good now. Its slot may be over: connections take long to make."""
            nonlocal permit
            while permit is None or time.monotonic() > permit.until:
                if permit is not None:
                    late, permit = permit, None
                    await self._gate.settle(late, Outcome(sent=False, error="late"))
                permit = await self._gate.permit(call, attempts.patience())

        trip = Trip(renew)
        try:
            reply = await self._wire.send(request, call.bucket, attempts.seconds(), trip)
            onward = redirected(request, reply)
            found: T | _Onward
            found, note = (_Onward(onward), Note()) if onward else _understood(request, reply, read)
        except BaseException as error:
            await self._tell(call.bucket, permit, trip.outcome(Note(), error))
            raise
        await self._tell(call.bucket, permit, trip.outcome(note, None))
        return found

    async def _permit(self, call: Call, attempts: Attempts) -> Permit:
        """Leave to send now. Without it, the breaker hears that the probe which it may have let through never left."""
        await self._breakers.check(call.bucket)
        try:
            return await self._gate.permit(call, attempts.patience())
        except BaseException:
            await self._tell(call.bucket, None, Outcome(sent=False))
            raise

    async def _tell(self, bucket: str, permit: Permit | None, outcome: Outcome) -> None:
        """Nothing; goes on by itself when the caller is cancelled."""
        task = asyncio.create_task(self._report(bucket, permit, outcome))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        await asyncio.shield(task)

    async def _report(self, bucket: str, permit: Permit | None, outcome: Outcome) -> None:
        """Nothing; a ledger that cannot be reached does not cost the answer: its units were counted beforehand."""
        if permit:
            with _kept(bucket):
                await self._gate.settle(permit, outcome)
        with _kept(bucket):
            await self._breakers.report(bucket, outcome)


@contextmanager
def _kept(bucket: str) -> Iterator[None]:
    """Nothing; an outcome that could not be told is in the log."""
    try:
        yield
    except AlexandriaError as error:
        structlog.get_logger().warning("outcome_lost", bucket=bucket, error=str(error))


def _host(request: Request, call: Call) -> str:
    try:
        return httpx2.URL(request.url).host
    except httpx2.InvalidURL:
        raise Unavailable(call.bucket, f"{shown(request.url)} is no address that can be asked") from None


def _as_it_is(reply: Reply) -> tuple[Reply, Note]:
    return reply, Note()


def _understood(request: Request, reply: Reply, read: Reader[T]) -> tuple[T, Note]:
    """What the reader makes of an answer. Raises the failure that the answer is, as the judge or its status says."""
    failure = None
    if reply.status >= 400:
        failure = (request.judge(reply) if request.judge else None) or verdict(reply)
    if failure is not None:
        raise failure
    return read(reply)
