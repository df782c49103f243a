"""What was learned, as the search index has it: a document for each record, stored in the transaction of the fold."""

from collections.abc import Iterable, Mapping
from typing import Any

from alexandria.biblio.dates import year_of
from alexandria.biblio.finding import Document, identifier_term, lexicon_words, make_document
from alexandria.biblio.keys import Kind, parse_key

# The fields that decide what a record is found by; where a write changes none of them, the index stays as it is.
FOUND_BY = frozenset(
    "title subtitle authors name alternate_names language format publication_date first_publication_year work_key"
    " identifiers".split()
)
Fields = Mapping[str, Any]


def document_row(kind: Kind, number: int, fields: Fields) -> dict[str, Any]:
    """The row of `search.put_documents` for a record; without fields one that removes the record's document."""
    document = _document(kind, fields)
    words, name_words = lexicon_words(document)
    return {
        "kind": kind,
        "id": number,
        "work_id": _work(kind, number, fields),
        **document._asdict(),
        "words": sorted(words),
        "name_words": sorted(name_words),
    }


def _work(kind: Kind, number: int, fields: Fields) -> int | None:
    """The work to show for a record; None for an author, and for an edition that belongs to none."""
    if kind == "work":
        return number
    work = fields.get("work_key") if kind == "edition" else None
    return parse_key(work, "work").number if work else None


def _document(kind: Kind, fields: Fields) -> Document:
    if kind == "author":
        names = (fields.get("name"), *(fields.get("alternate_names") or ()))
        return _with_identifiers(make_document(None, names=names), fields)
    people: Iterable[Mapping[str, Any]] = fields.get("authors") or ()
    date = fields.get("publication_date")
    year = fields.get("first_publication_year") if kind == "work" else year_of(date) if date else None
    document = make_document(
        fields.get("title"),
        fields.get("subtitle"),
        names=[person.get("name") for person in people],
        languages=[fields.get("language")] if kind == "edition" else [],
        formats=[fields.get("format")],
        year=year if year is not None and abs(year) < 2**15 else None,
        has_cover=bool(fields.get("has_cover")),
    )
    return _with_identifiers(document, fields)


def _with_identifiers(document: Document, fields: Fields) -> Document:
    terms = [
        identifier_term(scheme, value)
        for scheme, values in (fields.get("identifiers") or {}).items()
        for value in values
    ]
    return document._replace(extra=" ".join([*document.extra.split(), *terms])) if terms else document
