"""Writing: what callers know about an edition, work or author, taken back, unlocked, explained; merges by hand."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import Body, Parameter

from alexandria.api.auth import caller_of
from alexandria.api.bodies import json_body
from alexandria.api.isbn import PROBLEM
from alexandria.api.models import ExplainAnswer, MergeAnswer, MergeRequest, TakenBack, WriteAnswer
from alexandria.api.problems import Conflict, NotFound, Problem, described
from alexandria.api.writing import AuthorWrite, EditionWrite, Told, WorkWrite, read_field, read_provider, read_write
from alexandria.biblio.isbn import isbn13, parse_isbn
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.catalog.records import Missing, place_edition
from alexandria.catalog.resolve import find_record
from alexandria.enrichment import explain, merging, store
from alexandria.errors import BadInput

Anyone = Request[Any, Any, Any]
KINDS: dict[str, Kind] = {"edition": "edition", "work": "work", "author": "author"}
WRITING = {
    200: described(WriteAnswer, description="The record, after an answer that was there was changed"),
    201: described(WriteAnswer, description="The record, with an answer that is new"),
    401: described(Problem, description="A key with the scope `write` is needed"),
    403: described(Problem, description="The key may not write"),
    413: described(Problem, description="The body is longer than 1 MiB"),
    415: described(Problem, description="The body is not JSON"),
    **PROBLEM,
}
OWNED = {status: WRITING[status] for status in (401, 403)} | PROBLEM
UNDONE = {200: described(TakenBack), 404: described(Problem), **OWNED}
KindName = Annotated[str, Parameter(description="edition, work or author")]
AnyKey = Annotated[str, Parameter(description="An edition's ISBN, a work's or author's key")]


@post("/api/enrich/edition", summary="Tell about an edition", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(EditionWrite), responses=WRITING)  # fmt: skip
async def post_edition(request: Anyone, data: Annotated[EditionWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about the edition with an ISBN, known or not; gives the record as it is now."""
    return await _write(request, read_write(data))


