"""From Open Library's shapes to our records: text cleaned, references numbered, dates and languages understood."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from alexandria.biblio.dates import year_of
from alexandria.biblio.identifiers import normalise
from alexandria.biblio.isbn import bare_isbn, find_isbns
from alexandria.biblio.keys import Kind, ol_number, own_work, parse_key
from alexandria.biblio.languages import language_code
from alexandria.biblio.openlibrary.wire import (
    AuthorWire,
    EditionWire,
    Numbers,
    RedirectWire,
    Ref,
    Refs,
    Text,
    TextValue,
    Wire,
    WorkWire,
)
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work
from alexandria.biblio.text import clean_block, clean_line
from alexandria.errors import BadInput

LINE, BLOCK, MANY = 1_000, 20_000, 100  # characters of a line, of a block; items of a list
MAX_PAGES = 100_000
KINDS: dict[str, Kind] = {"b": "edition", "w": "work", "a": "author"}
OWNERS: dict[type[Wire], str | tuple[str, ...]] = {
    EditionWire: "/books/OL",
    WorkWire: "/works/OL",
    AuthorWire: "/authors/OL",
    RedirectWire: ("/books/OL", "/works/OL", "/authors/OL"),
}
Clean = Callable[[str], str]


def read_record(key: str, wire: Wire, raw: bytes = b"\\") -> Record:
    """Our record of what Open Library says under `key` (`/books/OL1M`).

    `raw` is the JSON that `wire` was decoded from: most of it is plain ASCII in which no text can need more than its
    blanks folded, and looking at it once is cheaper than at every text. Raises ValueError when the key, or where a
    redirect leads, is not of the kind that the record says it is.
    """
    if not key.startswith(OWNERS[type(wire)]):
        raise ValueError(f"{key} is no key of a record of this type")
    number = ol_number(key)
    clean = _squeeze if len(raw) <= LINE and _is_plain(raw) else _clean
    if isinstance(wire, EditionWire):
        return _edition(number, wire, clean)
    if isinstance(wire, WorkWire):
        return _work(number, wire, clean)
    if isinstance(wire, AuthorWire):
        return _author(number, wire, clean)
    return _redirect(KINDS[key[1]], number, wire)


def _is_plain(raw: bytes) -> bool:
    """Whether no text in it can hold anything but printable ASCII (JSON has no bare controls)."""
    return b"\\" not in raw and b"\x7f" not in raw and raw.isascii()


def _squeeze(text: str) -> str:
    """`clean_line` for a text that is short printable ASCII."""
    return text.strip() if "  " not in text else " ".join(text.split())


def _clean(text: str) -> str:
    return clean_line(text, LINE)


def _edition(number: int, wire: EditionWire, clean: Clean) -> Edition:
    publishers = _terms(wire.publishers, clean) if wire.publishers else []
    languages = _languages(wire.languages) if wire.languages else []
    date, form = wire.publish_date, wire.physical_format
    title = _title(wire, clean)
    return Edition(
        number,
        _first_work(wire.works) or own_work(number),
        title,
        (clean(wire.subtitle) or None) if wire.subtitle else None,
        _isbns(wire),
        _numbers(wire.authors) if wire.authors else (),
        publishers[0] if publishers else None,
        (clean(date) or None) if date else None,
        year_of(date) if date else None,
        wire.number_of_pages if wire.number_of_pages and 0 < wire.number_of_pages <= MAX_PAGES else None,
        book_format(form) if form else None,
        languages[0] if languages else None,
        _edition_details(wire, clean, publishers, languages),
    )


def _edition_details(  # noqa: C901 (a list of fields, in the form that is fastest: most are not there)
    wire: EditionWire, clean: Clean, publishers: list[str], languages: list[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if len(publishers) > 1:
        found["publishers"] = publishers
    if len(languages) > 1:
        found["languages"] = languages
    if wire.description:
        found["description"] = _block(wire.description)
    if wire.subjects or wire.genres:
        found["subjects"] = _terms([*(wire.subjects or ()), *(wire.genres or ())], clean)
    if wire.identifiers or wire.oclc_numbers or wire.lccn or wire.ocaid or wire.oclc_number:
        found["identifiers"] = _identifiers(wire)
    if wire.contributors or wire.contributions:
        found["contributors"] = _contributors(wire, clean)
    if wire.covers:
        found["covers"] = _covers(wire.covers)
    if wire.series:
        found["series"] = _terms(wire.series, clean)
    if wire.edition_name:
        found["edition_name"] = clean(wire.edition_name)
    if wire.by_statement:
        found["by_statement"] = clean(wire.by_statement)
    if wire.publish_places:
        found["publish_places"] = _terms(wire.publish_places, clean)
    if wire.dewey_decimal_class:
        found["dewey"] = _terms(wire.dewey_decimal_class, clean)
    if wire.lc_classifications:
        found["lcc"] = _terms(wire.lc_classifications, clean)
    if wire.translated_from:
        found["translated_from"] = _languages(wire.translated_from)
    if wire.translation_of:
        found["translation_of"] = clean(wire.translation_of)
    if wire.physical_format and not book_format(wire.physical_format):
        found["physical_format"] = clean(wire.physical_format)
    return found if all(found.values()) else _filled(found)


def _work(number: int, wire: WorkWire, clean: Clean) -> Work:
    found: dict[str, Any] = {}
    if wire.description:
        found["description"] = _block(wire.description)
    if wire.covers:
        found["covers"] = _covers(wire.covers)
    if wire.first_publish_date:
        found["first_publish_date"] = clean(wire.first_publish_date)
    for name, terms in (
        ("subjects", wire.subjects),
        ("subject_places", wire.subject_places),
        ("subject_people", wire.subject_people),
        ("subject_times", wire.subject_times),
        ("dewey", wire.dewey_number),
        ("lcc", wire.lc_classifications),
    ):
        if terms:
            found[name] = _terms(terms, clean)
    return Work(
        number,
        (clean(wire.title) or None) if wire.title else None,
        (clean(wire.subtitle) or None) if wire.subtitle else None,
        year_of(wire.first_publish_date) if wire.first_publish_date else None,
        _numbers([role.author for role in wire.authors]) if wire.authors else (),
        _filled(found),
    )


def _author(number: int, wire: AuthorWire, clean: Clean) -> Author:
    name = clean(wire.name) if wire.name else ""
    personal = clean(wire.personal_name) if wire.personal_name else ""
    found: dict[str, Any] = {
        "birth_year": year_of(wire.birth_date) if wire.birth_date else None,
        "death_year": year_of(wire.death_date) if wire.death_date else None,
        "identifiers": _schemes((scheme, [value]) for scheme, value in wire.remote_ids.items())
        if wire.remote_ids
        else None,
        "personal_name": personal if name and personal != name else None,
        "photos": _covers(wire.photos) if wire.photos else None,
        "bio": _block(wire.bio) if wire.bio else None,
        "alternate_names": _terms(wire.alternate_names, clean) if wire.alternate_names else None,
    }
    for label, text in (
        ("birth_date", wire.birth_date),
        ("death_date", wire.death_date),
        ("dates", wire.date),
        ("title", wire.title),
        ("fuller_name", wire.fuller_name),
        ("entity_type", wire.entity_type),
        ("wikipedia", wire.wikipedia),
    ):
        if text:
            found[label] = clean(text)
    return Author(number, name or personal or None, _filled(found))


def _redirect(kind: Kind, number: int, wire: RedirectWire) -> Redirect:
    try:
        target = parse_key(wire.location) if wire.location else None
    except BadInput as error:
        raise ValueError(f"location: {error.message}") from None
    return Redirect(kind=kind, number=number, target=target, isbns=_isbns(wire))


def _filled(found: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in found.items() if fact}


def _block(text: Text) -> str:
    if isinstance(text, TextValue):
        text = text.value
    return clean_block(text, BLOCK) if text else ""


def _terms(texts: list[str], clean: Clean) -> list[str]:
    """Short texts, cleaned, each once, in order."""
    if len(texts) == 1:
        term = clean(texts[0])
        return [term] if term else []
    return list(dict.fromkeys(filter(None, map(clean, texts[:MANY]))))


def _title(wire: EditionWire, clean: Clean) -> str | None:
    text = wire.title or wire.full_title
    title = clean(text) if text else None
    if wire.title_prefix and title:
        prefix = clean(wire.title_prefix)
        return title if title.startswith(prefix) else f"{prefix} {title}"
    return title or None


def _numbers(refs: list[Ref]) -> tuple[int, ...]:
    """The numbers of keys, each once, in order: one edition repeats the same two authors several hundred times."""
    if len(refs) == 1:
        try:
            return (ol_number(refs[0].key),)
        except ValueError:
            return ()
    numbers: dict[int, None] = {}
    for ref in refs:
        try:
            numbers[ol_number(ref.key)] = None
        except ValueError:
            continue
    return tuple(numbers)[:MANY]


def _first_work(refs: Refs) -> int | None:
    if not refs:
        return None
    try:
        return ol_number(refs[0].key)
    except ValueError:
        works = _numbers(refs)
        return works[0] if works else None


def _isbns(wire: EditionWire | RedirectWire) -> tuple[int, ...]:
    """Every valid ISBN of a record as ISBN-13, each once.

    Nearly always an ISBN-13 and its ISBN-10: then the nine digits that they share say all.
    """
    ten, thirteen = wire.isbn_10, wire.isbn_13
    if thirteen:
        if len(thirteen) == 1 and (
            not ten or (len(ten) == 1 and len(ten[0]) == 10 and thirteen[0][3:12] == ten[0][:9])
        ):
            number = bare_isbn(thirteen[0])
            if number:
                return (number,)
    elif not ten:
        return ()
    return _all_isbns((thirteen, ten))


def _all_isbns(lists: Iterable[list[str] | None]) -> tuple[int, ...]:
    found = (isbn for texts in lists if texts for text in texts for isbn in find_isbns(text))
    return tuple(dict.fromkeys(found))[:MANY]


def _covers(numbers: Numbers) -> list[int]:
    """Positive ids in order: -1 and null mean that there is none."""
    return [number for number in numbers if number and number > 0][:MANY] if numbers else []


def _languages(refs: list[Ref]) -> list[str]:
    if len(refs) == 1:
        code = language_code(refs[0].key)
        return [code] if code else []
    return list(dict.fromkeys(code for ref in refs if (code := language_code(ref.key))))


def _contributors(wire: EditionWire, clean: Clean) -> list[dict[str, str | None]]:
    people = [(person.name, person.role) for person in wire.contributors or ()]
    people += [(name, None) for name in wire.contributions or ()]
    return [
        {"name": name, "role": (clean(role) or None) if role else None}
        for text, role in people[:MANY]
        if (name := clean(text))
    ]


def _identifiers(wire: EditionWire) -> dict[str, list[str]]:
    found: dict[str, list[str]] = dict(wire.identifiers or {})
    for scheme, values in (
        ("oclc", wire.oclc_numbers),
        ("oclc", wire.oclc_number),
        ("lccn", wire.lccn),
        ("ocaid", [wire.ocaid] if wire.ocaid else None),
    ):
        if values:
            found[scheme] = found.get(scheme, []) + values
    return _schemes(found.items()) if found else {}


def _schemes(pairs: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for scheme, values in pairs:
        for value in values[:MANY]:
            pair = normalise(scheme, value)
            if pair is None:
                continue
            name, number = pair
            known = kept.get(name)
            if known is None:
                kept[name] = [number]
            elif number not in known:
                known.append(number)
    return kept


FORMATS = (
    ("audiobook", ("audio", "cassette", "mp3", "cd-rom audio", "sound recording", "hörbuch")),
    ("ebook", ("ebook", "e-book", "kindle", "electronic", "epub", "pdf", "digital")),
    (
        "paperback",
        (
            "paperback",
            "paper back",
            "softcover",
            "soft cover",
            "pbk",
            "taschenbuch",
            "broché",
            "poche",
            "broschiert",
            "rústica",
            "tapa blanda",
            "brossura",
        ),
    ),
    (
        "hardcover",
        (
            "hardcover",
            "hardback",
            "hard cover",
            "hardbound",
            "gebunden",
            "relié",
            "tapa dura",
            "library binding",
            "cartonné",
            "rilegato",
        ),
    ),
)


@lru_cache(maxsize=4096)
def book_format(text: str | None) -> str | None:
    """One of hardcover, paperback, ebook, audiobook; None for other or unknown free text."""
    folded = (text or "").casefold()
    return next((name for name, words in FORMATS if any(word in folded for word in words)), None)
