"""Writing: what callers know about an edition, work or author, taken back, unlocked, explained."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body, Parameter

from alexandria.api import merges, quick
from alexandria.api.auth import caller_of
from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.isbn import PROBLEM
from alexandria.api.merges import OWNED
from alexandria.api.models import (
    AuthorWritten,
    EditionWritten,
    ExplainAnswer,
    TakenBack,
    WorkWritten,
)
from alexandria.api.problems import Gone, NotFound, Problem, described
from alexandria.api.records import find_or_refuse
from alexandria.api.targets import KINDS, follow_key, follow_told, read_kind, read_number, shown_key, writer_of
from alexandria.api.values import shown_field
from alexandria.api.writing import (
    AuthorWrite,
    EditionWrite,
    Told,
    WorkWrite,
    read_field,
    read_provider,
    read_write,
)
from alexandria.biblio.isbn import parse_isbn
from alexandria.biblio.keys import Kind, format_key
from alexandria.catalog.lookup import State
from alexandria.catalog.records import Missing, place_edition
from alexandria.catalog.resolve import find_record
from alexandria.db import Database
from alexandria.enrichment import explain, store
from alexandria.errors import BadInput

Anyone = Request[Any, Any, Any]
UNKNOWN = described(Problem, description="There is no such record, or nothing of that kind about it")
UNDONE = {200: described(TakenBack), 404: UNKNOWN, **OWNED}
KindName = Annotated[str, Parameter(description="edition, work or author", schema_extra={"enum": list(KINDS)})]
AnyKey = Annotated[str, Parameter(description="An edition's ISBN, a work's or author's key")]


def _writing(written: type) -> dict[int, ResponseSpec]:
    return {
        200: described(written, description="The record, after an answer that was there was changed"),
        201: described(written, description="The record, with an answer that is new"),
        404: described(Problem, description="The answer was taken back by somebody else in the same moment"),
        **UNREAD,
        **OWNED,
    }


@post(quick.PATH, summary="Tell about an edition", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(EditionWrite), responses=_writing(EditionWritten))  # fmt: skip
async def post_edition(request: Anyone, data: Annotated[EditionWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about the edition with an ISBN, known or not; gives the record as it is now."""
    return await _write(request, data)


