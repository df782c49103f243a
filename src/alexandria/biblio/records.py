"""Frozen records: what one work, edition, author or redirect is, whoever said so.

Typed attributes hold what is searched, joined or served first; `details` holds the rest that is worth keeping,
and only what is there: an absent fact has no key.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from alexandria.biblio.keys import Key, Kind


class Author(msgspec.Struct, frozen=True, gc=False):
    """An author as Open Library knows it; `number` is its key's number."""

    number: int
    name: str | None
    details: Mapping[str, Any]


class Work(msgspec.Struct, frozen=True, gc=False):
    """A work: what its editions have in common."""

    number: int
    title: str | None
    subtitle: str | None
    year: int | None
    authors: tuple[int, ...]
    details: Mapping[str, Any]


class Edition(msgspec.Struct, frozen=True, gc=False):
    """An edition; `work` is negative where no work is named (our own, see biblio.keys)."""

    number: int
    work: int
    title: str | None
    subtitle: str | None
    isbns: tuple[int, ...]
    authors: tuple[int, ...]
    publisher: str | None
    publish_date: str | None
    year: int | None
    pages: int | None
    format: str | None
    language: str | None
    details: Mapping[str, Any]


class Redirect(msgspec.Struct, frozen=True, gc=False):
    """A record that was merged into a target, or deleted (no target)."""

    kind: Kind
    number: int
    target: Key | None
    isbns: tuple[int, ...]


Record = Author | Work | Edition | Redirect


def completeness(edition: Edition) -> int:
    """The share of eight fields an edition fills, in percent.

    Title; description over 50 characters; publisher; page count; date; subjects; a cover; language.
    """
    details = edition.details
    return (
        (
            (edition.title is not None)
            + (len(details.get("description", "")) > 50)
            + (edition.publisher is not None)
            + (edition.pages is not None)
            + (edition.publish_date is not None)
            + ("subjects" in details)
            + ("covers" in details)
            + (edition.language is not None)
        )
        * 100
        // 8
    )
