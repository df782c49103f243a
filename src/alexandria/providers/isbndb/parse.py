"""From ISBNdb's book to the neutral answer. Pure."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from alexandria.biblio.answers import EditionAnswer, Format, PassingUrl, Person
from alexandria.biblio.dates import parse_date
from alexandria.biblio.isbn import find_isbns, isbn13
from alexandria.biblio.languages import language_code
from alexandria.biblio.openlibrary.fields import book_format
from alexandria.biblio.text import clean_block, clean_line, fold, strip_html
from alexandria.providers.isbndb.names import read_names
from alexandria.providers.isbndb.wire import BookWire

LINE: Final = 1_000
BLOCK: Final = 20_000
MANY: Final = 100
MOST_PAGES: Final = 50_000
ADDRESS: Final = 2_048  # characters
_PAGES: Final = re.compile(r"(\d{1,5})\s*(?:p|pp|pages|s)\b", re.IGNORECASE)
_PLAIN_ADDRESS: Final = re.compile(  # nearly all are: taking an address apart costs ten times as much
    r"(https?://[a-z0-9.-]+(?::(?:[1-5]\d{4}|[1-9]\d{0,3}))?(?:/[!\"$->@-~]{0,900})?)(?:[?#]|\Z)", re.ASCII
)
_CALL_NUMBER: Final = re.compile(r"[A-Z]{1,3}\d{1,4}(?:\.\d+)?\s*\.[A-Z]\d+.*|[\d./]+|[A-Z]{1,2}")
_SHELVES: Final = frozenset(("custom stores", "self service", "specialty stores", "books"))


def read_book(wire: BookWire) -> EditionAnswer:
    """What a book of ISBNdb says."""
    title = _line(wire.title) or _line(wire.title_long)
    return EditionAnswer(
        isbns=read_isbns(wire),
        title=title,
        subtitle=_subtitle(title, _line(wire.title_long)),
        authors=tuple(Person(name) for name in read_names(_texts(wire.authors))),
        publisher=_line(wire.publisher),
        publication_date=_date(wire.date_published) or _date(wire.publish_date),
        page_count=_pages(wire.pages) or _pages(_counted(wire.dimensions)),
        format=_format(wire.binding) or _format(wire.format),
        language=_language(wire.language),
        description=_block(wire.synopsis) or _block(wire.synopsys) or _block(wire.overview),
        subjects=_subjects(_texts(wire.subjects)),
        cover_url=_picture(wire.image),
        passing_cover=_passing(wire.image_original),
        metadata=_metadata(wire),
    )


def read_isbns(wire: BookWire) -> tuple[int, ...]:
    """Every valid ISBN of the book itself, each once."""
    found = (isbn for text in (wire.isbn13, wire.isbn10) if text for isbn in find_isbns(text))
    return tuple(dict.fromkeys(found))


def _line(text: str | None) -> str | None:
    return clean_line(strip_html(text), LINE) or None if text else None


def _block(text: str | None) -> str | None:
    return clean_block(strip_html(text), BLOCK) or None if text else None


def _texts(value: str | list[Any] | dict[str, Any] | None) -> list[Any]:
    """The items of a list, which may be an object with numbers for keys, or a single one."""
    if isinstance(value, dict):
        return list(value.values())
    return [value] if isinstance(value, str) else list(value or ())


def _subtitle(title: str | None, long: str | None) -> str | None:
    """What the long title has behind the title and a colon."""
    if title and long and long.casefold().startswith(f"{title.casefold()}:"):
        return long[len(title) + 1 :].strip() or None
    return None


def _date(value: str | int | None) -> str | None:
    """The date as precise as it is certain; else its text, where there is a date in it at all."""
    text = clean_line(str(value or ""), 40)
    date = parse_date(text)
    if date is None:
        return None
    return text if date.approximate else date.iso


def _pages(value: object) -> int | None:
    """A plausible number of pages. Older answers have [] for none."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else None
    return value if isinstance(value, int) and 0 < value <= MOST_PAGES else None


def _counted(dimensions: str | None) -> str | None:
    """The number of pages, which sometimes stands where the measures should: "97 p."."""
    match = _PAGES.match(dimensions.strip()) if dimensions else None
    return match[1] if match else None


def _format(text: str | None) -> Format | None:
    known = book_format("paperback" if text and text.casefold().startswith("paperbound") else text)
    return next((each for each in ("hardcover", "paperback", "ebook", "audiobook") if each == known), None)


def _language(text: str | None) -> str | None:
    """The code of a language written as a code, a word, or one behind the other: "ger German"."""
    return language_code(text) or language_code((text or "").partition(" ")[0]) if text else None


def _subjects(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Subjects without a shop's shelves and call numbers, each once."""
    found: dict[str, str] = {}
    for text in texts:
        subject = clean_line(strip_html(text).replace("_", " "), LINE) if text else ""
        if "_" in (text or "") and subject.isupper():
            subject = subject.capitalize()
        folded = fold(subject)
        if folded and folded not in _SHELVES and not _CALL_NUMBER.fullmatch(subject):
            found.setdefault(folded, subject)
    return tuple(found.values())[:MANY]


def _picture(url: str | None) -> str | None:
    """The address of the picture, which may show a placeholder; whatever could be a token is cut off."""
    text = (url or "").strip()
    plain = _PLAIN_ADDRESS.match(text)
    return plain[1] if plain else _bare_address(text)


def _bare_address(text: str) -> str | None:
    """An address without query, fragment and user; None for what is none of a web page, or is too long."""
    try:
        parts = urlsplit(text)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or len(parts.path) > LINE:
        return None
    address = urlunsplit((parts.scheme.lower(), host, parts.path, "", ""))
    return address if address.isprintable() and " " not in address else None


def _passing(url: str | None) -> PassingUrl | None:
    """The address of the original as it is, token and all."""
    text = (url or "").strip()
    is_one = _picture(text) and len(text) <= ADDRESS and text.isprintable() and " " not in text
    return PassingUrl(text) if is_one else None


def _metadata(wire: BookWire) -> dict[str, Any]:
    """What has no field of its own: binding and edition as text, Dewey numbers, other editions of the title."""
    others = wire.other_isbns.values() if isinstance(wire.other_isbns, dict) else wire.other_isbns or ()
    isbns = dict.fromkeys(isbn13(isbn) for other in list(others)[:MANY] for isbn in find_isbns(other.isbn or ""))
    found = {
        "binding": _line(wire.binding) or _line(wire.format),
        "edition": _line(str(wire.edition)) if wire.edition is not None else None,
        "dewey": [number for text in _texts(wire.dewey_decimal)[:MANY] if (number := _line(text))],
        "other_isbns": list(isbns),
    }
    return {name: value for name, value in found.items() if value}
