"""What one provider says about one edition, work or author, in one neutral shape for all of them.

Only what was said: a field that the provider does not give is absent (None or empty), never guessed. Texts are clean
(`biblio.text`), ISBNs are 13-digit numbers, languages are our codes, dates ISO texts as precise as they are known
(`1988-10-01`, `1988-10`, `1988`; otherwise the provider's text), URLs are http(s) and free of keys and tokens.
`enrichment` stores an answer as a map of its fields and folds the maps of all providers.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from alexandria.biblio.keys import Key

Format = Literal["hardcover", "paperback", "ebook", "audiobook"]
Gender = Literal["Male", "Female", "NonBinary", "Unknown"]
Licence = Literal["open", "attribution", "proprietary"]


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """An author or contributor as named on a book; `number` is an Open Library author's, where it is known.

    `identifiers` hold what tells apart people of one name (`wikidata`, `viaf`, `isni`), scheme to values.
    """

    name: str
    role: str | None = None
    number: int | None = None
    identifiers: Mapping[str, tuple[str, ...]] = {}


class PassingUrl(msgspec.Struct, frozen=True):
    """An address that has a token and soon stops working: not to be stored, not to be shown."""

    url: str

    def __repr__(self) -> str:
        return "PassingUrl(…)"


class EditionAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a provider says about one edition. `isbns` holds every ISBN it gives for it, the one asked among them.

    `number` and `work_number` are Open Library's, where the provider names them. `cover_url` is its largest picture,
    `passing_cover` a larger one that cannot be had for long.
    """

    isbns: tuple[int, ...] = ()
    number: int | None = None
    work_number: int | None = None
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    publisher: str | None = None
    publication_date: str | None = None
    page_count: int | None = None
    format: Format | None = None
    language: str | None = None
    description: str | None = None
    subjects: tuple[str, ...] = ()
    identifiers: Mapping[str, tuple[str, ...]] = {}
    series: tuple[str, ...] = ()
    cover_url: str | None = None
    passing_cover: PassingUrl | None = None
    metadata: Mapping[str, Any] = {}


class WorkAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a provider says about one work."""

    number: int | None = None
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[Person, ...] = ()
    description: str | None = None
    original_language: str | None = None
    first_publication_year: int | None = None
    subjects: tuple[str, ...] = ()
    identifiers: Mapping[str, tuple[str, ...]] = {}
    cover_url: str | None = None
    metadata: Mapping[str, Any] = {}


class AuthorAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a provider says about one author. `bio_url` is the page to link to where the licence of `bio` says so."""

    number: int | None = None
    name: str | None = None
    alternate_names: tuple[str, ...] = ()
    gender: Gender | None = None
    nationality: str | None = None
    birth_date: str | None = None
    death_date: str | None = None
    birth_year: int | None = None
    death_year: int | None = None
    bio: str | None = None
    bio_url: str | None = None
    photo_url: str | None = None
    identifiers: Mapping[str, tuple[str, ...]] = {}
    metadata: Mapping[str, Any] = {}


Answer = EditionAnswer | WorkAnswer | AuthorAnswer


class Moved(msgspec.Struct, frozen=True):
    """Open Library says that a record became another one, or was deleted (no target)."""

    target: Key | None
