"""Open Library's covers, the Internet Archive, and the hosts of pictures of Google Books and ISBNdb.

As providers.md 1, 2, 6 and 7 document them. Whatever the bytes are, they are called a JPEG.
"""

import hashlib
import re
from typing import ClassVar

from alexandria.sample.plan import scatter
from alexandria.simulator.covers.draw import HEIGHT, WIDTH, fitted
from alexandria.simulator.covers.strange import flat
from alexandria.simulator.google_books.volume import edition_of_volume, has_picture, volume_id
from alexandria.simulator.host import Host
from alexandria.simulator.messages import Request, Response, Route, html_response, json_response, route
from alexandria.simulator.wrong import replace_isbns

JPEG, GIF = "image/jpeg", "image/gif"
BLANK = b"GIF89a\x01\0\x01\0\x80\0\0" + b"\xff" * 6 + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
FIRST_ID, MOVED_FROM = 10_000_000, 8_000_000
LIFE = 2 * 3_600  # seconds for which a signed address works
_SIZES = {"S": (116, 58), "M": (180, 360), "L": (500, 500), None: (WIDTH, HEIGHT)}
_ZOOMS = {"5": 80, "1": 128, "2": 300, "3": 575, "4": WIDTH, "6": WIDTH}  # pixels wide
_NUMBER = re.compile(r"\d{7,10}(?=-[SML]\.|\.|/|$)")
_KEY = b"nobody knows this one"


class PictureHost(Host):
    """What they share: the words for refusing, and another picture for a confused provider."""

    def failure(self, status: int, *, daily: bool = False) -> Response:
        return html_response("Error", status)

    def wrong(self, request: Request) -> Request:
        return request._replace(path=_NUMBER.sub(lambda found: f"{int(found[0]) + 3:0{len(found[0])}}", request.path))


class OpenLibraryCovers(PictureHost):
    """covers.openlibrary.org: by the number of a cover; large pictures are elsewhere."""

    name: ClassVar[str] = "open_library_covers"
    bucket: ClassVar[str] = "open_library_covers"

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/b/id/(-?\d{1,12})(?:-([SML]))?\.jpg", self._picture),
            route("GET", r"/b/id/(\d{1,12})\.json", self._details),
            route("GET", r"/b/(?:isbn|olid|oclc|lccn|ia)/([^/]+?)(?:-([SML]))?\.jpg", self._missing_key),
        ]

    def _picture(self, request: Request, text: str, size: str | None) -> Response:
        number = int(text)
        if not has_cover(number):
            return _missing(request)
        if size in ("L", None) and number >= MOVED_FROM and (archive := self.urls.get("internet_archive")):
            item = f"{(size or '').lower()}{'_' if size else ''}covers_{number // 1_000_000:04}"
            name = f"{item}_{number // 10_000 % 100:02}.zip/{number:010}{f'-{size}' if size else ''}.jpg"
            return Response(302, b"", {"Location": f"{archive}/download/{item}/{name}"}, "text/plain")
        return Response(200, fitted(number, *_SIZES[size]), {"Cache-Control": "public, max-age=3153600000"}, JPEG)

    def _details(self, request: Request, text: str) -> Response:
        number = int(text)
        if not has_cover(number):
            return self.failure(404)
        return json_response({"id": number, "author": None, "width": WIDTH, "height": HEIGHT})

    def _missing_key(self, request: Request, text: str, size: str | None) -> Response:
        return _missing(request)


def has_cover(number: int) -> bool:
    """Whether there is a cover of that number: one in sixteen was taken down."""
    return number >= FIRST_ID and scatter(number, 72) % 16 != 0


def _missing(request: Request) -> Response:
    default = request.query.get("default", "")
    if default == "false":
        return html_response("404 Not Found", 404)
    if default.startswith("http"):
        return Response(303, b"", {"Location": default.split()[0]}, "text/plain")
    return Response(200, BLANK, {}, GIF)


