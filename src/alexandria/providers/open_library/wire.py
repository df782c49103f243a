"""What Open Library's web API wraps around its records; the records themselves are `biblio.openlibrary`'s."""

from typing import Any

import msgspec


class EnvelopeWire(msgspec.Struct, gc=False):
    """What every record says about itself; old ones leave some of it out, so nothing is taken for granted."""

    key: Any = None
    type: Any = None
    revision: Any = None
    latest_revision: Any = None
    last_modified: Any = None


class ManyWire(msgspec.Struct):
    """`/api/get_many`: the records that there are, by key."""

    result: dict[str, msgspec.Raw]


class DocumentWire(msgspec.Struct):
    """A work as the search index knows it."""

    key: str | None = None
    title: str | None = None
    subtitle: str | None = None
    author_key: list[str | None] | None = None
    author_name: list[str | None] | None = None
    first_publish_year: int | None = None
    cover_i: int | None = None


class SearchWire(msgspec.Struct):
    """`/search.json`; an answer without `docs` is none."""

    docs: list[DocumentWire]


class ChangeWire(msgspec.Struct, gc=False):
    """One record that a changeset touched."""

    key: str | None = None
    revision: int | None = None


class ChangesetWire(msgspec.Struct):
    """One changeset of `/recentchanges`."""

    id: str | int
    timestamp: str
    kind: str = ""
    changes: list[ChangeWire] | None = None
    data: Any = None
