"""Web pages of others that may ask from a browser (CORS), by setting. Pure."""

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]
REMEMBERED = b"600"  # seconds for which a browser need not ask again
METHODS = b"GET, HEAD, POST, DELETE"
SENT = b"Authorization, Content-Type, If-None-Match, X-API-Key"
SHOWN = b"ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate"


class Cors:
    """The origins that may ask; `*` for all. Cookies and the like are never allowed: a key is sent as a header."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.lower().encode() for origin in origins)
        self._all = b"*" in self._origins

    def headers(self, origin: bytes | None) -> Headers:
        """What an answer to `origin` carries: nothing where the setting is empty."""
        allowed = self._allowed(origin)
        return [*allowed, (b"access-control-expose-headers", SHOWN)] if self._may(origin) else allowed

    def preflight(self, origin: bytes | None, method: bytes | None) -> Headers | None:
        """What answers a browser that asks before it sends `method`; None for what is no such question.

        An origin that may not ask gets an answer that allows nothing.
        """
        if not self._origins or origin is None or method is None:
            return None
        if not self._may(origin):
            return self._allowed(origin)
        return [
            *self._allowed(origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENT),
            (b"access-control-max-age", REMEMBERED),
        ]

    def _may(self, origin: bytes | None) -> bool:
        return self._all or origin in self._origins

    def _allowed(self, origin: bytes | None) -> Headers:
        if self._all:
            return [(b"access-control-allow-origin", b"*")]
        if not self._origins:
            return []
        vary = (b"vary", b"Origin")  # what is kept on the way to one origin is not for the others
        return [vary, (b"access-control-allow-origin", origin)] if origin in self._origins and origin else [vary]
