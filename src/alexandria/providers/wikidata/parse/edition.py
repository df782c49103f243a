"""An item as an edition.

ISBNs belong on editions and often sit on the work instead. Of a work only that is said which holds for all its
editions: its date, publisher and pages are another edition's, and so are its other ISBNs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.biblio.isbn import find_isbns
from alexandria.biblio.languages import language_code
from alexandria.biblio.series import InSeries, write_series
from alexandria.providers.wikidata.parse.author import date_text, image_url, one_year
from alexandria.providers.wikidata.parse.entities import (
    BOOK,
    PERSON,
    description_of,
    identifiers_of,
    name_of,
    number_of,
    open_library_numbers,
)
from alexandria.providers.wikidata.parse.values import (
    amount,
    best,
    claims_of,
    items,
    ordinal,
    position,
    texts,
    texts_in,
    times,
)
from alexandria.providers.wikidata.wire import ClaimsWire, EntityWire, Statements, StatementWire

EDITION = "Q3331189"
MOST_PEOPLE = 20
MOST_PAGES = 100_000
TELLING = frozenset(("wikidata", "viaf", "isni"))  # what tells apart people of one name


@dataclass(frozen=True, slots=True)
class Linked:
    """What the item points at: whole items (its work, its people), and names of items, by id."""

    entities: Mapping[str, EntityWire]
    labels: Mapping[str, str]


def isbns_of(entity: EntityWire) -> list[int]:
    """The ISBNs of the item as ISBN-13, whatever hyphens they are written with."""
    claims = claims_of(entity)
    found = (number for text in texts(claims.isbn_13) + texts(claims.isbn_10) for number in find_isbns(text))
    return list(dict.fromkeys(found))


def is_edition(entity: EntityWire) -> bool:
    """Whether the item is an edition: it says so, or names its work."""
    claims = claims_of(entity)
    return bool(items(claims.work)) or EDITION in items(claims.instance_of)


def choose_edition(entities: Iterable[EntityWire], isbn: int) -> EntityWire | None:
    """The item that has the ISBN; an edition rather than a work, the oldest of several."""
    having = [entity for entity in entities if isbn in isbns_of(entity)]
    return min(having, key=lambda entity: (not is_edition(entity), number_of(entity)), default=None)


def people_of(entity: EntityWire) -> list[str]:
    """The ids of all people that the item names, authors first."""
    claims = claims_of(entity)
    return _unique(*(items(statements) for statements in _people(claims)))[:MOST_PEOPLE]


def work_of(entity: EntityWire) -> list[str]:
    """The id of the work that the item is an edition of, if it names one."""
    return items(claims_of(entity).work)[:1]


def lacks_authors(entity: EntityWire) -> bool:
    """Whether the item leaves it to its work to name the authors."""
    claims = claims_of(entity)
    return not (best(claims.author) or best(claims.author_text))


def names_needed(entity: EntityWire) -> list[str]:
    """The ids of the other items that the item points at, whose names say something."""
    claims = claims_of(entity)
    about = [items(claims.genre), items(claims.subject), items(claims.series)]
    return _unique(*about, *([items(claims.publisher), items(claims.language)] if is_edition(entity) else []))


def read_edition(entity: EntityWire, isbn: int, linked: Linked, languages: Sequence[str]) -> EditionAnswer:
    """The answer for the ISBN that the item was found by."""
    if not is_edition(entity):
        return _of_work(entity, isbn, linked, languages)
    claims = claims_of(entity)
    work = next((linked.entities[item] for item in items(claims.work) if item in linked.entities), None)
    titles = texts_in(claims.title, languages)
    codes = [code for name in _named(claims.language, linked) if (code := language_code(name))]
    numbers = open_library_numbers(entity, "edition")
    works = open_library_numbers(entity, "work") + (open_library_numbers(work, "work") if work else [])
    pages = amount(claims.pages)
    return EditionAnswer(
        isbns=tuple(isbns_of(entity)),
        number=numbers[0] if numbers else None,
        work_number=works[0] if works else None,
        title=titles[0] if titles else name_of(entity, languages),
        subtitle=next(iter(texts_in(claims.subtitle, languages)), None),
        authors=_authors(claims, linked, languages) or (_authors(claims_of(work), linked, languages) if work else ()),
        contributors=_contributors(claims, linked, languages),
        publisher=next(_named(claims.publisher, linked), None),
        publication_date=date_text(times(claims.published)),
        page_count=pages if pages and pages <= MOST_PAGES else None,
        language=codes[0] if codes else None,
        subjects=_subjects([claims, claims_of(work)] if work else [claims], linked),
        identifiers=identifiers_of(entity, BOOK),
        series=_series([claims, claims_of(work)] if work else [claims], linked),
        cover_url=image_url(claims.image),
        metadata=_metadata(entity, languages, work=work.id if work else None),
    )


def _of_work(entity: EntityWire, isbn: int, linked: Linked, languages: Sequence[str]) -> EditionAnswer:
    claims = claims_of(entity)
    titles, works = texts_in(claims.title, languages), open_library_numbers(entity, "work")
    return EditionAnswer(
        isbns=(isbn,),
        work_number=works[0] if works else None,
        title=titles[0] if titles else name_of(entity, languages),
        authors=_authors(claims, linked, languages),
        subjects=_subjects([claims], linked),
        series=_series([claims], linked),
        metadata=_metadata(entity, languages, work=entity.id, first_published=one_year(times(claims.published))),
    )


def _people(claims: ClaimsWire) -> tuple[Statements, ...]:
    return claims.author, claims.editor, claims.translator, claims.illustrator


def _authors(claims: ClaimsWire, linked: Linked, languages: Sequence[str]) -> tuple[Person, ...]:
    """Authors in the order that their ordinals give, items and bare names together."""
    stated = sorted([*best(claims.author), *best(claims.author_text)], key=ordinal)
    return _each_once(_person(each, None, linked, languages) for each in stated)


def _contributors(claims: ClaimsWire, linked: Linked, languages: Sequence[str]) -> tuple[Person, ...]:
    roles = (("editor", claims.editor), ("translator", claims.translator), ("illustrator", claims.illustrator))
    return _each_once(_person(each, role, linked, languages) for role, statements in roles for each in best(statements))


def _person(statement: StatementWire, role: str | None, linked: Linked, languages: Sequence[str]) -> Person | None:
    """The person that a statement names, as an item or as a bare text."""
    item = next(iter(items([statement])), None)
    entity = linked.entities.get(item) if item else None
    if entity is None:
        name = next(iter(texts([statement])), None)
        return Person(name, role) if name else None
    name, numbers = name_of(entity, languages), open_library_numbers(entity, "author")
    telling = {scheme: found for scheme, found in identifiers_of(entity, PERSON).items() if scheme in TELLING}
    return Person(name, role, numbers[0] if numbers else None, telling) if name else None


def _each_once(people: Iterable[Person | None]) -> tuple[Person, ...]:
    found = {(person.name, person.role): person for person in people if person}
    return tuple(found.values())[:MOST_PEOPLE]


def _named(statements: Statements, linked: Linked) -> Iterator[str]:
    """The names of the items that are values."""
    return (linked.labels[item] for item in items(statements) if item in linked.labels)


def _series(several: Iterable[ClaimsWire], linked: Linked) -> tuple[str, ...]:
    """The series as catalogues write them: its name, and which of it this is, where that is said."""
    stated = (statement for claims in several for statement in best(claims.series))
    found = ((name, position(each)) for each in stated for name in _named([each], linked))
    return tuple(dict.fromkeys(write_series(InSeries(name, place)) for name, place in found))


def _subjects(several: Iterable[ClaimsWire], linked: Linked) -> tuple[str, ...]:
    named = (name for claims in several for about in (claims.genre, claims.subject) for name in _named(about, linked))
    return tuple(dict.fromkeys(named))


def _metadata(entity: EntityWire, languages: Sequence[str], **more: Any) -> dict[str, Any]:
    found = {"description": description_of(entity, languages), **more}
    return {name: value for name, value in found.items() if value is not None}


def _unique(*lists: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for found in lists for each in found))
