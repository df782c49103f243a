"""ISBNdb's JSON, with only the fields used. Everything may be missing; what is known to vary in type may.

`isbn` is not read: it is now one kind of ISBN, now the other.
"""

from typing import Any

import msgspec

Texts = list[str | None] | dict[str, str | None] | None  # a list may come as an object with numbers for keys
Items = list[msgspec.Raw] | dict[str, msgspec.Raw]


class OtherWire(msgspec.Struct):
    """Another edition of the same title."""

    isbn: str | None = None


class BookWire(msgspec.Struct):
    """One book."""

    title: str | None = None
    title_long: str | None = None
    isbn13: str | None = None
    isbn10: str | None = None
    publisher: str | None = None
    authors: Texts = None
    language: str | None = None
    date_published: str | int | None = None
    publish_date: str | int | None = None
    edition: str | int | None = None
    pages: int | str | list[Any] | None = None
    dimensions: str | None = None
    binding: str | None = None
    format: str | None = None
    image: str | None = None
    image_original: str | None = None
    synopsis: str | None = None
    synopsys: str | None = None
    overview: str | None = None
    subjects: Texts = None
    dewey_decimal: str | list[str | None] | dict[str, str | None] | None = None
    other_isbns: list[OtherWire] | dict[str, OtherWire] | None = None


class OneWire(msgspec.Struct):
    """GET /book/{isbn}."""

    book: BookWire


class ManyWire(msgspec.Struct):
    """POST /books. Books are decoded one by one: one that is odd does not cost the others."""

    data: Items
    total: int | str | None = None
    requested: int | str | None = None


class PageWire(msgspec.Struct):
    """GET /author/{name} and /books/{query} (books), /search/books (data)."""

    books: Items | None = None
    data: Items | None = None
    total: int | str | None = None


class LimitWire(msgspec.Struct):
    """The units of our plan and of our key."""

    total: int | None = None
    spent: int | None = None
    left: int | None = None
    key_total: int | None = None
    key_spent: int | None = None
    key_left: int | None = None
    limited_by: str | None = None


class KeyWire(msgspec.Struct):
    """GET /key."""

    plan_limit: LimitWire
    api_host: str | None = None
    plan_name: str | None = None


class AbsenceWire(msgspec.Struct):
    """What stands in a 404 that means "not known"; any other 404 is a wrong address."""

    message: str | None = None
    errorMessage: str | None = None
