"""By key: editions, works and authors, with the lists that hang on them. Merged keys lead to what they became."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from alexandria.api import answers
from alexandria.api.exports import As, Proprietary, asked_format, respond, varied, without_proprietary
from alexandria.api.formats.negotiate import Named
from alexandria.api.isbn import PROBLEM
from alexandria.api.models import Author, Edition, EditionPage, Work, WorkPage
from alexandria.api.problems import Gone, NotFound, Problem, described
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.catalog.pages import list_editions, list_works, read_cursor
from alexandria.catalog.records import Missing
from alexandria.catalog.resolve import Record, find_record

Anyone = Request[Any, Any, Any]
EditionKey = Annotated[str, Parameter(description="An edition's key, such as OL7353617M")]
WorkKey = Annotated[str, Parameter(description="A work's key, such as OL45804W")]
AuthorKey = Annotated[str, Parameter(description="An author's key, such as OL34184A")]
Limit = Annotated[int, Parameter(ge=1, le=100, description="How many at the most")]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before")]
Include = Annotated[
    Literal["all"] | None,
    Parameter(description="`all`: also what has a `class`, which is left out else: box sets, parts, samplers, guides"),
]


def _responses(model: type) -> dict[int, ResponseSpec]:
    return {
        200: described(model, description="The record, or what it was merged into"),
        404: described(Problem, description="There is no such record"),
        410: described(Problem, description="The record was deleted"),
        **PROBLEM,
    }


async def find_or_refuse(request: Anyone, key: str, kind: Kind) -> Record:
    """The record under a key, or what it was merged into. Raises BadInput, NotFound, Gone."""
    number = parse_key(key, kind).number
    record = await find_record(request.app.state.database, kind, number)
    if record is Missing.DELETED:
        raise Gone(f"The {kind} {format_key(kind, number)} was deleted at Open Library.")
    if isinstance(record, Missing):
        raise NotFound(f"No {kind} {format_key(kind, number)} is known.")
    return record


def _answer(request: Anyone, body: bytes) -> Response[bytes]:
    return answers.record(body, request.headers.get("if-none-match"))


async def _exported(request: Anyone, key: str, kind: Kind, proprietary: bool, named: Named | None) -> Response[bytes]:
    body = (await find_or_refuse(request, key, kind)).body
    if wanted := asked_format(request, named):
        return await respond(request, kind, [body], wanted, proprietary=proprietary, download=named is not None)
    shown = body if proprietary else await without_proprietary(request.app.state.database, kind, body)
    return varied(_answer(request, shown))


@get("/api/editions/{key:str}", summary="An edition", tags=["Records"], responses=_responses(Edition))
async def get_edition(
    request: Anyone, key: EditionKey, proprietary: Proprietary = True, as_: As = None
) -> Response[bytes]:
    """The edition under a key, in the format that is asked for."""
    return await _exported(request, key, "edition", proprietary, as_)


@get("/api/works/{key:str}", summary="A work", tags=["Records"], responses=_responses(Work))
async def get_work(request: Anyone, key: WorkKey, proprietary: Proprietary = True, as_: As = None) -> Response[bytes]:
    """The work under a key, in the format that is asked for."""
    return await _exported(request, key, "work", proprietary, as_)


@get("/api/authors/{key:str}", summary="An author", tags=["Records"], responses=_responses(Author))
async def get_author(request: Anyone, key: AuthorKey) -> Response[bytes]:
    """The author under a key."""
    return _answer(request, (await find_or_refuse(request, key, "author")).body)


@get(
    "/api/works/{key:str}/editions",
    summary="A work's editions",
    tags=["Records"],
    responses=_responses(EditionPage),
)
async def get_work_editions(request: Anyone, key: WorkKey, limit: Limit = 20, cursor: Cursor = None) -> Response[bytes]:
    """A page of the work's editions, the most complete first."""
    start = read_cursor(cursor)
    work = await find_or_refuse(request, key, "work")
    page = await list_editions(request.app.state.database, work.number, start, limit)
    return _answer(request, answers.page(page.results, page.next))


@get(
    "/api/authors/{key:str}/works",
    summary="An author's works",
    tags=["Records"],
    responses=_responses(WorkPage),
)
async def get_author_works(
    request: Anyone, key: AuthorKey, limit: Limit = 20, cursor: Cursor = None, include: Include = None
) -> Response[bytes]:
    """A page of the author's works, which may be short; the end is where `next` is null."""
    start = read_cursor(cursor)
    author = await find_or_refuse(request, key, "author")
    page = await list_works(request.app.state.database, author.number, start, limit, every=include == "all")
    return _answer(request, answers.page(page.results, page.next))
