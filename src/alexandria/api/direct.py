"""`POST /api/enrich/batch-direct`: many ISBNs asked for at once, while the caller waits."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, post
from litestar.params import Body

from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.isbn import MOST, PROBLEM
from alexandria.api.problems import Problem, described, problem
from alexandria.biblio.isbn import isbn13, parse_isbn
from alexandria.catalog.lookup import Lookup
from alexandria.enrichment.direct import Asked, ask_directly, cost_of
from alexandria.errors import BadInput


class DirectRequest(msgspec.Struct, forbid_unknown_fields=True):
    """ISBNs to ask for; with `dry_run` only what that would cost."""

    isbns: list[str]
    dry_run: bool = False


class DirectItem(msgspec.Struct):
    """What became of one ISBN; `message` says what is wrong with an invalid one."""

    isbn: str
    status: Literal["known", "found", "not_found", "queued", "invalid"]
    message: str | None = None


class DirectAnswer(msgspec.Struct):
    """One result for each ISBN in the order asked (none in a dry run), and what it cost: units, requests.

    `resets_at`: when there is quota again for those that are queued.
    """

    results: list[DirectItem]
    known: int
    asked: int
    units: int
    requests: int
    dry_run: bool
    resets_at: datetime | None = None


class ExhaustedProblem(Problem, frozen=True, kw_only=True):
    """The day's quota is used up; what was asked for is queued."""

    resets_at: datetime
    queued: int


@post(
    "/api/enrich/batch-direct",
    summary="Ask for up to 1,000 ISBNs at once",
    scope="write",
    status_code=200,
    tags=["Queue"],
    before_request=json_body(DirectRequest),
    responses={
        200: described(DirectAnswer),
        **UNREAD,
        429: described(ExhaustedProblem, description="The quota is used up until resets_at; everything is queued"),
        **PROBLEM,
    },
)
async def post_direct(request: Request[Any, Any, Any], data: Annotated[DirectRequest, Body()]) -> Response[bytes]:
    """One result for each ISBN: known ones cost nothing, the rest is asked for in as few requests as possible."""
    if not 1 <= len(data.isbns) <= MOST:
        raise BadInput("isbns", f"takes 1 to {MOST:,} ISBNs, not {len(data.isbns):,}")
    services, lookup = request.app.state.services, request.app.state.lookup
    wrong, numbers = _parsed(data.isbns)
    unknown = await _unknown(lookup, numbers)
    asked = Asked({}, cost_of(services.sources, len(unknown)), None)
    if unknown and not data.dry_run:
        asked = await ask_directly(services.database, services.pipeline, services.sources, unknown)
        if asked.resets_at and set(asked.came.values()) == {"queued"}:
            return _exhausted(asked)
    answer = DirectAnswer(
        results=[] if data.dry_run else _results(data.isbns, wrong, numbers, asked),
        known=len(numbers) - len(unknown),
        asked=len(unknown),
        units=asked.cost.units,
        requests=asked.cost.requests,
        dry_run=data.dry_run,
        resets_at=asked.resets_at,
    )
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _parsed(texts: list[str]) -> tuple[dict[str, str], dict[str, int]]:
    """What is wrong with those that are no ISBN, and the numbers of the others, by what was written."""
    wrong, numbers = {}, {}
    for text in texts:
        try:
            numbers[text] = parse_isbn(text)
        except BadInput as error:
            wrong[text] = error.message
    return wrong, numbers


async def _unknown(lookup: Lookup, numbers: dict[str, int]) -> list[int]:
    outcomes = await lookup.many(numbers.values())
    return [isbn for isbn, outcome in outcomes.items() if not isinstance(outcome, bytes)]


def _results(texts: list[str], wrong: dict[str, str], numbers: dict[str, int], asked: Asked) -> list[DirectItem]:
    return [
        DirectItem(text, "invalid", wrong[text])
        if text in wrong
        else DirectItem(isbn13(numbers[text]), asked.came.get(numbers[text], "known"))
        for text in texts
    ]


def _exhausted(asked: Asked) -> Response[bytes]:
    assert asked.resets_at is not None
    plain = problem(429, "The quota of the day is used up. Everything that was asked for is queued.")
    document = ExhaustedProblem(
        **{name: getattr(plain, name) for name in ("status", "title", "error", "detail")},
        resets_at=asked.resets_at,
        queued=len(asked.came),
    )
    return Response(msgspec.json.encode(document), status_code=429, media_type="application/problem+json")


ROUTES = [post_direct]
