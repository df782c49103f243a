"""What callers may say about a record: the shapes of write requests, and the clean fields they become."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from alexandria.api.values import (
    BLOCK,
    CLEAN,
    INSIDE,
    LINE,
    LONGEST_URL,
    METADATA_BYTES,
    METADATA_DEPTH,
    NEEDED,
    key_number,
)
from alexandria.biblio.answers import Format, Gender
from alexandria.biblio.isbn import parse_isbn
from alexandria.biblio.keys import Kind
from alexandria.enrichment.fields import ALIASES, MATCH, PROVIDERS, USER
from alexandria.errors import BadInput

SPEAKERS = tuple(name for name in PROVIDERS if name != MATCH)  # what we conclude ourselves nobody says for us
Line = Annotated[str, Meta(description=f"One line, cut after {LINE:,} characters")]
Title = Annotated[str, Meta(description=f"One line, cut after {LINE:,} characters", examples=["Fantastic Mr Fox"])]
Block = Annotated[str, Meta(description=f"Text, cut after {BLOCK:,} characters")]
Names = Annotated[
    list[str], Meta(max_length=100, description="Names of the authors, in order", examples=[["Roald Dahl"]])
]
WorkKey = Annotated[str, Meta(max_length=1_000, description="Of Open Library, or of ours", examples=["OL45804W"])]
Language = Annotated[str, Meta(max_length=100, description="Code or English name", examples=["en"])]
Year = Annotated[int, Meta(ge=-5_000, le=2_100)]
Url = Annotated[
    str, Meta(description=f"http or https, up to {LONGEST_URL} characters", examples=["https://example.org/1.jpg"])
]
Provider = Annotated[str, Meta(description="Whose word it is: " + ", ".join([*SPEAKERS, *ALIASES]), examples=[USER])]
Locks = Annotated[
    list[str],
    Meta(max_length=50, description="Fields that nothing may replace; only of a `user`", examples=[["metadata"]]),
]
Metadata = Annotated[
    dict[str, Any], Meta(description=f"Anything, up to {METADATA_BYTES >> 10} KiB and {METADATA_DEPTH} levels deep")
]


class _Write(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    primary_provider: Provider = USER
    lock: Locks = []
    metadata: Metadata | None = None
    cover_url_large: Url | None = None
    cover_url_medium: Url | None = None
    cover_url_small: Url | None = None


class EditionWrite(_Write, kw_only=True):
    """What somebody knows about the edition with an ISBN. Fields that are left out stay as they are."""

    isbn: Annotated[
        str, Meta(max_length=1_000, description="ISBN-10 or ISBN-13, in any written form", examples=["9780262033848"])
    ]
    work_key: WorkKey | None = None
    title: Title | None = None
    subtitle: Line | None = None
    authors: Names | None = None
    publisher: Line | None = None
    publication_date: Annotated[str, Meta(description="As printed, with a year", examples=["1988-10-01"])] | None = None
    page_count: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    format: Format | None = None
    language: Language | None = None
    description: Block | None = None
    subject_tags: Annotated[list[str], Meta(max_length=200)] | None = None


class WorkWrite(_Write, kw_only=True):
    """What somebody knows about a work. Fields that are left out stay as they are."""

    work_key: WorkKey
    title: Title
    subtitle: Line | None = None
    description: Block | None = None
    original_language: Language | None = None
    first_publication_year: Year | None = None
    subject_tags: Annotated[list[str], Meta(max_length=200)] | None = None


class AuthorWrite(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What somebody knows about an author. Fields that are left out stay as they are."""

    author_key: Annotated[str, Meta(max_length=1_000, description="Of Open Library, or of ours", examples=["OL34184A"])]
    name: Annotated[str, Meta(description=f"One line, cut after {LINE:,} characters", examples=["Roald Dahl"])]
    gender: Gender | None = None
    nationality: Line | None = None
    birth_year: Year | None = None
    death_year: Year | None = None
    bio: Block | None = None
    author_photo_url: Url | None = None
    metadata: Metadata | None = None
    primary_provider: Provider = USER
    lock: Locks = []


Body = EditionWrite | WorkWrite | AuthorWrite


@dataclass(frozen=True, slots=True)
class Told:
    """A write request, clean: about which record, by which provider, what, and what is locked."""

    kind: Kind
    id: int
    provider: str
    fields: Mapping[str, Any]
    locks: frozenset[str]


def read_write(body: Body) -> Told:
    """The request's content. Raises BadInput with the field and why."""
    kind, number = _record(body)
    provider = read_provider(body.primary_provider, "primary_provider", SPEAKERS)
    fields = {}
    for name, clean in CLEAN[kind].items():
        value = getattr(body, name)
        if value is not None and (cleaned := clean(name, value)) not in ("", []):
            fields[INSIDE.get(name, name)] = cleaned
    for name in NEEDED[kind]:
        if name not in fields:
            raise BadInput(name, "must not be empty")
    return Told(kind, number, provider, fields, _locks(body, kind, provider))


def read_provider(text: str, field: str, known: Collection[str] = PROVIDERS) -> str:
    """The provider of that name among those known. Raises BadInput."""
    name = ALIASES.get(text, text)
    if name not in known:
        raise BadInput(field, f"must be one of {', '.join([*known, *ALIASES])}")
    return name


def read_field(name: str, kind: Kind) -> str:
    """The field of that name, as it is called inside. Raises BadInput."""
    if name not in CLEAN[kind]:
        raise BadInput("field", _no_field(kind))
    return INSIDE.get(name, name)


def _no_field(kind: Kind) -> str:
    return f"is no field of {'a' if kind == 'work' else 'an'} {kind}; there are {', '.join(CLEAN[kind])}"


def _record(body: Body) -> tuple[Kind, int]:
    if isinstance(body, EditionWrite):
        return "edition", parse_isbn(body.isbn)
    if isinstance(body, WorkWrite):
        return "work", key_number("work_key", body.work_key, "work")
    return "author", key_number("author_key", body.author_key, "author")


def _locks(body: Body, kind: Kind, provider: str) -> frozenset[str]:
    if body.lock and provider != USER:
        raise BadInput("lock", f"only what a {USER} says can be locked, not what {provider} says")
    for name in body.lock:
        if name not in CLEAN[kind]:
            raise BadInput("lock", f"{name[:50]!r} {_no_field(kind)}")
    return frozenset(INSIDE.get(name, name) for name in body.lock)