class InternetArchive(PictureHost):
    """archive.org: scanned covers, and the large pictures of Open Library."""

    name: ClassVar[str] = "internet_archive"
    bucket: ClassVar[str] = "internet_archive"

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/download/(?:[sml]_)?covers_\d{4}/[^/]+/(\d{10})(?:-([SML]))?\.jpg", self._of_open_library),
            route("GET", r"/download/([^/]+)/page/cover_w(\d{1,4})_h(\d{1,4})\.jpg", self._scan),
            route("GET", r"/services/img/([^/]+)", self._thumbnail),
            route("GET", r"/metadata/([^/]+)", self._metadata),
        ]

    def _of_open_library(self, request: Request, text: str, size: str | None) -> Response:
        if not has_cover(int(text)):
            return self.failure(404)
        return Response(200, fitted(int(text), *_SIZES[size]), {}, JPEG)

    def _scan(self, request: Request, item: str, width: str, height: str) -> Response:
        if not _is_scanned(item):
            return self.failure(404)
        return Response(200, fitted(_hash(item), int(width) or WIDTH, int(height) or HEIGHT), {}, JPEG)

    def _thumbnail(self, request: Request, item: str) -> Response:
        return Response(200, fitted(_hash(item), 180, 180) if _is_scanned(item) else flat(180, 180), {}, JPEG)

    def _metadata(self, request: Request, item: str) -> Response:
        if not _is_scanned(item):
            return json_response({})
        return json_response({"metadata": {"identifier": item, "mediatype": "texts", "imagecount": "180"}})


def _is_scanned(item: str) -> bool:
    """Whether there is such an item: those that begin with `no` are not."""
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}", item)) and not item.startswith("no")


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


class GoogleBooksPictures(PictureHost):
    """books.google.com: the picture of a volume, or one that says that there is none, as a success."""

    name: ClassVar[str] = "google_books_pictures"
    bucket: ClassVar[str] = "google_books_pictures"

    def list_routes(self) -> list[Route]:
        return [route("GET", "/books/content", self._content)]

    def wrong(self, request: Request) -> Request:
        number = edition_of_volume(request.query.get("id", ""), self.catalogue.seed)
        if number is None:
            return request
        return request._replace(query={**request.query, "id": volume_id(number + 3, self.catalogue.seed)})

    def _content(self, request: Request) -> Response:
        number = edition_of_volume(request.query.get("id", ""), self.catalogue.seed)
        if number is None or not has_picture(self.catalogue.edition(number)):
            return Response(200, flat(575, 750), {}, "image/png")
        box = re.fullmatch(r"w(\d{1,4})-h(\d{1,4})", request.query.get("fife", ""))
        if box:
            return Response(200, fitted(number, int(box[1]) or 1, int(box[2]) or 1), {}, JPEG)
        width = _ZOOMS.get(request.query.get("zoom", "1"), 128)
        return Response(200, fitted(number, width, HEIGHT), {}, JPEG)


class IsbndbPictures(PictureHost):
    """images.isbndb.com: small pictures for ever, originals for two hours, and the same grey one for many books."""

    name: ClassVar[str] = "isbndb_pictures"
    bucket: ClassVar[str] = "isbndb_pictures"

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/covers/\d\d/\d\d/(\d{13})\.jpg", self._picture),
            route("GET", r"/covers/original/(\d{13})\.jpg", self._original),
        ]

    def wrong(self, request: Request) -> Request:
        return replace_isbns(self.catalogue, "isbndb", request)

    def _picture(self, request: Request, isbn: str) -> Response:
        number = self.catalogue.number(isbn)
        if number is None:
            return self.failure(404)
        if is_placeholder(number):
            return Response(200, flat(333, 500), {}, JPEG)
        return Response(200, fitted(number, 500, 500), {}, JPEG)

    def _original(self, request: Request, isbn: str) -> Response:
        number = self.catalogue.number(isbn)
        until = request.query.get("expires", "")
        if number is None or request.query.get("signature") != _signature(isbn, until):
            return self.failure(403)
        if self.clock.now().timestamp() > int(until):
            return self.failure(403)
        return Response(200, fitted(number, WIDTH, HEIGHT), {}, JPEG)


def is_placeholder(number: int) -> bool:
    """Whether ISBNdb has the same grey picture for an edition as for many others: for one in eight."""
    return scatter(number, 73) % 8 == 0


def original_address(base: str, isbn: str, now: float) -> str:
    """The address of an original, which works for about two hours."""
    until = str(int(now) // 60 * 60 + LIFE)
    return f"{base}/covers/original/{isbn}.jpg?expires={until}&signature={_signature(isbn, until)}"


def _signature(isbn: str, until: str) -> str:
    return hashlib.blake2b(f"{isbn} {until}".encode(), key=_KEY, digest_size=16).hexdigest()
