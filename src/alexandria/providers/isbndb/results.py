"""What ISBNdb's calls bring."""

from collections.abc import Mapping
from dataclasses import dataclass

from alexandria.biblio.answers import EditionAnswer
from alexandria.errors import ProviderFailed
from alexandria.providers.provider import Found, NotFound


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of each ISBN: an answer, or why there is none. No ISBN is in both, each that was asked is in one."""

    answers: Mapping[int, Found[EditionAnswer] | NotFound]
    failures: Mapping[int, ProviderFailed]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of editions. `total` as ISBNdb counts them, `more` whether to ask for the next page.

    `unread` is how many entries of the page were not understood, or had no valid ISBN.
    """

    editions: tuple[Found[EditionAnswer], ...]
    more: bool
    total: int | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What ISBNdb says of our key: its plan and host, the units of the day, and how many of them are left."""

    plan: str | None
    host: str | None
    total: int | None
    spent: int | None
    left: int | None
