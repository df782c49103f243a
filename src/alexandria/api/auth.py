"""Who asks, and what a route needs.

A route says its scope in one word, `@post("/api/…", scope="write")`: `open` (nobody is asked for a key), `read`,
`write` or `admin`. One that says nothing needs `read` if it only reads, else `write`. The guard here looks at it before
the body is read or a parameter looked at; that the key itself is valid, the door has checked before.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from alexandria.api.problems import Refused, problem
from alexandria.api.watch import note_route
from alexandria.keys.key import SCOPES

OPEN = "open"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
HOW = "Send a key as X-API-Key (or Authorization: Bearer); `alexandria keys create` makes one."
_CALLER = "alexandria.caller"
_REALM = b'Bearer realm="alexandria"'


class Caller(msgspec.Struct, frozen=True):
    """Who asks. `key_id` is None without a key, `internal` for the bootstrap key; `scopes` is all that they may.

    `network` is the address as limits count it (an IPv6 one by its /64). `local` is whether they ask from this very
    machine, without a proxy between.
    """

    key_id: str | None
    scopes: frozenset[str]
    address: str
    network: str = ""
    local: bool = False


NOBODY = Caller(None, frozenset(), "")


def caller_of(request: Request[Any, Any, Any] | ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who sent a request."""
    return caller_in(request.scope)


def caller_in(scope: Any) -> Caller:
    """Who sent the request of an ASGI scope."""
    caller = scope.get(_CALLER, NOBODY)
    assert isinstance(caller, Caller)
    return caller


def let_in(scope: Any, caller: Caller) -> None:
    """Nothing; from here on the request is known to be the caller's."""
    scope[_CALLER] = caller


async def demand_scope(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Nothing; raises Refused with 401 or 403 when the caller may not use the route."""
    note_route(connection.scope, connection.scope["path_template"])
    scope, caller = scope_of(handler), caller_of(connection)
    if scope == OPEN or scope in caller.scopes:
        return
    if caller.key_id is None:
        raise unauthorized(f"This needs a key with scope {scope}. {HOW}")
    raise Refused(
        problem(403, f"This needs a key with scope {scope}, which this key does not have."),
        [(b"www-authenticate", _REALM + b', error="insufficient_scope", scope="%s"' % scope.encode())],
    )


def unauthorized(detail: str, *, wrong: bool = False) -> Refused:
    """401 for a request without a key, or with a `wrong` one."""
    challenge = _REALM + b', error="invalid_token"' if wrong else _REALM
    return Refused(problem(401, detail), [(b"www-authenticate", challenge), (b"cache-control", b"no-store")])


def scope_of(handler: BaseRouteHandler) -> str:
    """What a route needs."""
    methods = handler.http_methods if isinstance(handler, HTTPRouteHandler) else set()
    unsaid = OPEN if methods == {"OPTIONS"} else "read" if methods <= SAFE else "write"  # OPTIONS: the framework's own
    return str(handler.opt.get("scope") or unsaid)


def check_scopes(routes: Iterable[HTTPRouteHandler]) -> None:
    """Nothing; raises ValueError for a route whose scope is none."""
    for route in routes:
        if scope_of(route) not in (OPEN, *SCOPES):
            raise ValueError(f"{', '.join(route.paths)}: there is no scope {scope_of(route)!r}")


def served(routes: Iterable[HTTPRouteHandler], scope: str) -> Iterator[tuple[str, str]]:
    """The method and path of each route that needs a scope."""
    for route in routes:
        if scope_of(route) == scope:
            yield from ((str(method), path) for method in route.http_methods for path in route.paths)


def given_key(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The key that a request carries; None for none, and b"", which is no key, for an empty one or two different ones.

    An Authorization of another scheme is none of ours: a proxy may ask for a password before us.
    """
    keys = set()
    for name, value in headers:
        if name == b"x-api-key":
            keys.add(value.strip())
        elif name == b"authorization":
            scheme, _, rest = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                keys.add(rest.strip())
    if len(keys) > 1:
        return b""
    return keys.pop() if keys else None
