"""Authors, works and editions as tests write them down."""

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.match import KnownAuthor, KnownWork


def person(name: str, identifiers: dict[str, str] | None = None) -> Person:
    """Somebody named on a book."""
    return Person(name=name, identifiers={scheme: (value,) for scheme, value in (identifiers or {}).items()})


def author(
    name: str = "John Smith", number: int = 7, born: int | None = None, identifiers: dict[str, str] | None = None
) -> KnownAuthor:
    """An author who is known."""
    return KnownAuthor(
        number, name, (), born, None, {scheme: (value,) for scheme, value in (identifiers or {}).items()}
    )


def edition(title: str, *names: str, year: int | None = None) -> EditionAnswer:
    """What a provider says."""
    persons = tuple(Person(name=name) for name in names)
    return EditionAnswer(title=title, authors=persons, publication_date=str(year) if year else None)


def work(title: str, name: str = "Emily Dickinson", year: int | None = None, number: int = 5) -> KnownWork:
    """A work that is known."""
    return KnownWork(number, title, None, year, (author(name),))
