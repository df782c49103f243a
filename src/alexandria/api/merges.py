"""Merges by hand: two works or authors that are one, and two again."""

from typing import Annotated, Any

from litestar import Request, delete, post
from litestar.params import Body

from alexandria.api.bodies import UNREAD, json_body
from alexandria.api.isbn import PROBLEM
from alexandria.api.models import MergeAnswer, MergeRequest
from alexandria.api.problems import Conflict, NotFound, Problem, described
from alexandria.api.targets import writer_of
from alexandria.api.values import key_number
from alexandria.biblio.keys import format_key
from alexandria.enrichment import merging
from alexandria.errors import BadInput

Anyone = Request[Any, Any, Any]
OWNED = {
    401: described(Problem, description="A key with the scope `write` is needed"),
    403: described(Problem, description="The key may not write"),
    **PROBLEM,
}
MERGED = {
    201: described(MergeAnswer),
    409: described(Problem, description="The two are one already, or the first one was merged into another"),
    **UNREAD,
    **OWNED,
}
PARTED = {
    200: described(MergeAnswer),
    404: described(Problem, description="There is no such merge (any more)"),
    **OWNED,
}


@post("/api/works/merge", summary="Merge two works", tags=["Writing"], scope="write", status_code=201,
      before_request=json_body(MergeRequest), responses=MERGED)  # fmt: skip
async def post_work_merge(request: Anyone, data: Annotated[MergeRequest, Body()]) -> MergeAnswer:
    """The first work shows as the second from now on; its key leads there."""
    return await _merge(request, "work", data)


@post("/api/authors/merge", summary="Merge two authors", tags=["Writing"], scope="write", status_code=201,
      before_request=json_body(MergeRequest), responses=MERGED)  # fmt: skip
async def post_author_merge(request: Anyone, data: Annotated[MergeRequest, Body()]) -> MergeAnswer:
    """The first author shows as the second from now on; its key leads there."""
    return await _merge(request, "author", data)


async def _merge(request: Anyone, kind: merging.Mergeable, data: MergeRequest) -> MergeAnswer:
    first, second = key_number("from", data.from_, kind), key_number("into", data.into, kind)
    if first == second:
        raise BadInput("into", "must be another record")
    try:
        made = await merging.merge(request.app.state.database, kind, first, second, writer_of(request))
    except merging.AlreadyMerged as error:
        raise Conflict(str(error)) from None
    return _merge_answer(kind, made)


@delete("/api/works/merge/{merge_id:int}", summary="Take a merge of works back", tags=["Writing"], scope="write",
        status_code=200, responses=PARTED)  # fmt: skip
async def delete_work_merge(request: Anyone, merge_id: int) -> MergeAnswer:
    """The two works are two again."""
    return await _part(request, "work", merge_id)


@delete("/api/authors/merge/{merge_id:int}", summary="Take a merge of authors back", tags=["Writing"], scope="write",
        status_code=200, responses=PARTED)  # fmt: skip
async def delete_author_merge(request: Anyone, merge_id: int) -> MergeAnswer:
    """The two authors are two again."""
    return await _part(request, "author", merge_id)


async def _part(request: Anyone, kind: merging.Mergeable, merge_id: int) -> MergeAnswer:
    undone = None
    if 0 < merge_id < 1 << 63:
        undone = await merging.undo(request.app.state.database, kind, merge_id, writer_of(request))
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


ROUTES = [post_work_merge, post_author_merge, delete_work_merge, delete_author_merge]
