"""CSL-JSON, as citation programs read it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from alexandria.api.formats.item import Item, PersonName

ROLES = {"translator": "translator", "editor": "editor", "illustrator": "illustrator"}


def write_csl(items: Sequence[Item]) -> bytes:
    """A JSON list of CSL items."""
    return msgspec.json.encode([_csl(item) for item in items])


def _csl(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": item.key,
        "type": "book",
        "title": item.full_title,
        "author": [_name(name) for name in item.authors],
        "publisher": item.publisher,
        "ISBN": item.isbn,
        "number-of-pages": item.pages,
        "language": item.language,
        "abstract": item.description,
        "URL": item.url,
        "note": "; ".join(item.credits),
        "issued": _issued(item),
    }
    for name, role in item.contributors:
        variable = ROLES.get((role or "").lower())
        if variable:
            told.setdefault(variable, []).append({"literal": name})
    return {name: value for name, value in told.items() if value}


def _name(name: PersonName) -> dict[str, str]:
    return {"family": name.family, "given": name.given} if name.given else {"literal": name.family}


def _issued(item: Item) -> dict[str, Any] | None:
    if item.date is None:
        return {"literal": item.date_text} if item.date_text else None
    parts = [item.date.year]
    if item.date.month:
        parts.append(item.date.month)
        if item.date.day:
            parts.append(item.date.day)
    return {"date-parts": [parts], **({"circa": True} if item.date.approximate else {})}
