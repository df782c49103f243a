"""Names of people as ISBNdb has them: turned round, broken at the comma, with dates and marks in them. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from alexandria.biblio.text import clean_line, fold, strip_html

LONGEST: Final = 300
MANY: Final = 100
_MARK: Final = re.compile(r"~[^~\s]{1,40}~")
_DATES: Final = re.compile(r"(?:b|d|ca|fl)?\.?\s*\d{3,4}\??\s*(?:-\s*(?:\d{3,4}\??)?)?\.?")
_STOP: Final = re.compile(r"(?<=[^\W\d_]{4})\.$")  # a full stop that ends a heading, no abbreviation
_BEHIND: Final = frozenset(
    "jr sr ii iii iv phd md ma ba dds esq inc ltd llc co corp gmbh plc sa ag lp pvt pty limited".split()
)


def read_names(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The names, each once, in order, with the surname last."""
    parts = [part for text in texts if text for part in strip_html(text).split(";")]
    cleaned = [name for part in parts[:MANY] if (name := _cleaned(part))]
    if cleaned and len(cleaned) % 2 == 0 and not any(" " in name or "," in name for name in cleaned):
        pairs = zip(cleaned[::2], cleaned[1::2], strict=True)
        cleaned = [f"{first} {last}" for last, first in pairs]  # pairs of single words are names broken at their comma
    found: dict[str, str] = {}
    for name in map(_turned, cleaned):
        found.setdefault(fold(name) or name, name)
    return tuple(found.values())


def _cleaned(text: str) -> str:
    """The text without marks, or nothing where it holds no letter."""
    text = clean_line(_MARK.sub(" ", text), LONGEST).strip(" ,")
    return _STOP.sub("", text) if any(character.isalpha() for character in text) else ""


def _turned(name: str) -> str:
    """ "Last, First, Jr., 1941-" as "First Last Jr."; a company's name as it is."""
    parts = [part for part in (part.strip() for part in name.split(",")) if part and not _DATES.fullmatch(part)]
    behind = [part for part in parts[1:] if _is_behind(part)]
    before = [part for part in parts if part not in behind]
    if len(before) == 2:
        return " ".join((before[1], before[0], *behind))
    return ", ".join(parts) or name


def _is_behind(part: str) -> bool:
    """Whether it stands behind a name for good: Jr., Ph.D., Ltd."""
    return re.sub(r"[.\s]", "", part).lower() in _BEHIND
