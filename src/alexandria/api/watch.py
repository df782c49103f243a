"""Around every request: it gets an id, is counted and timed. The hot path passes here, too: little is made."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Send

from alexandria.telemetry import traces
from alexandria.telemetry.log import REQUEST_ID
from alexandria.telemetry.metrics import Metrics

HEADER: Final = b"x-request-id"
OTHER: Final = "other"  # paths that lead nowhere, and those with parameters that were refused at the door
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_WATCH: Final = "alexandria.watch"
_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class _Watch:
    """What is learned of a request on its way: its id, its route (told by the guard), the status of its answer."""

    __slots__ = ("id", "route", "status")

    def __init__(self, id: bytes) -> None:
        self.id, self.route, self.status = id, "", 499  # for a caller who went away before there was an answer


def watched(app: ASGIApp, metrics: Metrics, routes: Iterable[HTTPRouteHandler], prefixes: Mapping[str, str]) -> ASGIApp:
    """The application with each request watched. `prefixes` name the routes of paths that go around the framework."""
    known = frozenset(path for route in routes for path in route.paths if "{" not in path)

    def name(path: str) -> str:
        """The route of a path that never came to its handler."""
        if path in known:
            return path
        return next((route for prefix, route in prefixes.items() if path.startswith(prefix)), OTHER)

    handle = _traced(app, name) if traces.is_on() else app
    prefix, numbers = token_hex(6).encode(), count(1)  # of ids: no two processes have the same

    async def watching(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        begun = perf_counter()
        watch = _Watch(_read_id(scope["headers"]) or b"%b-%x" % (prefix, next(numbers)))
        scope[_WATCH] = watch
        REQUEST_ID.set(watch.id)

        def sending(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                watch.status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, watch.id)]
            return send(message)

        metrics.in_flight += 1
        try:
            await handle(scope, receive, sending)
        finally:
            metrics.in_flight -= 1
            method: str = scope["method"]
            if method not in _METHODS:
                method = OTHER
            metrics.note_request(method, watch.route or name(scope["path"]), watch.status, perf_counter() - begun)

    return watching


def _traced(app: ASGIApp, name: Callable[[str], str]) -> ASGIApp:
    """The application with each request a span, under that of the caller if they name one."""

    async def tracing(scope: Any, receive: Receive, send: Send) -> None:
        watch, method = scope[_WATCH], scope["method"]
        parent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
        about = {"http.request.method": method, "url.path": scope["path"], "request.id": watch.id.decode()}
        with traces.span("request", parent, **about) as span:
            await app(scope, receive, send)
            span.update_name(f"{method} {watch.route or name(scope['path'])}")
            span.set_attribute("http.response.status_code", watch.status)

    return tracing


def note_route(scope: Any, template: str) -> None:
    """Nothing; the request is counted for this route. The guard calls this, with the framework's copy of the scope."""
    if watch := scope.get(_WATCH):
        watch.route = template


def _read_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The id that the caller, or a proxy, gave the request; None for none, and for one that could not be shown."""
    for name, value in headers:
        if name == HEADER:
            return value if _ID.fullmatch(value) else None
    return None
