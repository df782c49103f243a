"""From Open Library's shapes to our records: text cleaned, references numbered, dates and languages understood."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from alexandria.biblio.dates import year_of
from alexandria.biblio.identifiers import normalise
from alexandria.biblio.isbn import find_isbns
from alexandria.biblio.keys import Kind, ol_number, own_work, parse_key
from alexandria.biblio.languages import language_code
from alexandria.biblio.openlibrary.wire import (
    AuthorWire,
    EditionWire,
    Numbers,
    RedirectWire,
    Refs,
    Text,
    TextValue,
    Wire,
    WorkWire,
)
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work
from alexandria.biblio.text import clean_block, clean_line
from alexandria.errors import BadInput

LINE, BLOCK, TERM, MANY = 1_000, 20_000, 200, 100
MAX_PAGES = 100_000
PREFIXES: dict[str, Kind] = {"books": "edition", "works": "work", "authors": "author"}
OWNERS: dict[str, tuple[type, ...]] = {
    "books": (EditionWire, RedirectWire),
    "works": (WorkWire, RedirectWire),
    "authors": (AuthorWire, RedirectWire),
}


def read_record(key: str, wire: Wire) -> Record:
    """Our record of what Open Library says under `key` (`/books/OL1M`).

    Raises ValueError when the key, or where a redirect leads, is not of the kind that the record says it is.
    """
    prefix = key[1 : key.find("/", 1)]
    if not isinstance(wire, OWNERS.get(prefix, ())):
        raise ValueError(f"{key} is no key of a record of this type")
    number = ol_number(key)
    if isinstance(wire, EditionWire):
        return _edition(number, wire)
    if isinstance(wire, WorkWire):
        return _work(number, wire)
    if isinstance(wire, AuthorWire):
        return _author(number, wire)
    return _redirect(PREFIXES[prefix], number, wire)


def _edition(number: int, wire: EditionWire) -> Edition:
    publishers = _terms(wire.publishers)
    languages = _languages(wire.languages)
    details = _details(
        publishers=publishers if len(publishers) > 1 else None,
        languages=languages if len(languages) > 1 else None,
        description=_block(wire.description),
        subjects=_terms((wire.subjects or []) + (wire.genres or [])),
        identifiers=_identifiers(wire),
        contributors=_contributors(wire),
        covers=_covers(wire.covers),
        series=_terms(wire.series),
        edition_name=_line(wire.edition_name),
        by_statement=_line(wire.by_statement),
        publish_places=_terms(wire.publish_places),
        dewey=_terms(wire.dewey_decimal_class),
        lcc=_terms(wire.lc_classifications),
        translated_from=_languages(wire.translated_from),
        translation_of=_line(wire.translation_of),
        physical_format=_line(wire.physical_format) if not book_format(wire.physical_format) else None,
    )
    return Edition(
        number=number,
        work=_first_work(wire.works) or own_work(number),
        title=_title(wire),
        subtitle=_line(wire.subtitle),
        isbns=_isbns(wire.isbn_13, wire.isbn_10, wire.isbn),
        authors=_numbers(ref.key for ref in wire.authors or ()),
        publisher=publishers[0] if publishers else None,
        publish_date=_line(wire.publish_date),
        year=year_of(wire.publish_date),
        pages=wire.number_of_pages if 0 < (wire.number_of_pages or 0) <= MAX_PAGES else None,
        format=book_format(wire.physical_format),
        language=languages[0] if languages else None,
        details=details,
    )


def _work(number: int, wire: WorkWire) -> Work:
    details = _details(
        description=_block(wire.description),
        subjects=_terms(wire.subjects),
        subject_places=_terms(wire.subject_places),
        subject_people=_terms(wire.subject_people),
        subject_times=_terms(wire.subject_times),
        covers=_covers(wire.covers),
        first_publish_date=_line(wire.first_publish_date),
        dewey=_terms(wire.dewey_number),
        lcc=_terms(wire.lc_classifications),
    )
    return Work(
        number=number,
        title=_line(wire.title),
        subtitle=_line(wire.subtitle),
        year=year_of(wire.first_publish_date),
        authors=_numbers(role.author.key for role in wire.authors or ()),
        details=details,
    )


def _author(number: int, wire: AuthorWire) -> Author:
    name = _line(wire.name) or _line(wire.personal_name)
    personal = _line(wire.personal_name)
    details = _details(
        personal_name=personal if personal != name else None,
        fuller_name=_line(wire.fuller_name),
        alternate_names=_terms(wire.alternate_names),
        title=_line(wire.title),
        entity_type=_line(wire.entity_type),
        birth_date=_line(wire.birth_date),
        death_date=_line(wire.death_date),
        birth_year=year_of(wire.birth_date),
        death_year=year_of(wire.death_date),
        dates=_line(wire.date),
        bio=_block(wire.bio),
        photos=_covers(wire.photos),
        identifiers=_schemes((scheme, [value]) for scheme, value in (wire.remote_ids or {}).items()),
        wikipedia=_line(wire.wikipedia),
    )
    return Author(number=number, name=name, details=details)


def _redirect(kind: Kind, number: int, wire: RedirectWire) -> Redirect:
    try:
        target = parse_key(wire.location) if wire.location else None
    except BadInput as error:
        raise ValueError(f"location: {error.message}") from None
    return Redirect(kind=kind, number=number, target=target, isbns=_isbns(wire.isbn_13, wire.isbn_10))


def _details(**facts: Any) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact}


def _line(text: str | None) -> str | None:
    return (clean_line(text, LINE) or None) if text else None


def _block(text: Text) -> str | None:
    if isinstance(text, TextValue):
        text = text.value
    return (clean_block(text, BLOCK) or None) if text else None


def _terms(texts: list[str] | None) -> list[str]:
    """Short texts, cleaned, each once, in order."""
    if not texts:
        return []
    return list(dict.fromkeys(term for text in texts[:MANY] if (term := clean_line(text, TERM))))


def _title(wire: EditionWire) -> str | None:
    title = _line(wire.title) or _line(wire.full_title)
    prefix = _line(wire.title_prefix)
    return f"{prefix} {title}" if prefix and title and not title.startswith(prefix) else title


def _numbers(keys: Iterable[str]) -> tuple[int, ...]:
    """The numbers of keys, each once, in order: one edition repeats the same two authors several hundred times."""
    numbers: dict[int, None] = {}
    for key in keys:
        try:
            numbers[ol_number(key)] = None
        except ValueError:
            continue
    return tuple(numbers)[:MANY]


def _first_work(refs: Refs) -> int | None:
    return next(iter(_numbers(ref.key for ref in refs)), None) if refs else None


def _isbns(*lists: list[str] | None) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for texts in lists:
        for text in texts or ():
            found.update(dict.fromkeys(find_isbns(text)))
    return tuple(found)[:MANY]


def _covers(numbers: Numbers) -> list[int]:
    """Positive ids in order: -1 and null mean that there is none."""
    return [number for number in numbers if number and number > 0][:MANY] if numbers else []


def _languages(refs: Refs) -> list[str]:
    if not refs:
        return []
    return list(dict.fromkeys(code for ref in refs if (code := language_code(ref.key))))


def _contributors(wire: EditionWire) -> list[dict[str, str | None]]:
    people = [(person.name, person.role) for person in wire.contributors or ()]
    people += [(name, None) for name in wire.contributions or ()]
    return [{"name": name, "role": _line(role)} for text, role in people[:MANY] if (name := clean_line(text, TERM))]


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
            if pair and pair[1] not in kept.setdefault(pair[0], []):
                kept[pair[0]].append(pair[1])
    return {scheme: values for scheme, values in kept.items() if values}


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
