"""By ISBN: one at a time (the hot path, plain ASGI) and in batches."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Body, Parameter
from litestar.types import Receive, Scope, Send

from alexandria.api import answers, problems
from alexandria.api.auth import Caller, caller_in, caller_of
from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.missing import Misses, MissProblem, miss_problem, read_wish
from alexandria.api.models import BatchAnswer, BatchRequest, IsbnAnswer
from alexandria.biblio.isbn import parse_isbn
from alexandria.catalog.lookup import Lookup, Outcome, State
from alexandria.enrichment.miss import Queued
from alexandria.errors import BadInput, DatabaseUnavailable

PATH = "/api/isbn"
MOST = 1_000
PROBLEM = {
    400: problems.described(problems.Problem, description="What is wrong with the request, by field"),
    503: problems.described(problems.Problem, description="The database is away; Retry-After says when to ask again"),
}

Reply = tuple[int, bytes, list[tuple[bytes, bytes]]]


@get(
    PATH,
    summary="The edition for an ISBN",
    tags=["Lookup"],
    responses={
        200: problems.described(IsbnAnswer, description="The edition, as `results[0]`"),
        404: problems.described(MissProblem, description="No edition is known; whether somebody is asked for it"),
        410: problems.described(problems.Problem, description="The edition was deleted"),
        **PROBLEM,
    },
)
async def get_isbn(
    request: Request[Any, Any, Any],
    isbn: Annotated[str, Parameter(description="ISBN-10 or ISBN-13, with or without hyphens")],
    resolve: Annotated[
        str | None, Parameter(description="`now`: providers are asked at once (needs a key); `queue`: later")
    ] = None,
    deadline: Annotated[
        float | None, Parameter(description="Seconds that `now` may take, 0.2 to 30; without it 3")
    ] = None,
) -> Response[bytes]:
    """The edition that carries the ISBN; of several, the most complete, then the newest revision."""
    state = request.app.state
    status, body, headers = await reply(state.lookup, state.misses, request.scope)
    return Response(body, status_code=status, headers={name.decode(): value.decode() for name, value in headers})


@post(
    PATH + "/batch",
    summary="Editions for up to 1,000 ISBNs",
    scope="read",
    status_code=200,
    tags=["Lookup"],
    before_request=json_body(BatchRequest),
    responses={
        200: problems.described(BatchAnswer, description="One result for each ISBN, in order"),
        **UNREAD,
        **PROBLEM,
    },
)
async def post_batch(request: Request[Any, Any, Any], data: Annotated[BatchRequest, Body()]) -> Response[bytes]:
    """One result for each ISBN in the order asked: found (with the edition), queued, missing, deleted or invalid."""
    if not 1 <= len(data.isbns) <= MOST:
        raise BadInput("isbns", f"takes 1 to {MOST:,} ISBNs, not {len(data.isbns):,}")
    state = request.app.state
    body = await batch(state.lookup, state.misses, caller_of(request), data.isbns)
    return Response(body, media_type="application/json")


async def batch(lookup: Lookup, misses: Misses, caller: Caller, texts: list[str]) -> bytes:
    """The body for a batch, from few pairs of statements; what is missing is queued in one more."""
    parsed: list[int | BadInput] = [_parsed(text) for text in texts]
    outcomes = await lookup.many(number for number in parsed if isinstance(number, int))
    missing = [isbn for isbn, outcome in outcomes.items() if outcome is State.MISSING]
    queued = await misses.queue(missing, caller) if missing else {}
    return (
        b'{"results":['
        + b",".join(_item(text, number, outcomes, queued) for text, number in zip(texts, parsed, strict=True))
        + b"]}"
    )


def _parsed(text: str) -> int | BadInput:
    try:
        return parse_isbn(text)
    except BadInput as error:
        return error


def _item(text: str, number: int | BadInput, outcomes: Mapping[int, Outcome], queued: Mapping[int, Queued]) -> bytes:
    shown = b'{"isbn":' + msgspec.json.encode(text)
    if isinstance(number, BadInput):
        return shown + b',"status":"invalid","message":' + msgspec.json.encode(number.message) + b"}"
    outcome = outcomes[number]
    if outcome is State.MISSING and queued[number].job_id is not None:
        return shown + b',"status":"queued","job_id":"' + str(queued[number].job_id).encode() + b'"}'
    if isinstance(outcome, State):
        return shown + b',"status":"' + outcome.value.encode() + b'"}'
    return shown + b',"status":"found","edition":' + outcome + b"}"


async def serve(lookup: Lookup, misses: Misses, scope: Scope, receive: Receive, send: Send) -> None:
    """GET /api/isbn as plain ASGI: no routing, no objects but the answer's bytes."""
    status, body, headers = await reply(lookup, misses, scope)
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def reply(lookup: Lookup, misses: Misses, scope: Any) -> Reply:
    """Status, body and headers for a request of GET /api/isbn."""
    try:
        text, query = _asked(scope["query_string"])
        isbn = parse_isbn(text)
        outcome: Outcome | Queued = await lookup.one(isbn)
        if outcome is State.MISSING:
            outcome = await answer_miss(lookup, misses, scope, isbn, query)
    except BadInput as error:
        return _problem(problems.bad_input(error))
    except problems.Refused as error:
        status, body, headers = _problem(error.document)
        return status, body, [*headers, *error.headers]
    except DatabaseUnavailable:
        status, body, headers = _problem(problems.database_away())
        return status, body, [*headers, (b"retry-after", problems.RETRY_AFTER.encode())]
    if isinstance(outcome, Queued):
        return _problem(miss_problem(text, outcome))
    if outcome is State.DELETED:
        return _problem(problems.problem(410, f"The edition with ISBN {text} was deleted at Open Library."))
    assert isinstance(outcome, bytes)
    return _found(text, outcome, scope)


async def answer_miss(
    lookup: Lookup, misses: Misses, scope: Any, isbn: int, query: Mapping[str, str]
) -> Outcome | Queued:
    """What was found by asking at once, if that is wished; else what is done about it."""
    caller = caller_in(scope)
    wish = read_wish(query, misses.by_default, caller)
    if not wish.now:
        return (await misses.queue([isbn], caller))[isbn]
    queued = await misses.resolve(isbn, wish.seconds)
    outcome = await lookup.one(isbn)
    return queued if outcome is State.MISSING else outcome


def _found(text: str, edition: bytes, scope: Any) -> Reply:
    body = b'{"query":' + msgspec.json.encode(text) + b',"results":[' + edition + b"]}"
    etag = answers.etag_of(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"etag", etag.encode()),
        (b"cache-control", answers.FRESH.encode()),
    ]
    for name, value in scope["headers"]:
        if name == b"if-none-match" and answers.is_known(value.decode("latin-1"), etag):
            return 304, b"", headers
    return 200, body, headers


def _asked(query: bytes) -> tuple[str, Mapping[str, str]]:
    """The one `isbn` of a query string, and all that it names. Raises BadInput."""
    if query.startswith(b"isbn=") and query[5:].isalnum():  # nearly every one
        return query[5:].decode(), {}
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    values = [value for name, value in pairs if name == "isbn"]
    if len(values) == 1:
        return values[0], dict(pairs)
    if not values:
        raise BadInput("isbn", "missing; ask as /api/isbn?isbn=9780140328721")
    raise BadInput("isbn", "given more than once; POST /api/isbn/batch takes many")


def _problem(document: problems.Problem) -> Reply:
    return document.status, msgspec.json.encode(document), [(b"content-type", problems.PROBLEM_JSON.encode())]