@post("/api/enrich/work", summary="Tell about a work", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(WorkWrite), responses=WRITING)  # fmt: skip
async def post_work(request: Anyone, data: Annotated[WorkWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about a work, known or not; gives the record as it is now."""
    return await _write(request, read_write(data))


@post("/api/enrich/author", summary="Tell about an author", tags=["Writing"], scope="write", status_code=200,
      before_request=json_body(AuthorWrite), responses=WRITING)  # fmt: skip
async def post_author(request: Anyone, data: Annotated[AuthorWrite, Body()]) -> Response[bytes]:
    """Stores what the caller says about an author, known or not; gives the record as it is now."""
    return await _write(request, read_write(data))


async def _write(request: Anyone, told: Told) -> Response[bytes]:
    write = store.Write(told.kind, told.id, told.provider, _key_id(request), told.fields, told.locks)
    [written] = await store.store(request.app.state.database, [write])
    more = {
        "created": written.created,
        "fields_updated": written.updated,
        "quality": written.quality,
        **({} if told.kind == "edition" else {"completeness": written.completeness}),
    }
    body = await _read(request, told.kind, told.id)
    return Response(
        body[:-1] + b"," + msgspec.json.encode(more)[1:],
        status_code=201 if written.created else 200,
        media_type="application/json",
    )


async def _read(request: Anyone, kind: Kind, number: int) -> bytes:
    if kind == "edition":
        outcome = await request.app.state.lookup.one(number)
    else:
        record = await find_record(request.app.state.database, kind, number)
        outcome = record if isinstance(record, Missing) else record.body
    if not isinstance(outcome, bytes):  # taken back by somebody else in the meantime
        raise NotFound(f"No {kind} {_shown(kind, number)} is known any more.")
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
    name = read_provider(provider, "provider")
    updated = await store.take_back(request.app.state.database, found, number, name, _source(request, source))
    if updated is None:
        raise NotFound(f"There is no such answer of {name} about the {found} {_shown(found, number)}.")
    return TakenBack(fields_updated=list(updated))


@delete("/api/enrich/{kind:str}/{key:str}/locks/{field:str}", summary="Unlock a field", tags=["Writing"],
        scope="write", status_code=200, responses=UNDONE)  # fmt: skip
async def delete_lock(request: Anyone, kind: KindName, key: AnyKey, field: str) -> TakenBack:
    """The field may be replaced again; a key with the scope `admin` opens everybody's locks, others their own."""
    found, number = _record(kind, key)
    name, caller = read_field(field, found), caller_of(request)
    source = None if "admin" in caller.scopes else caller.key_id
    updated = await store.unlock(request.app.state.database, found, number, name, source)
    if updated is None:
        raise NotFound(f"{field} of the {found} {_shown(found, number)} is not locked by this key.")
    return TakenBack(fields_updated=list(updated))


@get("/api/explain/{kind:str}/{key:str}", summary="Where each field is from", tags=["Records"],
     responses={200: described(ExplainAnswer), 404: described(Problem), **PROBLEM})  # fmt: skip
async def get_explanation(request: Anyone, kind: KindName, key: AnyKey) -> ExplainAnswer:
    """Every field of a record: value, provider, source, when, the rule by which it won, and what gave way."""
    found = _kind(kind)
    number = await _explained(request, key) if found == "edition" else parse_key(key, found).number
    fields = await explain.explain(request.app.state.database, found, number)
    if not fields:
        raise NotFound(f"No {found} {_shown(found, number)} is known.")
    return ExplainAnswer(kind=found, key=_shown(found, number), fields=dict(fields))


async def _explained(request: Anyone, key: str) -> int:
    """The ISBN of an edition by ISBN or key."""
    if not key.strip().upper().startswith("OL"):
        return parse_isbn(key)
    place = await place_edition(request.app.state.database, parse_key(key, "edition").number)
    if place is None or place[2] is None:
        raise NotFound(f"No edition {key} with an ISBN is known.")
    return place[2]


@post("/api/works/merge", summary="Merge two works", tags=["Writing"], scope="write", status_code=201,
      before_request=json_body(MergeRequest),
      responses={201: described(MergeAnswer), 409: described(Problem), **OWNED})  # fmt: skip
async def post_work_merge(request: Anyone, data: Annotated[MergeRequest, Body()]) -> MergeAnswer:
    """The first work shows as the second from now on; its key leads there."""
    return await _merge(request, "work", data)


@post("/api/authors/merge", summary="Merge two authors", tags=["Writing"], scope="write", status_code=201,
      before_request=json_body(MergeRequest),
      responses={201: described(MergeAnswer), 409: described(Problem), **OWNED})  # fmt: skip
async def post_author_merge(request: Anyone, data: Annotated[MergeRequest, Body()]) -> MergeAnswer:
    """The first author shows as the second from now on; its key leads there."""
    return await _merge(request, "author", data)


async def _merge(request: Anyone, kind: merging.Mergeable, data: MergeRequest) -> MergeAnswer:
    numbers = []
    for field, text in (("from", data.from_), ("into", data.into)):
        try:
            numbers.append(parse_key(text, kind).number)
        except BadInput as error:
            raise BadInput(field, error.message) from None
    if numbers[0] == numbers[1]:
        raise BadInput("into", "must be another record")
    try:
        made = await merging.merge(request.app.state.database, kind, numbers[0], numbers[1], _key_id(request))
    except merging.AlreadyMerged as error:
        raise Conflict(str(error)) from None
    return _merge_answer(kind, made)


@delete("/api/works/merge/{merge_id:int}", summary="Take a merge of works back", tags=["Writing"], scope="write",
        status_code=200, responses={200: described(MergeAnswer), 404: described(Problem), **OWNED})  # fmt: skip
async def delete_work_merge(request: Anyone, merge_id: int) -> MergeAnswer:
    """The two works are two again."""
    return await _undo(request, "work", merge_id)


@delete("/api/authors/merge/{merge_id:int}", summary="Take a merge of authors back", tags=["Writing"], scope="write",
        status_code=200, responses={200: described(MergeAnswer), 404: described(Problem), **OWNED})  # fmt: skip
async def delete_author_merge(request: Anyone, merge_id: int) -> MergeAnswer:
    """The two authors are two again."""
    return await _undo(request, "author", merge_id)


async def _undo(request: Anyone, kind: merging.Mergeable, merge_id: int) -> MergeAnswer:
    undone = None
    if 0 < merge_id < 1 << 63:
        undone = await merging.undo(request.app.state.database, kind, merge_id, _key_id(request))
    if undone is None:
        raise NotFound(f"No merge of two {kind}s has the number {merge_id}, or it was taken back already.")
    return _merge_answer(kind, undone)


def _merge_answer(kind: merging.Mergeable, made: merging.Merge) -> MergeAnswer:
    return MergeAnswer(
        id=made.id,
        kind=kind,
        from_=format_key(kind, made.from_id),
        into=format_key(kind, made.into_id),
        merged_at=made.merged_at,
    )


def _source(request: Anyone, asked: str | None) -> str:
    own = _key_id(request)
    if asked is None or asked == own:
        return own
    if "admin" not in caller_of(request).scopes:
        raise BadInput("source", "only a key with the scope admin takes back what others said")
    return asked


def _key_id(request: Anyone) -> str:
    """The caller's key, which a write always has."""
    key_id = caller_of(request).key_id
    assert key_id is not None
    return key_id


def _kind(text: str) -> Kind:
    if text not in KINDS:
        raise NotFound("There are editions, works and authors: edition, work or author must stand there.")
    return KINDS[text]


def _record(kind: str, key: str) -> tuple[Kind, int]:
    found = _kind(kind)
    return found, parse_isbn(key) if found == "edition" else parse_key(key, found).number


def _shown(kind: Kind, number: int) -> str:
    return isbn13(number) if kind == "edition" else format_key(kind, number)


ROUTES = [
    post_edition,
    post_work,
    post_author,
    delete_answer,
    delete_lock,
    get_explanation,
    post_work_merge,
    post_author_merge,
    delete_work_merge,
    delete_author_merge,
]