@post("/api/enrich/work", summary="Tell about a work", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(WorkWrite), responses=_writing(WorkWritten))  # fmt: skip
async def post_work(request: Anyone, data: Annotated[WorkWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about a work, known or not; gives the record as it is now."""
    return await _write(request, data)


@post("/api/enrich/author", summary="Tell about an author", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(AuthorWrite), responses=_writing(AuthorWritten))  # fmt: skip
async def post_author(request: Anyone, data: Annotated[AuthorWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about an author, known or not; gives the record as it is now."""
    return await _write(request, data)


async def _write(request: Anyone, data: EditionWrite | WorkWrite | AuthorWrite) -> Response[bytes]:
    status, body = await write_told(request.app.state, writer_of(request), data)
    return Response(body, status_code=status, media_type="application/json")


async def write_told(state: Any, source: str, data: EditionWrite | WorkWrite | AuthorWrite) -> tuple[int, bytes]:
    """Status and body once it is stored what somebody says. Raises BadInput, NotFound."""
    told = await follow_told(state.database, read_write(data))
    write = store.Write(told.kind, told.id, told.provider, source, told.fields, told.locks)
    written = await state.writer.one(write)
    more = {
        "created": written.created,
        "fields_updated": sorted(map(shown_field, written.updated)),
        "quality": written.quality,
        **({} if told.kind == "edition" else {"completeness": written.completeness}),
    }
    body = await _read(state, told)
    return 201 if written.created else 200, body[:-1] + b"," + msgspec.json.encode(more)[1:]


async def _read(state: Any, told: Told) -> bytes:
    if told.kind == "edition":
        outcome = await state.lookup.one(told.id)
    else:
        record = await find_record(state.database, told.kind, told.id)
        outcome = record if isinstance(record, Missing) else record.body
    if not isinstance(outcome, bytes):  # taken back by somebody else in the meantime
        raise NotFound(f"No {told.kind} {shown_key(told.kind, told.id)} is known any more.")
    return outcome


@delete("/api/enrich/{kind:str}/{key:str}/answers/{provider:str}", summary="Take an answer back", tags=["Writing"],
        scope="write", status_code=200, responses=UNDONE)  # fmt: skip
async def delete_answer(
    request: Anyone,
    kind: KindName,
    key: AnyKey,
    provider: str,
    source: Annotated[
        str | None, Parameter(description="Whose answer: a key's id, or `self`; of others only with `admin`")
    ] = None,
) -> TakenBack:
    """The caller's answer is gone, and the record is what the others say."""
    found, number = _record(kind, key)
    database, name, whose = request.app.state.database, read_provider(provider, "provider"), _source(request, source)
    updated = await _undo(database, found, number, lambda number: store.take_back(database, found, number, name, whose))
    if updated is None:
        raise NotFound(f"There is no such answer of {name} about the {found} {shown_key(found, number)}.")
    return updated


@delete("/api/enrich/{kind:str}/{key:str}/locks/{field:str}", summary="Unlock a field", tags=["Writing"],
        scope="write", status_code=200, responses=UNDONE)  # fmt: skip
async def delete_lock(request: Anyone, kind: KindName, key: AnyKey, field: str) -> TakenBack:
    """The field may be replaced again; a key with the scope `admin` opens everybody's locks, others their own."""
    found, number = _record(kind, key)
    name, caller = read_field(field, found), caller_of(request)
    database, source = request.app.state.database, None if "admin" in caller.scopes else caller.key_id
    updated = await _undo(database, found, number, lambda number: store.unlock(database, found, number, name, source))
    if updated is None:
        raise NotFound(f"{field} of the {found} {shown_key(found, number)} is not locked by this key.")
    return updated


async def _undo(
    database: Database, kind: Kind, number: int, undo: Callable[[int], Awaitable[tuple[str, ...] | None]]
) -> TakenBack | None:
    """What was undone under a key as it is, or else under the one that it became at Open Library."""
    updated = await undo(number)
    if updated is None and kind != "edition" and (home := await follow_key(database, kind, number)) != number:
        updated = await undo(home)
    return None if updated is None else TakenBack(fields_updated=sorted(map(shown_field, updated)))


@get("/api/explain/{kind:str}/{key:str}", summary="Where each field is from", tags=["Records"],
     responses={200: described(ExplainAnswer), 404: UNKNOWN,
                410: described(Problem, description="The record was deleted"), **PROBLEM})  # fmt: skip
async def get_explanation(request: Anyone, kind: KindName, key: AnyKey) -> ExplainAnswer:
    """Every field of a record: value, provider, source, when, the rule by which it won, and what gave way."""
    found = read_kind(kind)
    number = (
        await _find_edition(request, key) if found == "edition" else (await find_or_refuse(request, key, found)).number
    )
    fields = await explain.explain(request.app.state.database, found, number)
    return ExplainAnswer(
        kind=found,
        key=shown_key(found, number) if number > 0 or found != "edition" else format_key("edition", -number),
        fields={shown_field(name): explanation for name, explanation in fields.items()},
    )


async def _find_edition(request: Anyone, key: str) -> int:
    """What answers are about of an edition that is known, by ISBN or key: its ISBN, without one its negative number.

    Raises BadInput, NotFound, Gone.
    """
    if key.strip().upper().startswith("OL"):
        record = await find_or_refuse(request, key, "edition")
        place = await place_edition(request.app.state.database, record.number)
        return (place[2] if place else None) or -record.number
    isbn = parse_isbn(key)
    outcome = await request.app.state.lookup.one(isbn)
    if outcome is State.DELETED:
        raise Gone(f"The edition with ISBN {isbn} was deleted at Open Library.")
    if outcome is State.MISSING:
        raise NotFound(f"No edition with ISBN {isbn} is known.")
    return isbn


def _source(request: Anyone, asked: str | None) -> str:
    own = writer_of(request)
    if asked is None or asked == own:
        return own
    if "admin" not in caller_of(request).scopes:
        raise BadInput("source", "only a key with the scope admin takes back what others said")
    return asked


def _record(kind: str, key: str) -> tuple[Kind, int]:
    found = read_kind(kind)
    return found, read_number(found, key)


ROUTES = [post_edition, post_work, post_author, delete_answer, delete_lock, get_explanation, *merges.ROUTES]
