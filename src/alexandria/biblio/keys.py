"""Keys of editions, works and authors: Open Library's and ours, as a kind and a number.

    OL7353617M   edition   7353617               Open Library's own, always below 10**12
    OL45804W     work      45804
    OL34184A     author    34184
    AXE7353617W  work      -7353617              ours, for an edition for which Open Library names no work
    AX12W, AX12A work      10**12 + 12           ours, minted by enrichment

So one `bigint` column holds all of them, and where a number comes from can be read off it.
"""

import re
from typing import Final, Literal, NamedTuple

from alexandria.errors import BadInput

__all__ = ["MINTED", "Key", "Kind", "format_key", "ol_number", "own_work", "parse_key"]

Kind = Literal["edition", "work", "author"]

MINTED: Final = 10**12  # numbers above it are minted by us; Open Library's stay far below

_LETTERS: Final[dict[Kind, str]] = {"edition": "M", "work": "W", "author": "A"}
_KINDS: Final[dict[str, Kind]] = {"M": "edition", "W": "work", "A": "author"}
_FOLDERS: Final[dict[str, Kind]] = {
    "books": "edition",
    "editions": "edition",
    "works": "work",
    "authors": "author",
}
_EXAMPLES: Final[dict[Kind, str]] = {
    "edition": "an edition key such as OL7353617M",
    "work": "a work key such as OL45804W",
    "author": "an author key such as OL34184A",
}
_LONGEST_TEXT: Final = 1000  # an address with a long title behind the key

_KEY: Final = re.compile(
    r"(?:(?:https?://)?(?:[a-z0-9-]+\.)*openlibrary\.org(?=/))?"
    r"/?(?:(?P<folder>books|editions|works|authors)/)?"
    r"(?P<family>OL|AXE|AX)0*(?P<number>[1-9][0-9]{0,11})(?P<letter>[MWA])"
    r"(?P<tail>(?:[/.?#].*)?)",
    re.IGNORECASE | re.ASCII,
)


class Key(NamedTuple):
    """What a key names, and its number."""

    kind: Kind
    number: int


def parse_key(text: str, kind: Kind | None = None) -> Key:
    """The kind and number of a key in any accepted form; only of `kind`, when given.

    Accepted: `OL7353617M`, `/books/OL7353617M`, a full openlibrary.org address, any case, leading zeros.
    Raises BadInput("key", ...), which names what was expected.
    """
    stripped = text.strip() if len(text) <= _LONGEST_TEXT else ""
    match = _KEY.fullmatch(stripped)
    key = _key_of(match) if match else None
    if key is None or (kind is not None and key.kind != kind):
        expected = _EXAMPLES[kind] if kind else "a key such as OL7353617M, OL45804W or OL34184A"
        raise BadInput("key", f"expected {expected}" + (f", not of an {key.kind}" if key else ""))
    return key


def _key_of(match: re.Match[str]) -> Key | None:
    """The key in a matched text, or None where folder, family and letter do not go together."""
    folder, family = match["folder"], match["family"].upper()
    kind, number = _KINDS[match["letter"].upper()], int(match["number"])
    if folder and _FOLDERS[folder.lower()] != kind:
        return None
    if match["tail"] and not folder:  # only an address has something behind its key
        return None
    if family == "OL":
        return Key(kind, number)
    if family == "AX":
        return Key(kind, MINTED + number) if kind != "edition" else None
    return Key(kind, -number) if kind == "work" else None


def format_key(kind: Kind, number: int) -> str:
    """The wire form, such as `OL45804W`; the inverse of `parse_key`. ValueError for a number no key has."""
    letter = _LETTERS[kind]
    if 0 < number < MINTED:
        return f"OL{number}{letter}"
    if kind == "work" and -MINTED < number < 0:
        return f"AXE{-number}W"
    if kind != "edition" and MINTED < number < 2 * MINTED:
        return f"AX{number - MINTED}{letter}"
    raise ValueError(f"no {kind} key has the number {number}")


def own_work(edition_number: int) -> int:
    """The number of the work of ours for an edition without one: `AXE{edition_number}W`."""
    return -edition_number


def ol_number(key: str) -> int:
    """The number in an Open Library key of a dump line: "/books/OL123M" gives 123. ValueError for all else.

    The letter is not compared with the folder: dump lines are millions, and their type stands in column one.
    """
    digits = key[key.rfind("/OL") + 3 : -1]
    if digits.isdigit() and digits.isascii() and len(digits) <= 12 and key[-1] in "MWA" and key[0] == "/":
        number = int(digits)
        if number:
            return number
    raise ValueError(f"not an Open Library key: {key[:60]!r}")
