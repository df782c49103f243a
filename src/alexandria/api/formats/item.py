"""What every format tells of an edition or work, taken from how it is served."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from alexandria.biblio.dates import PartialDate, parse_date

SITE = "https://openlibrary.org"
_FOLDERS = {"M": "books", "W": "works"}
_CORPORATE = re.compile(
    r"\b(?:university|institut\w*|society|committee|press|ministry|company|museum|\w+ GmbH)\b", re.I
)


class PersonName(NamedTuple):
    """A name: family and given names, or as a whole where nobody can tell them apart."""

    family: str
    given: str = ""

    @property
    def inverted(self) -> str:
        """`Tolkien, J. R. R.`, or the whole name."""
        return f"{self.family}, {self.given}" if self.given else self.family


class Item(NamedTuple):
    """An edition, or a work as one. `credits` name the sources that ask for it, with their address."""

    key: str
    title: str
    subtitle: str | None
    authors: Sequence[PersonName]
    contributors: Sequence[tuple[str, str | None]]
    publisher: str | None
    date_text: str | None
    date: PartialDate | None
    isbn: str | None
    pages: int | None
    format: str | None
    language: str | None
    description: str | None
    subjects: Sequence[str]
    identifiers: Mapping[str, Sequence[str]]
    url: str | None
    credits: Sequence[str] = ()

    @property
    def full_title(self) -> str:
        """Title and subtitle."""
        return f"{self.title}: {self.subtitle}" if self.subtitle else self.title


def read_item(record: Mapping[str, Any], credits: Sequence[str] = ()) -> Item:  # noqa: A002 (what they are)
    """The item of an edition or work as it is served."""
    text = record.get("publication_date")
    year = record.get("first_publication_year")
    key = record["key"] or record.get("isbn13") or ""
    work = record.get("work") or {}
    return Item(
        key=key,
        title=record["title"] or work.get("title") or "Untitled",
        subtitle=record["subtitle"],
        authors=[split_name(person["name"]) for person in record["authors"] if person["name"]],
        contributors=[(each["name"], each.get("role")) for each in record.get("contributors") or ()],
        publisher=record.get("publisher"),
        date_text=text or (str(year) if year is not None else None),
        date=parse_date(text) if text else PartialDate(year) if year and year > 0 else None,
        isbn=record.get("isbn13"),
        pages=record.get("page_count"),
        format=record.get("format"),
        language=record.get("language") or record.get("original_language"),
        description=record["description"],
        subjects=record["subjects"] or work.get("subjects") or (),
        identifiers=record.get("identifiers") or {},
        url=f"{SITE}/{_FOLDERS[key[-1]]}/{key}" if key.startswith("OL") else None,
        credits=credits,
    )


def split_name(name: str) -> PersonName:
    """The parts of a name: "Nix, Garth", "Garth Nix"; whole for bodies and for scripts that write names in one."""
    before, comma, after = name.partition(",")
    if comma and after.strip() and before.strip():
        return PersonName(before.strip(), after.strip())
    given, _, family = name.strip().rpartition(" ")
    if not given or _CORPORATE.search(name) or not _is_alphabetic(name):
        return PersonName(name.strip().rstrip(",") or name)
    return PersonName(family, given)


def _is_alphabetic(name: str) -> bool:
    """Whether the name is of a script in which the family name mostly comes last: no Han, kana, Hangul."""
    return not any("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in name)
