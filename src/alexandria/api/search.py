"""Search: by title and author, by anything that may be typed, and while it is being typed."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.params import Parameter

from alexandria.api import answers
from alexandria.api.exports import As, Proprietary, asked_format, respond, varied, without_proprietary
from alexandria.api.formats.negotiate import Named
from alexandria.api.isbn import PROBLEM
from alexandria.api.models import Edition, Work
from alexandria.api.problems import described
from alexandria.api.records import Anyone, Cursor
from alexandria.biblio.isbn import parse_isbn
from alexandria.catalog.pages import read_cursor
from alexandria.db import Database
from alexandria.errors import BadInput
from alexandria.search.answer import Answer, Page, search
from alexandria.search.asked import Asked, Filters, read_query, read_title_and_author
from alexandria.search.filters import read_filters
from alexandria.search.suggest import suggest

Format = Literal["hardcover", "paperback", "ebook", "audiobook"]
Limit = Annotated[int, Parameter(ge=1, le=100, description="How many works at the most")]
Language = Annotated[str | None, Parameter(description="Only works in this language: a code or a name, `ger`, `de`")]
Year = Annotated[str | None, Parameter(description="Only works with an edition of this year, or of years: `1990-1999`")]
OfFormat = Annotated[Format | None, Parameter(description="Only works with an edition of this format")]
HasCover = Annotated[bool | None, Parameter(description="Only works with an edition of which a cover is known")]
Level = Annotated[Literal["work", "edition"], Parameter(description="`edition`: up to ten editions of each work")]


class Correction(msgspec.Struct, rename={"from_": "from"}):
    """A word that was read as another one, in the best result."""

    from_: str
    to: str


class SearchResult(msgspec.Struct):
    """A work with its best edition; either is null where there is none. `agreement` is 0 to 100."""

    work: Work | None
    edition: Edition | None
    edition_count: int
    languages: list[str]
    agreement: int


class SearchAnswer(msgspec.Struct):
    """Results, the best first. `complete` is false when the time was over before all candidates were looked at."""

    detected: Literal["isbn", "edition", "work", "author", "title", "title and author", "words"]
    corrected: list[Correction]
    complete: bool
    results: list[SearchResult]
    next: str | None


class Suggestion(msgspec.Struct):
    """A work that may be meant."""

    key: str
    title: str | None
    authors: list[str]


class SuggestAnswer(msgspec.Struct):
    """Works that may be meant, the likeliest first."""

    results: list[Suggestion]


FOUND = {200: described(SearchAnswer, description="Results, the best first; none is an empty list"), **PROBLEM}


@get("/api/search", summary="Search by title and author", tags=["Search"], responses=FOUND)
async def get_search(
    request: Anyone,
    isbn: Annotated[str | None, Parameter(description="An ISBN in any form, instead of the other two")] = None,
    title: Annotated[str | None, Parameter(description="Words of the title")] = None,
    author: Annotated[str | None, Parameter(description="Words of the author's name, in any order")] = None,
    language: Language = None,
    year: Year = None,
    format: OfFormat = None,  # noqa: A002 (the name of the parameter)
    has_cover: HasCover = None,
    level: Level = "work",
    limit: Limit = 20,
    cursor: Cursor = None,
    proprietary: Proprietary = True,
    as_: As = None,
) -> Response[bytes]:
    """Works by title, author or both, or by an ISBN."""
    asked = _asked(isbn, title, author)
    filters = _filters(request, language, year, format, has_cover)
    page = Page(limit, read_cursor(cursor), level == "edition")
    return await _answer(request, asked, filters, page, proprietary, as_)


@get("/api/search/combined", summary="Search by anything", tags=["Search"], responses=FOUND)
async def get_combined(
    request: Anyone,
    q: Annotated[str, Parameter(description="An ISBN, a key, words of title and author in any order")],
    language: Language = None,
    year: Year = None,
    format: OfFormat = None,  # noqa: A002 (the name of the parameter)
    has_cover: HasCover = None,
    level: Level = "work",
    limit: Limit = 20,
    cursor: Cursor = None,
    proprietary: Proprietary = True,
    as_: As = None,
) -> Response[bytes]:
    """Works by whatever was typed; `detected` says what it was taken for."""
    filters = _filters(request, language, year, format, has_cover)
    page = Page(limit, read_cursor(cursor), level == "edition")
    return await _answer(request, read_query(q), filters, page, proprietary, as_)


@get(
    "/api/autocomplete",
    summary="What may be meant",
    tags=["Search"],
    responses={200: described(SuggestAnswer), **PROBLEM},
)
async def get_autocomplete(
    request: Anyone,
    q: Annotated[str, Parameter(description="What was typed so far")],
    limit: Annotated[int, Parameter(ge=1, le=20, description="How many at the most")] = 8,
) -> Response[bytes]:
    """Works that may be meant by what was typed so far."""
    found = await suggest(request.app.state.database, read_query(q), _filters(request), limit)
    body = msgspec.json.encode({"results": found})
    return varied(answers.record(body, request.headers.get("if-none-match")))


ROUTES = [get_search, get_combined, get_autocomplete]


def _asked(isbn: str | None, title: str | None, author: str | None) -> Asked:
    if isbn is not None:
        if title is not None or author is not None:
            raise BadInput("isbn", "takes neither a title nor an author beside it")
        return Asked(isbn=parse_isbn(isbn))
    if title is None and author is None:
        raise BadInput("title", "a title, an author, both, or an isbn is needed")
    return read_title_and_author(title, author)


async def _answer(
    request: Anyone, asked: Asked, filters: Filters, page: Page, proprietary: bool, named: Named | None
) -> Response[bytes]:
    state = request.app.state
    answer: Answer = await search(state.database, state.lookup, asked, filters, page)
    if wanted := asked_format(request, named):
        editions = [result.edition for result in answer.results if result.edition]
        return await respond(request, "edition", editions, wanted, proprietary=proprietary, download=named is not None)
    if not proprietary:
        answer = await _open_part(state.database, answer)
    return varied(answers.record(answer.body(), request.headers.get("if-none-match")))


async def _open_part(database: Database, answer: Answer) -> Answer:
    """The answer, in which nothing is what only proprietary sources say."""
    results = []
    for result in answer.results:
        work = result.work and await without_proprietary(database, "work", result.work)
        edition = result.edition and await without_proprietary(database, "edition", result.edition)
        results.append(result._replace(work=work, edition=edition))
    return replace(answer, results=results)


def _filters(
    request: Request[Any, Any, Any],
    language: str | None = None,
    year: str | None = None,
    format: Format | None = None,  # noqa: A002 (as above)
    has_cover: bool | None = None,
) -> Filters:
    accepted = request.headers.get("accept-language", "")
    return read_filters(accepted, language, year, format, has_cover)
