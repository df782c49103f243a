"""Pictures of covers over HTTP: `/covers/{isbn}/{size}`, and under the hash of their content, where they never change.

Plain ASGI without the framework, since a page shows many covers at once; the routes in `api.covers` describe it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import structlog
from litestar.types import Receive, Scope, Send

from alexandria.api import problems
from alexandria.api.answers import is_known
from alexandria.api.auth import Caller, caller_in
from alexandria.api.ranges import read_range
from alexandria.biblio.isbn import parse_isbn
from alexandria.catalog.lookup import Lookup
from alexandria.covers.keys import MEDIA, SIZES, Form, Size, read_digest
from alexandria.covers.pool import DecoderFailed
from alexandria.covers.service import Covers
from alexandria.covers.shelf import Place
from alexandria.covers.typographic import draw
from alexandria.errors import BadInput, DatabaseUnavailable
from alexandria.queue.job import QueueFull
from alexandria.store.objects import StoreFailed

PREFIX: Final = "/covers/"
UNDER_HASH: Final = "image"
FOR_EVER: Final = "public, max-age=31536000, immutable"
FRESH: Final = "public, max-age=300, stale-while-revalidate=86400"
BRIEF: Final = "public, max-age=60"  # what stands in for a cover
ASKED_FOR: Final = 600.0  # seconds in which a missing cover is not asked for again by this process
MOST_ASKED: Final = 20_000
PATIENT, URGENT = 3, 5  # priorities of callers without a key and with one
_TOLD: Final = (b"accept", b"if-none-match", b"if-modified-since", b"range", b"if-range")

log = structlog.get_logger(__name__)
Headers = list[tuple[bytes, bytes]]
Reply = tuple[int, bytes, Headers]


class CoverProblem(problems.Problem, frozen=True, omit_defaults=False, kw_only=True):
    """No cover is stored; whether one is searched for, and where to see how that goes."""

    queued: bool = False
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a path asks for: an ISBN's picture or that of a hash, in a size."""

    size: Size
    isbn: int = 0
    digest: bytes = b""


class _Named(msgspec.Struct):
    name: str | None = None


class _Edition(msgspec.Struct):
    title: str | None = None
    authors: list[_Named] = []


