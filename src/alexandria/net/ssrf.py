"""GET of what somebody else named, without being led anywhere: the guard before every picture.

Who may be asked, in this order: an http or https address in plain form; a host that is expected there (where the
caller says which are) or that the operator named; the usual ports only; public addresses only, checked on the very
connection that is used (`pinned`). A host that the operator named exactly may be private and have any port. All of it
again for each step of a redirect, which never leads to a private address, but from such a host to itself, or among the
providers' own addresses as the operator set them.

Each request passes breaker and gate like any other (`client`), on the account of whose host it is.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import httpx2

from alexandria.errors import Malformed
from alexandria.net.addresses import PORTS, Target, UrlRefused, read_target
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Breakers, Call, Gate, Lane, Outcome
from alexandria.net.identity import certificates, user_agent
from alexandria.net.messages import Reply, Request
from alexandria.net.pinned import PinnedTransport, Resolve, look_up
from alexandria.net.redirects import MOST
from alexandria.net.trip import Trip
from alexandria.net.verdict import TooSlow
from alexandria.net.wire import Wire

ELSEWHERE: Final = "elsewhere"  # the bucket of hosts that are nobody's whom we know
LIMIT: Final = 10_000_000  # bytes
SECONDS: Final = 20.0  # on the wire, redirects included
_MOVED: Final = (301, 302, 303, 307, 308)
_ABSENT: Final = (204, 404, 410)


@dataclass(frozen=True, slots=True)
class Places:
    """Whose hosts there are. `named`: by the operator, as `host` (with the usual ports) or `host:port`; `own`: those
    of them that are providers' addresses. `buckets`: on whose account a host is, by host, `host:port` or `.domain`.
    """

    named: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    buckets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def is_named(self, host: str, port: int) -> bool:
        """Whether the operator named exactly this one."""
        return f"{host}:{port}" in self.named or (port in PORTS.values() and host in self.named)

    def bucket(self, target: Target) -> str:
        """On whose account a request is."""
        if target.origin in self.buckets:
            return self.buckets[target.origin]
        return next((self.buckets[name] for name in _domains(target.host) if name in self.buckets), ELSEWHERE)


def _domains(host: str) -> list[str]:
    """A host and what it lies in: `a.b.c`, `.a.b.c`, `.b.c`, `.c`."""
    labels = host.split(".")
    return [host, *("." + ".".join(labels[start:]) for start in range(len(labels)))]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was there: the bytes, where they were at the end, and what the host calls them."""

    url: str
    body: bytes = field(repr=False)
    content_type: str


