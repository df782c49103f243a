"""From Open Library's records and search documents to neutral answers; pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from alexandria.biblio.answers import AuthorAnswer, EditionAnswer, Format, Moved, Person, WorkAnswer
from alexandria.biblio.dates import parse_date
from alexandria.biblio.keys import Key, parse_key
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work
from alexandria.biblio.text import clean_line
from alexandria.errors import BadInput
from alexandria.providers.open_library.wire import DocumentWire, SearchWire

LINE = 1_000  # characters of a title or name
FORMATS: Mapping[str, Format] = {
    "hardcover": "hardcover", "paperback": "paperback", "ebook": "ebook", "audiobook": "audiobook",
}  # fmt: skip
_EDITION_REST = (
    "publishers", "languages", "edition_name", "by_statement", "publish_places", "dewey", "lcc", "translated_from",
    "translation_of", "physical_format", "covers",
)  # fmt: skip
_WORK_REST = ("subject_places", "subject_people", "subject_times", "first_publish_date", "dewey", "lcc", "covers")
_AUTHOR_REST = ("dates", "title", "fuller_name", "personal_name", "entity_type", "wikipedia", "photos")


class Named(NamedTuple):
    """The author that a key leads to, after redirects, and the name there."""

    number: int
    name: str


People = Mapping[int, Named]


def read_edition(edition: Edition, authors: Iterable[int], people: People, covers_url: str) -> EditionAnswer:
    """The answer for an edition; `authors` are its own or else its work's, by number, as `people` names them."""
    details = edition.details
    covers = details.get("covers")
    return EditionAnswer(
        isbns=edition.isbns,
        number=edition.number,
        work_number=edition.work if edition.work > 0 else None,
        title=edition.title,
        subtitle=edition.subtitle,
        authors=_persons(authors, people),
        contributors=tuple(Person(each["name"], each["role"]) for each in details.get("contributors", ())),
        publisher=edition.publisher,
        publication_date=iso_or_text(edition.publish_date),
        page_count=edition.pages,
        format=FORMATS.get(edition.format or ""),
        language=edition.language,
        description=details.get("description"),
        subjects=tuple(details.get("subjects", ())),
        identifiers=_identifiers(details),
        series=tuple(details.get("series", ())),
        cover_url=f"{covers_url}/b/id/{covers[0]}-L.jpg" if covers else None,
        metadata=_rest(details, _EDITION_REST),
    )


def read_work(work: Work, people: People, covers_url: str) -> WorkAnswer:
    """The answer for a work."""
    details = work.details
    covers = details.get("covers")
    return WorkAnswer(
        number=work.number,
        title=work.title,
        subtitle=work.subtitle,
        authors=_persons(work.authors, people),
        description=details.get("description"),
        first_publication_year=work.year,
        subjects=tuple(details.get("subjects", ())),
        cover_url=f"{covers_url}/b/id/{covers[0]}-L.jpg" if covers else None,
        metadata=_rest(details, _WORK_REST),
    )


def read_author(author: Author, covers_url: str) -> AuthorAnswer:
    """The answer for an author."""
    details = author.details
    photos = details.get("photos")
    return AuthorAnswer(
        number=author.number,
        name=author.name,
        alternate_names=tuple(details.get("alternate_names", ())),
        birth_date=iso_or_text(details.get("birth_date")),
        death_date=iso_or_text(details.get("death_date")),
        birth_year=details.get("birth_year"),
        death_year=details.get("death_year"),
        bio=details.get("bio"),
        photo_url=f"{covers_url}/a/id/{photos[0]}-L.jpg" if photos else None,
        identifiers=_identifiers(details),
        metadata=_rest(details, _AUTHOR_REST),
    )


def read_moved(record: Record) -> Moved | None:
    """Where a record went, when it did."""
    return Moved(record.target) if isinstance(record, Redirect) else None


def read_search(page: SearchWire) -> tuple[WorkAnswer, ...]:
    """The works of a page of search results, best first; documents without a work's key are left out."""
    return tuple(answer for document in page.docs if (answer := _read_document(document)))


def iso_or_text(text: str | None) -> str | None:
    """A free-text date as ISO 8601 as far as it is certain, else the text as it is."""
    date = parse_date(text)
    return date.iso if date and not date.approximate and date.span == 1 else text


def _read_document(document: DocumentWire) -> WorkAnswer | None:
    key = _work_key(document.key)
    title = clean_line(document.title or "", LINE)
    if key is None or not title:
        return None
    return WorkAnswer(
        number=key.number,
        title=title,
        subtitle=clean_line(document.subtitle or "", LINE) or None,
        authors=_document_authors(document),
        first_publication_year=document.first_publish_year,
        metadata={"cover": document.cover_i} if document.cover_i and document.cover_i > 0 else {},
    )


def _document_authors(document: DocumentWire) -> tuple[Person, ...]:
    """Names with their numbers; the two lists go together only when they are of one length."""
    names, keys = document.author_name or [], document.author_key or []
    numbers = [_author_number(key) for key in keys] if len(keys) == len(names) else [None] * len(names)
    pairs = ((clean_line(name or "", LINE), number) for name, number in zip(names, numbers, strict=True))
    return tuple(Person(name, number=number) for name, number in pairs if name)


def _work_key(text: str | None) -> Key | None:
    try:
        return parse_key(text or "", "work")
    except BadInput:
        return None


def _author_number(text: str | None) -> int | None:
    try:
        return parse_key(text or "", "author").number
    except BadInput:
        return None


def _persons(numbers: Iterable[int], people: People) -> tuple[Person, ...]:
    """The authors whose names are known, each once, though two of their keys may have become one."""
    named = dict.fromkeys(people[number] for number in numbers if number in people)
    return tuple(Person(each.name, number=each.number) for each in named)


def _identifiers(details: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {scheme: tuple(values) for scheme, values in details.get("identifiers", {}).items()}


def _rest(details: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: details[name] for name in names if name in details}
