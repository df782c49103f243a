"""What every request passes first, the hot path too: who asks, whether they may read, how often, from which page.

Plain ASGI, one look at the headers. In order: the question of a browser (CORS), a key in the URL (refused), the limit,
the key. Keys are checked after the limit, so that a flood of wrong ones cannot reach the database.
"""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Send

from alexandria.api.address import FORWARDING, Address, Proxies
from alexandria.api.auth import HOW, OPEN, SAFE, Caller, check_scopes, given_key, let_in, served, unauthorized
from alexandria.api.cors import Cors
from alexandria.api.limits import Limit, Limits
from alexandria.api.problems import RETRY_AFTER, Refused, database_away, problem, send_problem
from alexandria.config import Settings
from alexandria.errors import DatabaseUnavailable
from alexandria.keys.ring import Denied, Holder, KeyRing, Verdict

TOLD = FORWARDING | {b"x-api-key", b"authorization", b"origin"}
_KEY_IN_QUERY = re.compile(rb"(?:^|&)(?:(?:x[-_]?)?api[-_]?key|access[-_]?token)=", re.IGNORECASE)
_EMPTY_KEY = "X-API-Key is empty, or two different keys were sent."

Headers = list[tuple[bytes, bytes]]


def _no_page(path: str) -> bool:
    return False


class Door:
    """Lets requests in, or answers them itself. `ring` checks keys; `routes` say which paths are open.

    `is_page` tells the addresses of pages for people: they are open here too, and ask for a login themselves.
    """

    def __init__(
        self,
        settings: Settings,
        ring: KeyRing,
        routes: Iterable[HTTPRouteHandler],
        is_page: Callable[[str], bool] = _no_page,
    ) -> None:
        routes = list(routes)
        check_scopes(routes)
        self._ring = ring
        self._limits = Limits(Limit("read", settings.read_rate), Limit("write", settings.write_rate))
        self._proxies = Proxies(settings.trusted_proxies)
        self._cors = Cors(settings.cors_origins)
        self._anyone = frozenset({"read"} if settings.open_reads else ())
        self._private = not settings.open_reads
        self._open = frozenset(path for _, path in served(routes, OPEN))
        self._is_page = is_page
        self._reads = frozenset(served(routes, "read"))  # of which some are posted

    async def admit(self, scope: Any, send: Send) -> Send | None:
        """What the answer is to be sent with, once `scope` says who asks; None when it was answered from here."""
        told = [header for header in scope["headers"] if header[0] in TOLD]
        origin = _first(told, b"origin") if told else None
        if scope["method"] == "OPTIONS" and await self._answer_browser(scope, origin, send):
            return None
        extra = self._cors.headers(origin)
        try:
            let_in(scope, await self._caller(scope, told, extra))
        except Refused as refused:
            await send_problem(send, refused.document, [*refused.headers, *extra])
            return None
        except DatabaseUnavailable:
            await send_problem(send, database_away(), [(b"retry-after", RETRY_AFTER.encode()), *extra])
            return None
        return _adding(send, extra, self._private) if extra or self._private else send

    async def _answer_browser(self, scope: Any, origin: bytes | None, send: Send) -> bool:
        """Whether it was a browser's question before a request, and was answered."""
        headers = self._cors.preflight(origin, _first(scope["headers"], b"access-control-request-method"))
        if headers is None:
            return False
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return True

    async def _caller(self, scope: Any, told: Headers, extra: Headers) -> Caller:
        """Who asks. Raises Refused, DatabaseUnavailable."""
        passed_on = [header for header in told if header[0] in FORWARDING]
        address = self._address(scope["client"], passed_on)
        local = address.is_loopback and not passed_on
        is_open = scope["path"] in self._open or self._is_page(scope["path"])
        given = None if is_open or not told else given_key(told)
        verdict = self._ring.recall(given) if given else None
        if not local:
            self._count(scope, address, verdict, extra)
        _refuse_key_in_query(scope["query_string"])
        if given is None:
            if not (self._anyone or is_open):
                raise unauthorized(f"Reading needs a key here. {HOW}")
            return Caller(None, self._anyone, address.text, address.network, local)
        if not given:
            raise unauthorized(_EMPTY_KEY, wrong=True)
        verdict = verdict or await self._ring.check(given)
        if isinstance(verdict, Denied):
            raise unauthorized(verdict.reason, wrong=True)
        return Caller(verdict.key_id, verdict.scopes, address.text, address.network, local)

    def _address(self, client: tuple[str, int] | None, passed_on: Headers) -> Address:
        forwarded = [value for name, value in passed_on if name == b"x-forwarded-for"]
        return self._proxies.caller(client[0] if client else "", forwarded)

    def _count(self, scope: Any, address: Address, verdict: Verdict | None, extra: Headers) -> None:
        """Nothing; the request counts against its key if that is known to be valid, else against its address.

        `extra` gets what is left. Raises Refused with 429 when that is nothing.
        """
        is_read = scope["method"] in SAFE or (scope["method"], scope["path"]) in self._reads
        limit = self._limits.read if is_read else self._limits.write
        holder = verdict if isinstance(verdict, Holder) else None
        taken = limit.take(holder.key_id if holder else address.network)
        extra += limit.headers(taken)
        if taken.retry_after is not None:
            seconds = math.ceil(taken.retry_after)
            whose = "with this key" if holder else "from this address"
            raise Refused(
                problem(429, f"More than {limit.rate:g} {limit.name}s a second {whose}; again in {seconds} s."),
                [(b"retry-after", b"%d" % seconds), (b"cache-control", b"no-store")],
            )


def _first(headers: Headers, wanted: bytes) -> bytes | None:
    return next((value for name, value in headers if name == wanted), None)


def _refuse_key_in_query(query: bytes) -> None:
    """Nothing; raises Refused for a key in the URL, where logs and histories keep it. It is not repeated."""
    if _KEY_IN_QUERY.search(unquote_to_bytes(query) if b"%" in query else query):
        raise Refused(problem(400, "A key must not be part of a URL: send it in the header X-API-Key."))


def _adding(send: Send, extra: Headers, private: bool) -> Send:
    """As `send`, with more headers; `private` keeps what only key holders may read out of shared caches."""

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [_kept_private(*header) for header in message["headers"]] if private else message["headers"]
            message = {**message, "headers": [*own, *extra]}
        await send(message)

    return send_more


def _kept_private(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return name, value.replace(b"public", b"private") if name.lower() == b"cache-control" else value
