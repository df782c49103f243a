"""Works and editions as they stand in lists: title, authors, a few facts, a cover. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from alexandria.biblio.classes import told_class
from alexandria.biblio.dates import year_of
from alexandria.biblio.keys import parse_key
from alexandria.biblio.languages import language_name
from alexandria.covers.keys import SIZES, Size
from alexandria.covers.typographic import draw
from alexandria.dashboard.catalogue.texts import FORMATS, UNTITLED, count_of

Record = Mapping[str, Any]
MOST_AUTHORS: Final = 4
MOST_LANGUAGES: Final = 4
_COVER: Final = re.compile(r"/covers/([0-9]{13})/")
CLASSES: Final[Mapping[str, str]] = {
    "set": "Several works in one", "split": "Part of a work", "sampler": "Excerpt",
    "derived": "About or made of a work", "translation": "Translation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture by its address, in a box of so many pixels, with its main colour where that is known.

    Without an address it is `drawn`: an SVG of ours.
    """

    url: str | None
    width: int
    height: int
    colour: str | None = None
    drawn: Markup | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody by name, with the page about them."""

    name: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a list. `language` is that of the title, `note` why it is there or what it is."""

    href: str
    title: str
    subtitle: str | None
    language: str | None
    authors: Sequence[Name]
    more_authors: int
    facts: Sequence[str]
    cover: Cover
    note: str | None = None


def edition_card(edition: Record, colours: Mapping[str, str]) -> Card:
    """An edition among the others of its work."""
    year = year_of(edition["publication_date"])
    facts = [
        str(year) if year else None,
        edition["publisher"],
        FORMATS.get(edition["format"] or ""),
        language_name(edition["language"]) if edition["language"] else None,
        count_of(edition["page_count"], "page") if edition["page_count"] else None,
    ]
    return _card(edition_href(edition), edition, edition["language"], facts, edition_cover(edition, colours))


def work_card(work: Record, colours: Mapping[str, str], note: str | None = None) -> Card:
    """A work; `note` stands below it, without one what sort of thing its title says that it is."""
    year = work["first_publication_year"]
    facts = [str(year) if year else None, _sort(work)]
    return _card(f"/works/{work['key']}", work, work["original_language"], facts, work_cover(work, colours), note)


def result_card(
    work: Record | None, edition: Record | None, editions: int, spoken: Sequence[str], colours: Mapping[str, str]
) -> Card:
    """A result of a search: the work by its best edition, or the edition alone."""
    if work is None:
        assert edition is not None
        return edition_card(edition, colours)
    year = work["first_publication_year"] or (year_of(edition["publication_date"]) if edition else None)
    named = [language_name(code) for code in spoken[:MOST_LANGUAGES]]
    facts = [
        str(year) if year else None,
        count_of(editions, "edition") if editions else None,
        ", ".join(named) + (f" and {len(spoken) - len(named)} more" if len(spoken) > len(named) else "") or None,
        _sort(work),
    ]
    cover = work_cover(work, colours)
    if cover.url is None and edition and edition["isbn13"]:
        cover = edition_cover(edition, colours)
    return _card(f"/works/{work['key']}", work, work["original_language"], facts, cover)


def edition_href(edition: Record) -> str:
    """The page of an edition: by its key, since several may have one ISBN."""
    return f"/editions/{edition['key'] or edition['isbn13']}"


def answers_number(edition: Record) -> int:
    """The number under which answers about an edition are kept: its ISBN, without one its own number, negative."""
    return int(edition["isbn13"]) if edition["isbn13"] else -parse_key(edition["key"], "edition").number


def edition_cover(edition: Record, colours: Mapping[str, str], size: Size = "small") -> Cover:
    """An edition's cover: the stored one, or until there is one what the gallery draws."""
    isbn = edition["isbn13"]
    if isbn is None:
        return _drawn(edition, size)
    fallback = "" if edition["cover_url_small"] else "?fallback=svg"
    return Cover(f"/covers/{isbn}/{size}{fallback}", *SIZES[size], colours.get(isbn))


def work_cover(work: Record, colours: Mapping[str, str], size: Size = "small") -> Cover:
    """The cover of one of a work's editions."""
    url = work[f"cover_url_{size}"]
    isbn = isbn_in(url)
    return Cover(url, *SIZES[size], colours.get(isbn)) if isbn else _drawn(work, size)


def isbn_in(url: str | None) -> str | None:
    """The ISBN in the address of a cover of ours."""
    match = _COVER.match(url or "")
    return match[1] if match else None


def isbns_of(records: Iterable[Record | None]) -> list[int]:
    """The ISBNs whose covers some records show."""
    found = {record.get("isbn13") or isbn_in(record["cover_url_small"]) for record in records if record}
    return sorted(int(isbn) for isbn in found if isbn)


def names(people: Iterable[Record]) -> list[Name]:
    """The people who have a name."""
    return [Name(each["name"], f"/authors/{each['key']}" if each["key"] else None) for each in people if each["name"]]


def _drawn(record: Record, size: Size) -> Cover:
    title = record["title"]
    number = int(re.sub(r"\D", "", record["key"] or "") or 0)
    drawn = draw(number, title or UNTITLED, [each.name for each in names(record["authors"])], size)
    return Cover(None, *SIZES[size], drawn=Markup(drawn))  # noqa: S704 (`draw` escapes every text)


def _sort(work: Record) -> str | None:
    """What the words of a title tell: by the same rule that keeps such things out of lists when they are stored."""
    sort = told_class(work["title"] or "", work["subtitle"])
    return CLASSES[sort] if sort else None


def _card(
    href: str,
    record: Record,
    language: str | None,
    facts: Iterable[str | None],
    cover: Cover,
    note: str | None = None,
) -> Card:
    people = names(record["authors"])
    return Card(
        href=href,
        title=record["title"] or UNTITLED,
        subtitle=record["subtitle"],
        language=language if record["title"] else "en",
        authors=people[:MOST_AUTHORS],
        more_authors=max(len(people) - MOST_AUTHORS, 0),
        facts=[fact for fact in facts if fact],
        cover=cover,
        note=note,
    )
