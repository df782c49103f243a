"""Covers: their pictures, how far a search is, and what callers do about them."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import Body, Parameter

from alexandria.api.auth import caller_of
from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.cover_shapes import (
    CoverOffer,
    CoverQueueAnswer,
    CoverQueued,
    CoverQueueRequest,
    CoverStatus,
    Forgotten,
    RefusedProblem,
    Tried,
    WrongAnswer,
    WrongCover,
)
from alexandria.api.isbn import PROBLEM
from alexandria.api.merges import OWNED
from alexandria.api.pictures import CoverProblem
from alexandria.api.problems import FieldError, NotFound, Problem, Refused, described, problem
from alexandria.api.targets import writer_of
from alexandria.biblio.isbn import isbn13, parse_isbn
from alexandria.covers.keys import SIZES
from alexandria.covers.offer import NotTaken
from alexandria.covers.state import CoverState, read_state
from alexandria.errors import BadInput, ProviderFailed, QuotaExhausted, Throttled
from alexandria.net.addresses import UrlRefused
from alexandria.net.retry import ContactMissing
from alexandria.queue.job import QueueFull
from alexandria.store.objects import StoreFailed

Anyone = Request[Any, Any, Any]
MOST: Final = 100
IMAGE: Final = "image/*"
WAIT: Final = 60  # seconds, where nobody says how many
SizeName = Annotated[str, Parameter(description="large, medium or small", schema_extra={"enum": list(SIZES)})]
Fallback = Annotated[
    str | None, Parameter(description="`svg`: a cover of type, made of title and authors, where no other is stored")
]


PICTURE = {
    200: described(bytes, "The picture: WebP, or JPEG for who does not accept it", IMAGE),
    206: described(bytes, "The part of it that `Range` asks for", IMAGE),
    304: described(bytes, "The caller has it already", IMAGE),
    416: described(bytes, "There are no such bytes", IMAGE),
    503: PROBLEM[503],
}


@get("/covers/{isbn:str}/{size:str}", summary="The cover of an ISBN", tags=["Covers"],
     responses={**PICTURE, 404: described(CoverProblem, description="None is stored; whether one is searched for"),
                400: PROBLEM[400]})  # fmt: skip
async def get_cover(request: Anyone, isbn: str, size: SizeName, fallback: Fallback = None) -> Response[bytes]:
    """The picture, which may change; a miss is searched for once. Never enlarged: small originals stay small."""
    return await _picture(request)


@get("/covers/image/{hash:str}/{size:str}", summary="A picture by the hash of its content", tags=["Covers"],
     responses={**PICTURE, 404: described(Problem, description="There is no such picture")})  # fmt: skip
async def get_picture(request: Anyone, hash: str, size: SizeName) -> Response[bytes]:
    """The picture, which never changes under this address, so it may be kept for ever."""
    return await _picture(request)


async def _picture(request: Anyone) -> Response[bytes]:
    status, body, headers = await request.app.state.gallery.reply(request.scope)
    return Response(body, status_code=status, headers={name.decode(): value.decode() for name, value in headers})


@get("/api/covers/status/{isbn:str}", summary="How the cover of an ISBN stands", tags=["Covers"],
     responses={200: described(CoverStatus), **PROBLEM})  # fmt: skip
async def get_cover_status(request: Anyone, isbn: str) -> CoverStatus:
    """What is stored, where it is from, whom was asked and why it was not taken, when the next search is."""
    return await _status(request, parse_isbn(isbn))


async def _status(request: Anyone, isbn: int) -> CoverStatus:
    return _shape(await read_state(request.app.state.database, isbn))


@post("/api/covers/queue", summary="Search for covers", tags=["Covers"], scope="write", status_code=200,
      before_request=json_body(CoverQueueRequest),
      responses={200: described(CoverQueueAnswer), **UNREAD, **OWNED})  # fmt: skip
async def post_cover_queue(request: Anyone, data: Annotated[CoverQueueRequest, Body()]) -> CoverQueueAnswer:
    """A search for each ISBN, also where a cover is stored: a better one takes its place."""
    if not 1 <= len(data.isbns) <= MOST:
        raise BadInput("isbns", f"takes 1 to {MOST} ISBNs, not {len(data.isbns):,}")
    parsed = [_parsed(text) for text in data.isbns]
    wanted = list(dict.fromkeys(number for number in parsed if isinstance(number, int)))
    try:
        jobs = await request.app.state.covers.offers.search(wanted, "covers") if wanted else []
    except QueueFull as error:
        raise Refused(
            problem(503, f"{error}.", error="Queue full"), [(b"retry-after", b"%d" % error.retry_after)]
        ) from None
    by_isbn = dict(zip(wanted, map(str, jobs), strict=True))
    return CoverQueueAnswer([_queued(*each, by_isbn) for each in zip(data.isbns, parsed, strict=True)])


def _parsed(text: str) -> int | BadInput:
    try:
        return parse_isbn(text)
    except BadInput as error:
        return error


def _queued(text: str, number: int | BadInput, jobs: dict[int, str]) -> CoverQueued:
    if isinstance(number, BadInput):
        return CoverQueued(text, "invalid", message=number.message)
    return CoverQueued(text, "queued", jobs[number], f"/api/covers/status/{number}")


@post("/api/covers/process", summary="Give the cover of an ISBN", tags=["Covers"], scope="write", status_code=201,
      before_request=json_body(CoverOffer),
      responses={200: described(CoverStatus, description="The same picture was stored already"),
                 201: described(CoverStatus, description="The picture is stored"), **UNREAD, **OWNED,
                 403: described(RefusedProblem, description="It is not taken, and why; or the key may not write"),
                 429: described(Problem, description="Too many at once; Retry-After says when")})  # fmt: skip
async def post_cover(request: Anyone, data: Annotated[CoverOffer, Body()]) -> Response[CoverStatus]:
    """Fetches the picture and stores it while the caller waits; no provider's cover takes its place later."""
    isbn = parse_isbn(data.isbn)
    try:
        taken = await request.app.state.covers.offers.take(isbn, data.url)
    except UrlRefused as error:
        if error.reason == "address":
            raise BadInput("url", str(error)) from None
        raise _not_taken(error.reason, str(error)) from None
    except NotTaken as error:
        raise _not_taken(error.reason, str(error)) from None
    except (Throttled, QuotaExhausted) as error:
        raise Refused(problem(429, str(error)), [(b"retry-after", b"%d" % _seconds(error))]) from None
    except (ProviderFailed, ContactMissing) as error:
        raise _not_taken("unreachable", str(error)) from None
    except StoreFailed as error:
        raise Refused(problem(503, f"{error}."), [(b"retry-after", b"%d" % WAIT)]) from None
    return Response(await _status(request, isbn), status_code=201 if taken.is_new else 200)


