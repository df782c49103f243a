"""What the handlers of the catalogue share: records by key, and the pages for what is not there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.response import Redirect

from alexandria.biblio.keys import Kind, parse_key
from alexandria.catalog.records import Missing
from alexandria.catalog.resolve import find_record
from alexandria.covers.store import find_covers
from alexandria.dashboard.catalogue.cards import Record, isbns_of
from alexandria.dashboard.page import Asked, page
from alexandria.db import Database
from alexandria.errors import BadInput

FOLDERS: Final[Mapping[str, str]] = {"M": "editions", "W": "works", "A": "authors"}
Shown = Response[Any]


async def find(request: Asked, kind: Kind, text: str) -> Record | Missing | str:
    """The record under a key, why there is none, or the address of what it became. Raises BadInput."""
    record = await find_record(request.app.state.database, kind, parse_key(text, kind).number)
    if isinstance(record, Missing):
        return record
    told = decode(record.body)
    key = told["key"]
    return told if key == text else f"/{FOLDERS[key[-1]]}/{key}"


def decode(body: bytes) -> Record:
    """A record as the database wrote it."""
    record: Record = msgspec.json.decode(body)
    return record


async def read_colours(database: Database, records: Sequence[Record | None]) -> Mapping[str, str]:
    """The main colours of the covers that some records show, by ISBN."""
    isbns = isbns_of(records)
    found = await find_covers(database, isbns) if isbns else {}
    return {str(isbn): cover.colour for isbn, cover in found.items()}


def not_here(request: Asked, kind: Kind, text: str, missing: Missing) -> Shown:
    """404 or 410 for people."""
    if missing is Missing.DELETED:
        words = f"This {kind} was deleted at Open Library."
        return page(request, "catalogue/nothing.html", status=410, words=words, asked=text, why=None)
    words = f"This {kind} is not known here."
    return page(request, "catalogue/nothing.html", status=404, words=words, asked=text, why=None)


def not_understood(request: Asked, words: str, text: str, error: BadInput) -> Shown:
    """400 for people: what is wrong with what they asked."""
    words = "This list has no such page." if error.field == "cursor" else words
    return page(request, "catalogue/nothing.html", status=400, words=words, asked=text, why=error.message)


def to(address: str) -> Shown:
    """To another page."""
    return Redirect(address, status_code=302)


def address(request: Asked, cursor: str | None = None) -> str:
    """The address of this list from its beginning, or from a cursor on."""
    told = request.query_params.multi_items()
    kept = [(name, value) for name, value in told if name != "cursor" and value]
    query = urlencode([*kept, ("cursor", cursor)] if cursor else kept)
    return f"{request.url.path}?{query}" if query else request.url.path


def pages(request: Asked, following: str | None) -> dict[str, Any]:
    """The addresses of the first page, for who is beyond it, and of the next one, where there is one."""
    return {
        "first": address(request) if request.query_params.get("cursor") else None,
        "next": address(request, following) if following else None,
    }
