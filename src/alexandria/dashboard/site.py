"""The application of all pages, which the API mounts beside itself: what it serves, and the headers of every answer."""

from typing import Final

import structlog
from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Receive, Scope, Send

from alexandria.catalog.lookup import Lookup
from alexandria.dashboard import actions, assets, home, login
from alexandria.dashboard.catalogue import editions, routes
from alexandria.dashboard.overview import Watch
from alexandria.dashboard.page import Asked, page
from alexandria.errors import DatabaseUnavailable
from alexandria.keys.ring import KeyRing
from alexandria.wiring import Services

POLICY: Final = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
BODY_LIMIT: Final = 1 << 16
WORDS: Final = {
    400: "That cannot be understood.",
    401: "Log in first.",
    403: "That is not allowed.",
    404: "There is no such page.",
    405: "That cannot be done here.",
    413: "That is too much.",
    415: "That is no form.",
    429: "Too many attempts.",
    503: "The database cannot be reached right now; try again in a moment.",
}
ROUTES: Final[list[HTTPRouteHandler]] = [
    *home.ROUTES,
    *login.ROUTES,
    *actions.ROUTES,
    *routes.ROUTES,
    assets.get_asset,
]
log = structlog.get_logger(__name__)


class Site:
    """All pages, as an ASGI application over a database that somebody else opens and closes."""

    def __init__(
        self,
        services: Services,
        ring: KeyRing,
        lookup: Lookup,
        ask_for: editions.AskFor,
    ) -> None:
        self._first = frozenset(path.split("/")[1] for route in ROUTES for path in route.paths)
        self._app = Litestar(
            ROUTES,
            openapi_config=None,
            request_max_body_size=BODY_LIMIT,
            before_request=login.greet,
            exception_handlers={HTTPException: on_http, DatabaseUnavailable: on_away, Exception: on_anything},
        )
        self._app.state.update(
            {
                "services": services,
                "database": services.database,
                "settings": services.settings,
                "ring": ring,
                "lookup": lookup,
                "ask_for": ask_for,
                "watch": Watch(services.database, services.policies),
                "failures": login.Failures(),
            }
        )

    def serves(self, path: str) -> bool:
        """Whether an address is that of a page, by its first word."""
        return path.split("/", 2)[1] in self._first if path.startswith("/") else False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An answer with the headers that each of them has."""
        await self._app(scope, receive, guarded(send))


def guarded(send: Send) -> Send:
    """As `send`, with the headers of every page; what says nothing about caches is kept by none."""

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message["headers"])
            if not any(name.lower() == b"cache-control" for name, _ in own):
                own.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*own, *HEADERS]}
        await send(message)

    return send_more


def on_http(request: Asked, error: HTTPException) -> Response[str]:
    """A page for what the framework or a handler refuses."""
    return _failed(request, error.status_code, error.headers or {})


def on_away(request: Asked, error: DatabaseUnavailable) -> Response[str]:
    """503; it recovers by itself."""
    return _failed(request, 503, {"retry-after": "2"})


def on_anything(request: Asked, error: Exception) -> Response[str]:
    """500 without details; the log has them."""
    log.error("page failed", path=request.url.path, exc_info=error)
    return _failed(request, 500, {})


def _failed(request: Asked, status: int, headers: dict[str, str]) -> Response[str]:
    if not hasattr(request.state, "session"):
        request.state.session = None
    words = WORDS.get(status, "Something went wrong on our side; it was logged.")
    answer = page(request, "error.html", status=status, words=words, number=status)
    answer.headers.update(headers)
    return answer