def _not_taken(reason: str, message: str) -> Refused:
    said = message[0].upper() + message[1:]
    return Refused(
        RefusedProblem(
            status=403, title="Forbidden", error="Not taken", detail=f"{said}.", reason=reason,
            errors=[FieldError("url", message)],
        )
    )  # fmt: skip


def _seconds(error: ProviderFailed) -> int:
    """Seconds until it may go better."""
    if error.retry_at is None:
        return WAIT
    return max(1, round((error.retry_at - datetime.now(error.retry_at.tzinfo)).total_seconds()))


@post("/api/covers/wrong", summary="Say that a cover is wrong", tags=["Covers"], scope="write", status_code=200,
      before_request=json_body(WrongCover),
      responses={200: described(WrongAnswer), 404: described(Problem, description="No cover is stored"),
                 **UNREAD, **OWNED})  # fmt: skip
async def post_wrong_cover(request: Anyone, data: Annotated[WrongCover, Body()]) -> WrongAnswer:
    """The cover is taken away and never comes back by itself, in no size; another one is searched for."""
    isbn = parse_isbn(data.isbn)
    if data.everywhere and "admin" not in caller_of(request).scopes:
        raise Refused(problem(403, "To mark a picture wrong for all books needs a key with the scope admin."))
    lost = await request.app.state.covers.offers.mark_wrong(isbn, writer_of(request), everywhere=data.everywhere)
    if lost is None:
        raise NotFound(f"No cover of ISBN {isbn} is stored.")
    return WrongAnswer([isbn13(each) for each in lost])


@delete("/api/covers/wrong/{isbn:str}", summary="Take back that covers are wrong", tags=["Covers"], scope="write",
        status_code=200, responses={200: described(Forgotten),
                                    404: described(Problem, description="None was marked wrong"), **OWNED})  # fmt: skip
async def delete_wrong_cover(request: Anyone, isbn: str) -> Forgotten:
    """Pictures that were marked wrong for an ISBN may be its cover again; a search is made."""
    number = parse_isbn(isbn)
    forgotten = await request.app.state.covers.offers.unmark_wrong(number)
    if not forgotten:
        raise NotFound(f"No picture was marked wrong for ISBN {number}.")
    return Forgotten(forgotten)


def _shape(state: CoverState) -> CoverStatus:
    cover, attempt = state.cover, state.attempt
    urls = {size: f"/covers/{state.isbn}/{size}" if cover else None for size in SIZES}
    return CoverStatus(
        isbn13=isbn13(state.isbn),
        status=state.status,
        cover_url_large=urls["large"],
        cover_url_medium=urls["medium"],
        cover_url_small=urls["small"],
        hash=cover.digest.hex() if cover else None,
        width=cover.width if cover else None,
        height=cover.height if cover else None,
        colour=cover.colour if cover else None,
        preview=cover.preview if cover else None,
        provider=cover.provider if cover else None,
        page_url=cover.page_url if cover else None,
        licence=cover.licence if cover else None,
        licence_url=cover.licence_url if cover else None,
        author=cover.author if cover else None,
        stored_at=cover.stored_at if cover else None,
        reason=attempt.reason if attempt else None,
        tried=msgspec.convert(attempt.tried, list[Tried]) if attempt else [],
        searched_at=attempt.at if attempt else None,
        next_search_at=attempt.next_at if attempt else None,
        job_id=str(state.job_id) if state.job_id else None,
    )


ROUTES = [
    get_cover, get_picture, get_cover_status, post_cover_queue, post_cover, post_wrong_cover, delete_wrong_cover,
]  # fmt: skip
