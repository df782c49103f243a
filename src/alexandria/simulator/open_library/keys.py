"""Keys of the catalogue at Open Library: far above the real ones, and above those of synthetic dumps.

10,000,000,000 + n are live records, 20,000,000,000 + n redirects to them, 30,000,000,000 + n deleted ones.
"""

import re
from typing import Literal, NamedTuple

Kind = Literal["books", "works", "authors"]

LIVE, OLD, GONE, END = (count * 10**10 for count in (1, 2, 3, 4))
_LETTERS: dict[Kind, str] = {"books": "M", "works": "W", "authors": "A"}
_KINDS: dict[str, Kind] = {letter: kind for kind, letter in _LETTERS.items()}
_KEY = re.compile(r"(?:/(?:books|works|authors)/)?OL([1-9]\d{0,11})([MWA])", re.ASCII)


class Key(NamedTuple):
    """A key in parts."""

    kind: Kind
    number: int


def parse(text: str) -> Key | None:
    """The parts of `/books/OL1M` or `OL1M`; None for anything else."""
    match = _KEY.fullmatch(text)
    if not match:
        return None
    kind = _KINDS[match[2]]
    return Key(kind, int(match[1])) if text.startswith(("OL", f"/{kind}/")) else None


def write(kind: Kind, number: int) -> str:
    """The whole key."""
    return f"/{kind}/OL{number}{_LETTERS[kind]}"


def olid(kind: Kind, number: int) -> str:
    """The key without its folder."""
    return f"OL{number}{_LETTERS[kind]}"
