"""Which record a request is about, and who writes: kinds, ISBNs and keys in paths and bodies, merged keys followed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import Request

from alexandria.api.auth import caller_of
from alexandria.api.problems import NotFound
from alexandria.api.writing import Told
from alexandria.biblio.isbn import isbn13, parse_isbn
from alexandria.biblio.keys import MINTED, Kind, format_key, parse_key
from alexandria.catalog.records import Missing, find_target, place_edition
from alexandria.catalog.resolve import find_record
from alexandria.db import Database
from alexandria.errors import BadInput

KINDS: Mapping[str, Kind] = {"edition": "edition", "work": "work", "author": "author"}


def writer_of(request: Request[Any, Any, Any]) -> str:
    """The id of the caller's key, which a write always has."""
    key_id = caller_of(request).key_id
    assert key_id is not None
    return key_id


def read_kind(text: str) -> Kind:
    """The kind of that name. Raises NotFound: it is a part of a path."""
    if text not in KINDS:
        raise NotFound("There are editions, works and authors: edition, work or author must stand there.")
    return KINDS[text]


def read_number(kind: Kind, text: str) -> int:
    """The ISBN of an edition, the number of a work's or author's key. Raises BadInput."""
    return parse_isbn(text) if kind == "edition" else parse_key(text, kind).number


def shown_key(kind: Kind, number: int) -> str:
    """The ISBN or key as it is shown."""
    return isbn13(number) if kind == "edition" else format_key(kind, number)


async def follow_told(database: Database, told: Told) -> Told:
    """What was told, about the record that its key leads to. Raises BadInput for a key that is ours to give."""
    if told.kind != "edition":
        return replace(told, id=await _given(database, told.kind, told.id, f"{told.kind}_key"))
    key = told.fields.get("work_key")
    if key is None:
        return told
    work = await _given(database, "work", parse_key(key).number, "work_key")
    return replace(told, fields={**told.fields, "work_key": format_key("work", work)})


async def follow_key(database: Database, kind: Kind, number: int) -> int:
    """The number of what a key became at Open Library; the same one where nothing is known of a merge."""
    if kind == "work" and number < 0:  # ours, for an edition that may have been given a work since
        place = await place_edition(database, -number)
        return place[1] if place else number
    target = await find_target(database, kind, number)
    return number if isinstance(target, Missing) or target[0] != kind else target[1]


async def _given(database: Database, kind: Kind, number: int, field: str) -> int:
    if number > MINTED and isinstance(await find_record(database, kind, number), Missing):
        raise BadInput(
            field, f"no {kind} {format_key(kind, number)} is known, and keys with AX are given by this service"
        )
    return await follow_key(database, kind, number)
