"""What callers may say about a record: the shapes of write requests, and the clean fields they become."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from alexandria.biblio.answers import Format, Gender
from alexandria.biblio.dates import parse_date
from alexandria.biblio.isbn import parse_isbn
from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.biblio.languages import language_code
from alexandria.biblio.text import clean_block, clean_line
from alexandria.enrichment.fields import ALIASES, PROVIDERS, USER
from alexandria.errors import BadInput

LINE, BLOCK, LONGEST_URL = 2_000, 50_000, 2_048  # characters
METADATA_BYTES, METADATA_DEPTH = 64 << 10, 8
_URL = re.compile(r"https?://[^\s/?#@\\<>\"]+(?:[/?#][^\s\\<>\"]*)?", re.IGNORECASE)

Year = Annotated[int, Meta(ge=-5_000, le=2_100)]
Url = Annotated[str, Meta(description=f"http or https, up to {LONGEST_URL} characters")]
Provider = Annotated[str, Meta(description="Whose word it is: " + ", ".join([*PROVIDERS, *ALIASES]))]
Locks = Annotated[list[str], Meta(max_length=50, description="Fields that nothing may replace; only of a `user`")]
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

    isbn: Annotated[str, Meta(max_length=1_000, description="ISBN-10 or ISBN-13, with or without hyphens")]
    work_key: Annotated[str, Meta(max_length=1_000)] | None = None
    title: str | None = None
    subtitle: str | None = None
    publisher: str | None = None
    publication_date: str | None = None
    page_count: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    format: Format | None = None
    language: Annotated[str, Meta(max_length=100)] | None = None


class WorkWrite(_Write, kw_only=True):
    """What somebody knows about a work. Fields that are left out stay as they are."""

    work_key: Annotated[str, Meta(max_length=1_000, description="Such as OL45804W")]
    title: str
    subtitle: str | None = None
    description: str | None = None
    original_language: Annotated[str, Meta(max_length=100)] | None = None
    first_publication_year: Year | None = None
    subject_tags: Annotated[list[str], Meta(max_length=200)] | None = None


class AuthorWrite(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What somebody knows about an author. Fields that are left out stay as they are."""

    author_key: Annotated[str, Meta(max_length=1_000, description="Such as OL34184A")]
    name: str
    gender: Gender | None = None
    nationality: str | None = None
    birth_year: Year | None = None
    death_year: Year | None = None
    bio: str | None = None
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
    provider = read_provider(body.primary_provider, "primary_provider")
    fields = {}
    for name, clean in _CLEAN[kind].items():
        value = getattr(body, name)
        if value is not None and (cleaned := clean(name, value)) not in ("", []):
            fields[_INSIDE.get(name, name)] = cleaned
    for name in _NEEDED[kind]:
        if name not in fields:
            raise BadInput(name, "must not be empty")
    return Told(kind, number, provider, fields, _locks(body, kind, provider))


def read_provider(text: str, field: str) -> str:
    """The provider of that name. Raises BadInput."""
    name = ALIASES.get(text, text)
    if name not in PROVIDERS:
        raise BadInput(field, f"must be one of {', '.join([*PROVIDERS, *ALIASES])}")
    return name


def read_field(name: str, kind: Kind) -> str:
    """The field of that name, as it is called inside. Raises BadInput."""
    if name not in _CLEAN[kind]:
        raise BadInput("field", f"is no field of an {kind}; there are {', '.join(_CLEAN[kind])}")
    return _INSIDE.get(name, name)


def _record(body: Body) -> tuple[Kind, int]:
    if isinstance(body, EditionWrite):
        return "edition", parse_isbn(body.isbn)
    if isinstance(body, WorkWrite):
        return "work", _number("work_key", body.work_key, "work")
    return "author", _number("author_key", body.author_key, "author")


def _number(field: str, text: str, kind: Kind) -> int:
    try:
        return parse_key(text, kind).number
    except BadInput as error:
        raise BadInput(field, error.message) from None


def _locks(body: Body, kind: Kind, provider: str) -> frozenset[str]:
    if body.lock and provider != USER:
        raise BadInput("lock", f"only what a {USER} says can be locked, not what {provider} says")
    for name in body.lock:
        if name not in _CLEAN[kind]:
            raise BadInput("lock", f"{name[:50]!r} is no field of an {kind}; there are {', '.join(_CLEAN[kind])}")
    return frozenset(_INSIDE.get(name, name) for name in body.lock)


# --- one value ----------------------------------------------------------------------------------------------


def _as_it_is(name: str, value: Any) -> Any:
    return value


def _line(name: str, text: str) -> str:
    return clean_line(text, LINE)


def _block(name: str, text: str) -> str:
    return clean_block(text, BLOCK)


def _date(name: str, text: str) -> str:
    clean = clean_line(text, 100)
    if clean and parse_date(clean) is None:
        raise BadInput(name, "must name a year: 1988, 1988-10 or 1988-10-01")
    return clean


def _language(name: str, text: str) -> str:
    code = language_code(text)
    if text.strip() and code is None:
        raise BadInput(name, "must be a language's code or English name, such as en, eng or English")
    return code or ""


def _url(name: str, text: str) -> str:
    stripped = text.strip()
    if stripped and (len(stripped) > LONGEST_URL or not _URL.fullmatch(stripped) or not stripped.isprintable()):
        raise BadInput(name, f"must be an http or https address of up to {LONGEST_URL} characters")
    return stripped


def _work_key(name: str, text: str) -> str:
    return format_key("work", _number(name, text, "work")) if text.strip() else ""


def _subjects(name: str, texts: list[str]) -> list[str]:
    return [clean for text in texts if (clean := clean_line(text, 200))]


def _metadata(name: str, value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(msgspec.json.encode(value))
    except (OverflowError, ValueError, UnicodeError) as error:
        raise BadInput(name, f"cannot be stored: {error}") from None
    if size > METADATA_BYTES:
        raise BadInput(name, f"must not be longer than {METADATA_BYTES:,} bytes, and has {size:,}")
    _check_inside(value, METADATA_DEPTH)
    return value


def _check_inside(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise BadInput("metadata", "must not hold NUL characters")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise BadInput("metadata", f"must not be nested deeper than {METADATA_DEPTH} levels")
        for inner in value:
            _check_inside(inner, depth - 1)
        if isinstance(value, dict):
            for inner in value.values():
                _check_inside(inner, depth - 1)


_COVERS: dict[str, Callable[[str, Any], Any]] = {
    "cover_url_large": _url, "cover_url_medium": _url, "cover_url_small": _url, "metadata": _metadata,
}  # fmt: skip
_CLEAN: Mapping[Kind, Mapping[str, Callable[[str, Any], Any]]] = {
    "edition": {
        "work_key": _work_key, "title": _line, "subtitle": _line, "publisher": _line, "publication_date": _date,
        "page_count": _as_it_is, "format": _as_it_is, "language": _language, **_COVERS,
    },
    "work": {
        "title": _line, "subtitle": _line, "description": _block, "original_language": _language,
        "first_publication_year": _as_it_is, "subject_tags": _subjects, **_COVERS,
    },
    "author": {
        "name": _line, "gender": _as_it_is, "nationality": _line, "birth_year": _as_it_is, "death_year": _as_it_is,
        "bio": _block, "author_photo_url": _url, "metadata": _metadata,
    },
}  # fmt: skip
_NEEDED: Mapping[Kind, tuple[str, ...]] = {"edition": (), "work": ("title",), "author": ("name",)}
_INSIDE = {"subject_tags": "subjects", "author_photo_url": "photo_url"}
