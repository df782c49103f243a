"""From Open Library's shapes to our records."""

from typing import Any

from alexandria.biblio.dates import year_of
from alexandria.biblio.keys import Kind, ol_number, own_work, parse_key
from alexandria.biblio.openlibrary.fields import (
    Clean,
    book_format,
    choose_cleaner,
    first_number,
    read_block,
    read_contributors,
    read_covers,
    read_identifiers,
    read_isbns,
    read_languages,
    read_numbers,
    read_schemes,
    read_terms,
)
from alexandria.biblio.openlibrary.wire import AuthorWire, EditionWire, RedirectWire, Wire, WorkWire
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work
from alexandria.errors import BadInput

MAX_PAGES = 100_000
KINDS: dict[str, Kind] = {"b": "edition", "w": "work", "a": "author"}
OWNERS: dict[type[Wire], str | tuple[str, ...]] = {
    EditionWire: "/books/OL",
    WorkWire: "/works/OL",
    AuthorWire: "/authors/OL",
    RedirectWire: ("/books/OL", "/works/OL", "/authors/OL"),
}


def read_record(key: str, wire: Wire, raw: bytes = b"\\") -> Record:
    """Our record of what Open Library says under `key` (`/books/OL1M`).

    `raw` is the JSON that `wire` was decoded from: most of it is plain ASCII in which no text can need more than its
    blanks folded, and looking at it once is cheaper than at every text. Raises ValueError when the key, or where a
    redirect leads, is not of the kind that the record says it is.
    """
    if not key.startswith(OWNERS[type(wire)]):
        raise ValueError(f"{key} is no key of a record of this type")
    number = ol_number(key)
    clean = choose_cleaner(raw)
    if isinstance(wire, EditionWire):
        return _edition(number, wire, clean)
    if isinstance(wire, WorkWire):
        return _work(number, wire, clean)
    if isinstance(wire, AuthorWire):
        return _author(number, wire, clean)
    return _redirect(KINDS[key[1]], number, wire)


def _edition(number: int, wire: EditionWire, clean: Clean) -> Edition:
    publishers = read_terms(wire.publishers, clean) if wire.publishers else []
    languages = read_languages(wire.languages) if wire.languages else []
    date, form = wire.publish_date, wire.physical_format
    title = _title(wire, clean)
    return Edition(
        number,
        first_number(wire.works) or own_work(number),
        title,
        (clean(wire.subtitle) or None) if wire.subtitle else None,
        read_isbns(wire),
        read_numbers(wire.authors) if wire.authors else (),
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
        found["description"] = read_block(wire.description)
    if wire.subjects or wire.genres:
        found["subjects"] = read_terms([*(wire.subjects or ()), *(wire.genres or ())], clean)
    if wire.identifiers or wire.oclc_numbers or wire.lccn or wire.ocaid or wire.oclc_number:
        found["identifiers"] = read_identifiers(wire)
    if wire.contributors or wire.contributions:
        found["contributors"] = read_contributors(wire, clean)
    if wire.covers:
        found["covers"] = read_covers(wire.covers)
    if wire.series:
        found["series"] = read_terms(wire.series, clean)
    if wire.edition_name:
        found["edition_name"] = clean(wire.edition_name)
    if wire.by_statement:
        found["by_statement"] = clean(wire.by_statement)
    if wire.publish_places:
        found["publish_places"] = read_terms(wire.publish_places, clean)
    if wire.dewey_decimal_class:
        found["dewey"] = read_terms(wire.dewey_decimal_class, clean)
    if wire.lc_classifications:
        found["lcc"] = read_terms(wire.lc_classifications, clean)
    if wire.translated_from:
        found["translated_from"] = read_languages(wire.translated_from)
    if wire.translation_of:
        found["translation_of"] = clean(wire.translation_of)
    if wire.physical_format and not book_format(wire.physical_format):
        found["physical_format"] = clean(wire.physical_format)
    return found if all(found.values()) else _filled(found)


def _work(number: int, wire: WorkWire, clean: Clean) -> Work:
    found: dict[str, Any] = {}
    if wire.description:
        found["description"] = read_block(wire.description)
    if wire.covers:
        found["covers"] = read_covers(wire.covers)
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
            found[name] = read_terms(terms, clean)
    return Work(
        number,
        (clean(wire.title) or None) if wire.title else None,
        (clean(wire.subtitle) or None) if wire.subtitle else None,
        year_of(wire.first_publish_date) if wire.first_publish_date else None,
        read_numbers([role.author for role in wire.authors]) if wire.authors else (),
        _filled(found),
    )


def _author(number: int, wire: AuthorWire, clean: Clean) -> Author:
    name = clean(wire.name) if wire.name else ""
    personal = clean(wire.personal_name) if wire.personal_name else ""
    found: dict[str, Any] = {
        "birth_year": year_of(wire.birth_date) if wire.birth_date else None,
        "death_year": year_of(wire.death_date) if wire.death_date else None,
        "identifiers": read_schemes((scheme, [value]) for scheme, value in wire.remote_ids.items())
        if wire.remote_ids
        else None,
        "personal_name": personal if name and personal != name else None,
        "photos": read_covers(wire.photos) if wire.photos else None,
        "bio": read_block(wire.bio) if wire.bio else None,
        "alternate_names": read_terms(wire.alternate_names, clean) if wire.alternate_names else None,
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
    return Redirect(kind=kind, number=number, target=target, isbns=read_isbns(wire))


def _filled(found: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in found.items() if fact}


def _title(wire: EditionWire, clean: Clean) -> str | None:
    text = wire.title or wire.full_title
    title = clean(text) if text else None
    if wire.title_prefix and title:
        prefix = clean(wire.title_prefix)
        return title if title.startswith(prefix) else f"{prefix} {title}"
    return title or None
