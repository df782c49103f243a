"""What Wikipedia's page summary says, as far as it is used."""

import msgspec


class ImageWire(msgspec.Struct):
    """A picture on a page."""

    source: str = ""


class PlaceWire(msgspec.Struct):
    """The addresses of a page on one kind of device."""

    page: str | None = None


class PlacesWire(msgspec.Struct):
    """The addresses of a page."""

    desktop: PlaceWire | None = None


class TitlesWire(msgspec.Struct):
    """The title in its forms."""

    canonical: str | None = None


class SummaryWire(msgspec.Struct):
    """`/api/rest_v1/page/summary/{title}`; answers of 2017 have no `type` and no `wikibase_item`."""

    type: str | None = None
    wikibase_item: str | None = None
    title: str | None = None
    titles: TitlesWire | None = None
    extract: str | None = None
    revision: str | int | None = None
    content_urls: PlacesWire | None = None
    originalimage: ImageWire | None = None
    thumbnail: ImageWire | None = None
