"""Right answers of ISBNdb and Google Books, for tests to spoil."""

from typing import Any, Final

import msgspec

ISBN: Final = 9780140328721
OTHER: Final = 9781338878929
BOOK: Final[dict[str, Any]] = {"title": "Fantastic Mr. Fox", "isbn13": str(ISBN), "authors": ["Roald Dahl"]}
WRONG_BOOK: Final[dict[str, Any]] = {**BOOK, "isbn13": str(OTHER)}


def made_isbn(number: int) -> int:
    """A valid ISBN for each number of nine digits."""
    twelve = f"978{number:09}"
    return int(f"{twelve}{-sum((1, 3)[at % 2] * int(digit) for at, digit in enumerate(twelve)) % 10}")


def volume(isbn: int, **info: Any) -> dict[str, Any]:
    """A volume of Google Books."""
    identifiers = [{"type": "ISBN_13", "identifier": str(isbn)}]
    return {"id": "wNPnl5zYA-cC", "volumeInfo": {"title": "x", "industryIdentifiers": identifiers, **info}}


def volumes(*items: Any) -> dict[str, Any]:
    """A list of Google Books."""
    return {"kind": "books#volumes", "totalItems": len(items), "items": list(items)}


def body(value: Any) -> bytes:
    """The JSON of a value."""
    return msgspec.json.encode(value)