class Gallery:
    """Answers for pictures. One per process."""

    def __init__(self, covers: Covers, lookup: Lookup) -> None:
        self._covers, self._lookup = covers, lookup
        self._asked: dict[int, float] = {}

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET of a picture as plain ASGI."""
        status, body, headers = await self.reply(scope)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def reply(self, scope: Any) -> Reply:
        """Status, body and headers for a request."""
        try:
            wanted = _read_path(scope["path"])
            told = {name: value.decode("latin-1") for name, value in scope["headers"] if name in _TOLD}
            if wanted.digest:
                return await self._under_hash(wanted, told)
            return await self._of_isbn(wanted, told, scope)
        except BadInput as error:
            return _problem(problems.bad_input(error))
        except problems.NotFound as error:
            under_hash = scope["path"].startswith(f"{PREFIX}{UNDER_HASH}/")
            return _problem(problems.problem(404, str(error)) if under_hash else _no_cover(str(error)))
        except DatabaseUnavailable:
            return _away(problems.database_away())
        except StoreFailed as error:
            log.error("cover store failed", error=str(error))
            return _away(problems.problem(503, "The covers cannot be read right now; try again in a moment."))

    async def _of_isbn(self, wanted: _Wanted, told: Mapping[bytes, str], scope: Any) -> Reply:
        fallback = _read_fallback(scope["query_string"])
        shelf = self._covers.shelf
        known = shelf.recall(wanted.isbn)
        place = known[0] if known else await shelf.find(wanted.isbn)
        if place is not None:
            found = await self._picture(place, wanted.size, told, FRESH)
            if found is not None:
                return found
            log.error("cover without a picture", isbn=wanted.isbn, hash=place.digest.hex())
        return await self._missing(wanted, place is None, fallback, scope)

    async def _under_hash(self, wanted: _Wanted, told: Mapping[bytes, str]) -> Reply:
        found = await self._picture(Place(wanted.digest, None), wanted.size, told, FOR_EVER)
        if found is None:
            raise problems.NotFound("There is no such picture.")
        return found

    async def _picture(self, place: Place, size: Size, told: Mapping[bytes, str], keep: str) -> Reply | None:
        """The answer with a picture, or with nothing for whoever has it; None when it is not there."""
        form: Form = "webp" if takes_webp(told.get(b"accept")) else "jpg"
        try:
            body = await self._covers.shelf.read(place.digest, size, form)
        except DecoderFailed as error:
            log.error("cover cannot be converted", hash=place.digest.hex(), error=str(error))
            form, body = "webp", await self._covers.shelf.read(place.digest, size)
        if body is None:
            return None
        etag = f'"{place.digest.hex()[:20]}-{size}-{form}"'
        headers: Headers = [
            (b"content-type", MEDIA[form].encode()),
            (b"etag", etag.encode()),
            (b"cache-control", keep.encode()),
            (b"vary", b"Accept"),
            (b"accept-ranges", b"bytes"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if place.stored_at:
            headers.append((b"last-modified", format_datetime(place.stored_at.astimezone(UTC), usegmt=True).encode()))
        if _has_it(told, etag, place.stored_at):
            return 304, b"", headers[1:]
        part = read_range(told.get(b"range"), told.get(b"if-range"), etag, len(body))
        if part is None:
            return 200, body, headers
        if not part:
            return 416, b"", [(b"content-range", b"bytes */%d" % len(body))]
        said = b"bytes %d-%d/%d" % (part.start, part.stop - 1, len(body))
        return 206, body[part.start : part.stop], [*headers, (b"content-range", said)]

    async def _missing(self, wanted: _Wanted, is_unsought: bool, fallback: bool, scope: Any) -> Reply:
        """The problem, or the cover of type; a search is asked for once."""
        edition = await self._lookup.one(wanted.isbn) if fallback or is_unsought else None
        known = msgspec.json.decode(edition, type=_Edition) if isinstance(edition, bytes) else None
        queued = bool(is_unsought and known and await self._ask_for(wanted.isbn, caller_in(scope)))
        if fallback:
            names = [each.name for each in known.authors if each.name] if known else []
            drawn = draw(wanted.isbn, known.title if known else None, names, wanted.size)
            return 200, drawn.encode(), [
                (b"content-type", b"image/svg+xml"), (b"cache-control", BRIEF.encode()),
                (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
                (b"x-content-type-options", b"nosniff"),
            ]  # fmt: skip
        where = f"/api/covers/status/{wanted.isbn}"
        said = " One is being searched for." if queued else f" {where} says whether one was searched for."
        return _problem(_no_cover(f"No cover of ISBN {wanted.isbn} is stored.{said}", queued, where))

    async def _ask_for(self, isbn: int, caller: Caller) -> bool:
        """Whether a search is under way now: asked for once in a while, and only where none was made lately."""
        now = time.monotonic()
        if self._asked.get(isbn, 0.0) > now:
            return True
        if len(self._asked) >= MOST_ASKED:
            self._asked = {each: until for each, until in self._asked.items() if until > now}
            if len(self._asked) >= MOST_ASKED:
                return False
        try:
            queued = await self._covers.offers.search_once(
                isbn, "covers" if caller.key_id else "anonymous", URGENT if caller.key_id else PATIENT
            )
        except QueueFull:
            return False
        if queued:
            self._asked[isbn] = now + ASKED_FOR
        return queued


def takes_webp(accept: str | None) -> bool:
    """Whether a client that sends this Accept can be sent WebP. One that sends none can."""
    if accept is None or not accept.strip():
        return True
    weights: dict[str, bool] = {}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weights[kind] = not any(piece.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for piece in parameters)
    return next((weights[kind] for kind in ("image/webp", "image/*", "*/*") if kind in weights), False)


def _read_path(path: str) -> _Wanted:
    """What a path asks for. Raises BadInput for what is no ISBN, NotFound for what is no path of ours."""
    first, *others = path.removeprefix(PREFIX).split("/")
    size = others[-1] if others else ""
    if size not in SIZES or len(others) != (2 if first == UNDER_HASH else 1):
        raise problems.NotFound("Covers are at /covers/{isbn}/large, /medium and /small.")
    if first != UNDER_HASH:
        return _Wanted(size, parse_isbn(first))  # type: ignore[arg-type]
    digest = read_digest(others[0])
    if digest is None:
        raise problems.NotFound("There is no such picture.")
    return _Wanted(size, digest=digest)  # type: ignore[arg-type]


def _read_fallback(query: bytes) -> bool:
    """Whether a cover of type is wished where there is no other. Raises BadInput."""
    values = [value for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if name == "fallback"]
    if values and values != ["svg"]:
        raise BadInput("fallback", "must be svg")
    return bool(values)


def _has_it(told: Mapping[bytes, str], etag: str, stored_at: datetime | None) -> bool:
    """Whether the caller has the picture already (RFC 9110: If-None-Match counts before If-Modified-Since)."""
    if b"if-none-match" in told:
        return is_known(told[b"if-none-match"], etag)
    if stored_at is None or b"if-modified-since" not in told:
        return False
    try:
        since = parsedate_to_datetime(told[b"if-modified-since"])
    except ValueError:
        return False
    return stored_at.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)


def _no_cover(detail: str, queued: bool = False, status_url: str | None = None) -> CoverProblem:
    return CoverProblem(
        status=404, title="Not found", error="Not found", detail=detail, queued=queued, status_url=status_url
    )


def _problem(document: problems.Problem) -> Reply:
    return document.status, msgspec.json.encode(document), [(b"content-type", problems.PROBLEM_JSON.encode())]


def _away(document: problems.Problem) -> Reply:
    status, body, headers = _problem(document)
    return status, body, [*headers, (b"retry-after", problems.RETRY_AFTER.encode())]
