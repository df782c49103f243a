"""The kinds of jobs that enrich a record, and how their keys are written. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from alexandria.biblio.isbn import isbn13, parse_isbn
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.errors import BadInput

ENTITIES: Mapping[str, Kind] = MappingProxyType({"edition": "edition", "work": "work", "author": "author"})
REFOLDS: Mapping[Kind, str] = MappingProxyType(  # a kind for each, since numbers of works and authors are the same
    {"edition": "refold", "work": "refold-work", "author": "refold-author"}
)


def read_entity(kind: str, text: str, field: str = "entity_key") -> int:
    """The number of a record: an edition's ISBN-13, a work's or author's key's. Raises BadInput for that field."""
    try:
        return parse_isbn(text) if kind == "edition" else parse_key(text, cast(Kind, kind)).number
    except BadInput as error:
        hint = "; an edition is asked for by its ISBN" if kind == "edition" and "OL" in text.upper() else ""
        raise BadInput(field, error.message + hint) from None


def show_entity(kind: str, number: int) -> str:
    """The key as it is written; the bare number for kinds that enrich no record."""
    if kind not in ENTITIES:
        return str(number)
    return isbn13(number) if kind == "edition" else format_key(ENTITIES[kind], number)
