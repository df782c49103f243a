"""Harvests over HTTP: the bibliography of an author, new releases, how far a campaign is."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Body, Parameter
from msgspec import Meta

from alexandria.api.auth import caller_of
from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.isbn import PROBLEM
from alexandria.api.problems import NotFound, Problem, described, problem
from alexandria.api.values import key_number
from alexandria.biblio.keys import format_key
from alexandria.errors import BadInput
from alexandria.harvest import plan
from alexandria.harvest.ask import BUCKET, Named, UnknownAuthor, author_named, author_numbered, cost_of
from alexandria.harvest.campaign import NoCampaign, Status, find_campaign, start
from alexandria.harvest.plan import Cost, Parameters
from alexandria.quota.status import read_status

Anyone = Request[Any, Any, Any]
LARGEST = 2**63 - 1
Pages = Annotated[int, Meta(description=f"1 to {plan.MOST_PAGES}, of 100 editions each")]


class BibliographyRequest(msgspec.Struct, forbid_unknown_fields=True):
    """An author, by key or by name, whose books are to be fetched.

    `skip_existing`: what the provider said before of an edition stays as it is.
    """

    author_name: str | None = None
    author_key: str | None = None
    max_pages: Pages = plan.PAGES_OF_AUTHOR
    skip_existing: bool = True
    dry_run: bool = False


class ReleasesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Months (2026-11), both included, whose books are to be fetched; with `subjects` only those about one of them."""

    start_month: str
    end_month: str
    max_pages_per_month: Pages = plan.PAGES_OF_MONTH
    subjects: list[str] = []
    skip_existing: bool = True
    dry_run: bool = False


class CostAnswer(msgspec.Struct):
    """What it costs: units at least and at the most, the editions that may come, and what they would cost one by one.

    `days`: of the lane's share; null without a limit.
    """

    steps: int
    units_least: int
    units_most: int
    editions: int | None
    by_isbn: int | None
    days: float | None


class HarvestStarted(msgspec.Struct):
    """The campaign that does it, new or active already; without an `id` after a dry run."""

    id: int | None
    status_url: str | None
    title: str
    cost: CostAnswer
    author_key: str | None = None
    author_name: str | None = None


class HarvestExhausted(Problem, frozen=True, kw_only=True):
    """The share of the day is used up; the campaign goes on by itself."""

    resets_at: datetime
    id: int
    status_url: str


class HarvestFailure(msgspec.Struct):
    """An author or month that failed, or was not done to its end, and why."""

    key: str
    name: str
    state: str
    reason: str


class HarvestAnswer(msgspec.Struct):
    """How far a campaign is.

    `steps` are authors or months: `pending`, `active`, `done`, `failed`, `skipped` (fetched not long ago); there will
    be more until `is_planned`. `editions` were on the pages: `new`, `updated` or `known`. `units` are those of requests
    that were answered. `waits_until` and `reason`: what it waits for; then it goes on by itself.
    """

    id: int
    kind: str
    title: str
    state: str
    is_planned: bool
    steps: int
    pending: int
    active: int
    done: int
    failed: int
    skipped: int
    units: int
    pages: int
    editions: int
    new: int
    updated: int
    known: int
    editions_per_unit: float | None
    units_per_minute: float
    eta_seconds: float | None
    waits_until: datetime | None
    reason: str | None
    created_at: datetime
    ended_at: datetime | None
    failures: list[HarvestFailure]


STARTING = {
    200: described(HarvestStarted, description="The same was under way already, or a dry run"),
    202: described(HarvestStarted, description="A new campaign"),
    401: described(Problem, description="A key with the scope `write` is needed"),
    403: described(Problem, description="The key may not write"),
    **UNREAD,
    429: described(HarvestExhausted, description="The share of the day is used up until resets_at; it goes on then"),
    **PROBLEM,
}


@post("/api/authors/enrich-bibliography", summary="Fetch the books of an author", tags=["Harvest"], scope="write",
      status_code=202, before_request=json_body(BibliographyRequest),
      responses={**STARTING, 404: described(Problem, description="No such author is known")})  # fmt: skip
async def post_bibliography(request: Anyone, data: Annotated[BibliographyRequest, Body()]) -> Response[bytes]:
    """The campaign that fetches the pages of an author's books and stores every edition on them."""
    author = await _author(request, data)
    about = plan.authors(None, [author.number], data.max_pages, data.skip_existing)
    return await _start(request, about, data.dry_run, author)