class Guard:
    """Fetches what others named; close it. `resolve` is for tests, `seconds` and `limit` bound a fetch."""

    def __init__(
        self,
        gate: Gate,
        breakers: Breakers,
        contact: str | None,
        places: Places,
        *,
        resolve: Resolve = look_up,
        seconds: float = SECONDS,
        limit: int = LIMIT,
    ) -> None:
        self._places, self._seconds, self._limit = places, seconds, limit
        self._transport = PinnedTransport(places.is_named, resolve)
        wire = _PinnedWire(contact, self._transport)
        self._watched = _Asker(gate, breakers, contact, wire)
        self._unwatched = _Asker(gate, _Unwatched(), contact, wire)

    async def close(self) -> None:
        """Nothing; all is told to the ledger, no connection is left."""
        await self._watched.close()
        await self._unwatched.close()

    def check(self, url: str, expected: Collection[str] | None = None) -> Target:
        """Whom a URL asks, as far as that can be told without asking. Raises UrlRefused."""
        target = read_target(url)
        if self._places.is_named(target.host, target.port):
            return target
        if target.port not in PORTS.values():
            raise UrlRefused("port", f"port {target.port} of {target.host} is not asked, only 80 and 443")
        if expected is not None and not any(name in expected for name in _domains(target.host)):
            raise UrlRefused("unexpected", f"{target.host} is no host that is expected there")
        return target

    async def get(
        self, url: str, lane: Lane, *, expected: Collection[str] | None = None, patience: float = PATIENCE
    ) -> Fetched | None:
        """What is at a URL; None when the host says that nothing is.

        `expected` are the only hosts that may be asked, as names or `.domains` (None: any), beside those the operator
        named. Waits up to `patience` seconds for each permit. Raises UrlRefused and ProviderFailed in all its forms.
        """
        target, left = self.check(url, expected), _Left(self._seconds)
        for _ in range(MOST + 1):
            reply = await self._ask(target, lane, patience, left)
            onward = reply.headers.get("location") if reply.status in _MOVED else None
            if onward is None:
                return _content(reply, target)
            target = await self._redirected(target, onward, expected)
            if left.seconds <= 0:
                raise TooSlow(reply.bucket, f"{reply.url} and what led there took {self._seconds:.3g} s")
        raise UrlRefused("redirect", f"{target.host} redirects more than {MOST} times")

    async def _ask(self, target: Target, lane: Lane, patience: float, left: "_Left") -> Reply:
        bucket = self._places.bucket(target)
        asker = self._unwatched if bucket == ELSEWHERE else self._watched
        request = _Visit(url=target.url, timeout=self._seconds, limit=self._limit, attempts=1, left=left)
        return await asker.send(request, Call(bucket, lane, "cover"), patience=patience)

    async def _redirected(self, here: Target, location: str, expected: Collection[str] | None) -> Target:
        """Where a redirect leads. Raises UrlRefused."""
        try:
            there = httpx2.URL(here.url).join(location)
        except httpx2.InvalidURL:
            raise UrlRefused("redirect", f"{here.host} redirects to what is no address") from None
        if here.scheme == "https" and there.scheme == "http" and not self._is_named(read_target(str(there))):
            there = there.copy_with(scheme="https", port=None)  # never to a place that is easier to forge
        target = self.check(str(there), expected)
        if self._is_named(target) and not self._may_lead(here, target):
            await self._transport.find(target.host, target.port, public=True)
        return target

    def _may_lead(self, here: Target, there: Target) -> bool:
        """Whether a host that the operator named may be redirected to wherever it is."""
        return here.origin == there.origin or {here.origin, there.origin} <= self._places.own

    def _is_named(self, target: Target) -> bool:
        return self._places.is_named(target.host, target.port)


def _content(reply: Reply, target: Target) -> Fetched | None:
    if reply.status in _ABSENT:
        return None
    if reply.status != 200:
        raise Malformed(reply.bucket, f"{reply.url} answers {reply.status}, which is no picture")
    return Fetched(target.url, reply.body, reply.headers.get("content-type", ""))


@dataclass(slots=True)
class _Left:
    """Seconds that are left on the wire."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit(Request):
    """A request of which the redirects before it have used up some of the time."""

    left: _Left


class _PinnedWire(Wire):
    """A wire on which each connection is checked, and a fetch has one time for all its requests."""

    def __init__(self, contact: str | None, transport: PinnedTransport) -> None:
        super().__init__(contact)
        headers = {"User-Agent": user_agent(contact), "Accept": "image/*", "Accept-Encoding": "identity"}
        self._http = httpx2.AsyncClient(
            headers=headers, cookies=self._http.cookies.jar, verify=certificates(), transport=transport, trust_env=False
        )

    async def send(self, request: Request, bucket: str, seconds: float, trip: Trip) -> Reply:
        """The answer, whatever its status."""
        assert isinstance(request, _Visit)
        begun = time.monotonic()
        try:
            return await super().send(request, bucket, max(min(seconds, request.left.seconds), 0.001), trip)
        finally:
            request.left.seconds -= time.monotonic() - begun


class _Asker(Client):
    """A client on a wire of its own."""

    def __init__(self, gate: Gate, breakers: Breakers, contact: str | None, wire: Wire) -> None:
        super().__init__(gate, breakers, contact)
        self._wire = wire


class _Unwatched:
    """No breaker: those whom nobody knows have nothing in common, and one of them must not shut out the others."""

    async def check(self, bucket: str) -> None:
        """Nothing."""

    async def report(self, bucket: str, outcome: Outcome) -> None:
        """Nothing."""
