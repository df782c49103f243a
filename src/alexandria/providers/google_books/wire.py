"""Google Books' JSON, with only the fields used. Of a volume nothing but the id is certain."""

import msgspec


class IdentifierWire(msgspec.Struct):
    """ISBN_10, ISBN_13, ISSN, or OTHER with a prefix in the value: `OCLC:123`."""

    type: str | None = None
    identifier: str | None = None


class PicturesWire(msgspec.Struct):
    """Addresses by size."""

    extraLarge: str | None = None
    large: str | None = None
    medium: str | None = None
    small: str | None = None
    thumbnail: str | None = None
    smallThumbnail: str | None = None


class InfoWire(msgspec.Struct):
    """What a volume is."""

    title: str | None = None
    subtitle: str | None = None
    authors: list[str | None] | None = None
    publisher: str | None = None
    publishedDate: str | None = None
    description: str | None = None
    industryIdentifiers: list[IdentifierWire] | None = None
    pageCount: int | None = None
    printType: str | None = None
    categories: list[str | None] | None = None
    language: str | None = None
    imageLinks: PicturesWire | None = None


class VolumeWire(msgspec.Struct):
    """One volume. Ids that differ in case only are different volumes."""

    id: str
    volumeInfo: InfoWire = msgspec.field(default_factory=InfoWire)


class ListWire(msgspec.Struct):
    """GET /volumes. `items` is missing where there is no hit; `totalItems` is only an estimate."""

    kind: str
    items: list[msgspec.Raw] | None = None


class ReasonWire(msgspec.Struct):
    """One of the reasons of an error."""

    reason: str | None = None
    message: str | None = None


class DetailWire(msgspec.Struct):
    """Which limit was passed, under `quota_limit`."""

    reason: str | None = None
    metadata: dict[str, str] | None = None


class FaultWire(msgspec.Struct):
    """What went wrong."""

    message: str | None = None
    errors: list[ReasonWire] | None = None
    details: list[DetailWire] | None = None
    status: str | None = None


class ErrorWire(msgspec.Struct):
    """The body of every refusal."""

    error: FaultWire
