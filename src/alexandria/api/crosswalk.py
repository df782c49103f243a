"""Identifiers both ways: from an outside identifier to our records, and from a record to its identifiers."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from alexandria.api import answers
from alexandria.api.isbn import PROBLEM
from alexandria.api.problems import NotFound, Problem, described
from alexandria.api.records import Anyone, find_or_refuse
from alexandria.api.targets import read_kind
from alexandria.biblio.isbn import InvalidIsbn, parse_isbn
from alexandria.catalog.crosswalk import Resolved, list_identifiers, read_identifier, resolve


class ResolveAnswer(msgspec.Struct):
    """The records that carry an identifier. `scheme` and `id` are in the spelling under which they are kept."""

    scheme: str
    id: str
    results: list[Resolved]


class IdentifiersAnswer(msgspec.Struct):
    """The identifiers of a record: scheme to values."""

    type: str
    key: str
    identifiers: dict[str, list[str]]


@get(
    "/api/resolve/{scheme:str}/{id:str}",
    summary="Who carries an identifier?",
    tags=["Identifiers"],
    responses={
        200: described(ResolveAnswer, description="Every record that carries it"),
        404: described(Problem, description="Nobody carries it"),
        **PROBLEM,
    },
)
async def get_resolve(
    request: Anyone,
    scheme: Annotated[str, Parameter(description="isbn, olid, oclc, lccn, goodreads, librarything, amazon, google, …")],
    id: Annotated[str, Parameter(description="The identifier, also as an address or with its prefix")],  # noqa: A002
) -> Response[bytes]:
    """Editions and authors that carry an identifier, merges followed."""
    name, value = read_identifier(scheme, id)
    found = await resolve(request.app.state.database, name, value)
    if not found:
        raise NotFound(f"Nobody carries the {name} identifier {value}.")
    body = msgspec.json.encode({"scheme": name, "id": value, "results": found})
    return answers.record(body, request.headers.get("if-none-match"))


@get(
    "/api/external-ids/{type:str}/{key:str}",
    summary="The identifiers of a record",
    tags=["Identifiers"],
    responses={
        200: described(IdentifiersAnswer, description="The record's identifiers, or those of what it was merged into"),
        404: described(Problem, description="There is no such record"),
        410: described(Problem, description="The record was deleted"),
        **PROBLEM,
    },
)
async def get_identifiers(
    request: Anyone,
    type: Annotated[str, Parameter(description="edition, work or author")],  # noqa: A002
    key: Annotated[str, Parameter(description="A key, or of an edition the ISBN")],
) -> Response[bytes]:
    """The identifiers of an edition, a work (those of its editions) or an author."""
    kind = read_kind(type)
    database = request.app.state.database
    if kind == "edition" and (isbn := _isbn(key)):
        found = await resolve(database, "isbn13", str(isbn))
        if not found:
            raise NotFound(f"No edition {isbn} is known.")
        shown = found[0].key or str(isbn)
        number = int(found[0].key[2:-1]) if found[0].key else -isbn
    else:
        record = await find_or_refuse(request, key, kind)
        number, shown = record.number, msgspec.json.decode(record.body)["key"]
    told = {"type": kind, "key": shown, "identifiers": await list_identifiers(database, kind, number)}
    return answers.record(msgspec.json.encode(told), request.headers.get("if-none-match"))


def _isbn(text: str) -> int | None:
    try:
        return parse_isbn(text)
    except InvalidIsbn:
        return None


ROUTES = [get_resolve, get_identifiers]
