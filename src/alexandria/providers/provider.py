"""What all providers have in common: how they answer, what they can do and what it costs.

`Found` or `NotFound`: everything else is an exception of `alexandria.errors` (ProviderFailed and below), so that a
failure can never be read as an absence.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from alexandria.biblio.answers import Answer, Licence

T = TypeVar("T", bound=Answer)
Ability = Literal[
    "edition_by_isbn", "editions_by_isbns", "editions_of_author", "editions_by_text", "editions_by_date",
    "edition_by_key", "work_by_key", "work_by_text", "author_by_key", "author_by_identifier", "author_by_name",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What the provider says, with its own name for the record and when it was fetched (UTC)."""

    answer: T
    record: str
    fetched_at: datetime
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider was asked, answered, and does not have it."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one request costs: units for the request and for each item in it; the most items it takes."""

    request: int = 1
    item: int = 0
    most: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as the chain sees it: its name, its bucket, what it can do for which price, and its licence."""

    name: str
    bucket: str
    licence: Licence
    prices: dict[Ability, Price]
