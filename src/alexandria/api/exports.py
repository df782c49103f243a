"""Records in the format that is asked for, with or without what only proprietary sources say."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.params import Parameter, QueryParameter

from alexandria.api import answers
from alexandria.api.formats.item import read_item
from alexandria.api.formats.negotiate import NAMED, Format, Named, wanted_format
from alexandria.biblio.keys import Kind, parse_key
from alexandria.db import Database
from alexandria.enrichment.open_part import list_credits, replace_proprietary

Proprietary = Annotated[
    bool, Parameter(description="`false`: without values that only proprietary sources (such as ISBNdb) give")
]
As = Annotated[
    Named | None, QueryParameter(name="as", description="The format to download the record in, whatever `Accept` says")
]
OPEN_LIBRARY = "Data from Open Library, https://openlibrary.org"


def asked_format(request: Any, named: Named | None) -> Format | None:
    """The format that the request asks for, by name or by its Accept header; None for JSON."""
    return NAMED[named] if named else wanted_format(request.headers.get("accept"))


async def without_proprietary(database: Database, kind: Kind, body: bytes) -> bytes:
    """An edition's or work's JSON, in which nothing is what only proprietary sources say."""
    record: dict[str, Any] = msgspec.json.decode(body)
    number = _number(kind, record)
    if number is None:
        return body
    instead = await replace_proprietary(database, kind, number)
    for name in record.keys() & instead.keys() - {"key", "isbn13", "isbn10"}:
        value = instead[name]
        record[name] = _empty(record[name]) if value is None else value
    return msgspec.json.encode(record)


def _empty(value: Any) -> Any:
    return type(value)() if isinstance(value, list | dict) else None


def _number(kind: Kind, record: dict[str, Any]) -> int | None:
    """The number under which answers about a record are kept; None for an edition without an ISBN."""
    if kind == "edition":
        return int(record["isbn13"]) if record["isbn13"] else None
    return parse_key(record["key"], kind).number


async def respond(
    request: Any, kind: Kind, bodies: Sequence[bytes], wanted: Format, *, proprietary: bool, download: bool
) -> Response[bytes]:
    """The records in a format; `download`: as a file of their own."""
    database = request.app.state.database
    items = []
    for body in bodies:
        shown = body if proprietary else await without_proprietary(database, kind, body)
        record = msgspec.json.decode(shown)
        number = _number(kind, record)
        credits = list(await list_credits(database, kind, number)) if number is not None else []
        if str(record["key"] or "").startswith("OL"):
            credits.insert(0, OPEN_LIBRARY)
        items.append(read_item(record, credits))
    response = answers.record(wanted.write(items), request.headers.get("if-none-match"))
    response.media_type = wanted.media_type
    if download:
        name = items[0].key if len(items) == 1 else "alexandria"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{wanted.suffix}"'
    return varied(response)


def varied(response: Response[bytes]) -> Response[bytes]:
    """The response, saying on which headers it depends."""
    response.headers["Vary"] = "Accept, Accept-Language"
    return response