@post("/api/books/enrich-new-releases", summary="Fetch new releases", tags=["Harvest"], scope="write",
      status_code=202, before_request=json_body(ReleasesRequest), responses=STARTING)  # fmt: skip
async def post_releases(request: Anyone, data: Annotated[ReleasesRequest, Body()]) -> Response[bytes]:
    """The campaign that fetches what was published in these months, the newest first, and stores it."""
    about = plan.releases(data.start_month, data.end_month, data.max_pages_per_month, data.subjects, data.skip_existing)
    return await _start(request, about, data.dry_run)


@get("/api/harvest/{id:str}", summary="How far a harvest is", tags=["Harvest"],
     responses={200: described(HarvestAnswer), 404: described(Problem, description="No such campaign"),
                **PROBLEM})  # fmt: skip
async def get_harvest(request: Anyone, id: Annotated[str, Parameter(description="The campaign's id")]) -> HarvestAnswer:
    """The campaign with an id, while it is active and after."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    try:
        return _answer(await find_campaign(request.app.state.database, number))
    except NoCampaign:
        raise NotFound("There is no campaign with this id.") from None


async def _author(request: Anyone, data: BibliographyRequest) -> Named:
    """The author who is meant. Raises BadInput, NotFound."""
    if (data.author_key is None) == (data.author_name is None):
        raise BadInput("author_key", "give this or author_name, and not both")
    database = request.app.state.database
    plan.authors(None, [1], data.max_pages)  # what is wrong with the request is said before who is unknown
    try:
        if data.author_name is not None:
            return await author_named(database, data.author_name)
        assert data.author_key is not None
        number = key_number("author_key", data.author_key, "author")
        return await author_numbered(database, number, format_key("author", number))
    except UnknownAuthor as error:
        raise NotFound(str(error)) from None


async def _start(request: Anyone, about: Parameters, dry_run: bool, author: Named | None = None) -> Response[bytes]:
    services = request.app.state.services
    by_isbn = services.settings.providers[BUCKET].batch_cost == "isbn"
    cost = await cost_of(services.database, about, services.policies.get(BUCKET), by_isbn=by_isbn)
    answer = HarvestStarted(
        id=None,
        status_url=None,
        title=plan.title_of(about),
        cost=_cost(cost),
        author_key=format_key("author", author.number) if author else None,
        author_name=author.name if author else None,
    )
    if dry_run:
        return Response(msgspec.json.encode(answer), status_code=200, media_type="application/json")
    begun = await start(services.database, about, caller_of(request).key_id or "api")
    answer.id, answer.status_url = begun.id, f"/api/harvest/{begun.id}"
    headers = {"Location": answer.status_url}
    if exhausted := await _exhausted(request, answer):
        return exhausted
    status = 202 if begun.is_new else 200
    return Response(msgspec.json.encode(answer), status_code=status, media_type="application/json", headers=headers)


async def _exhausted(request: Anyone, begun: HarvestStarted) -> Response[bytes] | None:
    """429 when the lane has no unit left at present."""
    services = request.app.state.services
    policy = services.policies[BUCKET]
    [bucket] = await read_status(services.database, {BUCKET: policy})
    if bucket.lanes["harvest"].remaining != 0:
        return None
    assert begun.id is not None
    assert begun.status_url is not None
    plain = problem(429, "The harvest's share of the day is used up. The campaign goes on when there is more.")
    document = HarvestExhausted(
        **{name: getattr(plain, name) for name in ("status", "title", "error", "detail")},
        resets_at=bucket.resets_at,
        id=begun.id,
        status_url=begun.status_url,
    )
    headers = {"Location": begun.status_url}
    return Response(
        msgspec.json.encode(document), status_code=429, media_type="application/problem+json", headers=headers
    )


def _cost(cost: Cost) -> CostAnswer:
    return CostAnswer(cost.steps, cost.units_least, cost.units_most, cost.editions, cost.by_isbn, cost.days)


def _answer(found: Status) -> HarvestAnswer:
    failures = [
        HarvestFailure(shown_key(found.kind, each.key), each.name, each.state, each.reason) for each in found.failures
    ]
    names = (name for name in HarvestAnswer.__struct_fields__ if name != "failures")
    return HarvestAnswer(**{name: getattr(found, name) for name in names}, failures=failures)


def shown_key(kind: str, key: int) -> str:
    """The key of a step as it is written: an author's, or a month."""
    return format_key("author", key) if kind == "authors" else f"{key // 100:04}-{key % 100:02}"


ROUTES = [post_bibliography, post_releases, get_harvest]
