"""Wikimedia Commons: files by name, through two redirects, in standard widths only (providers.md 10)."""

import hashlib
import re
from typing import Any, ClassVar
from urllib.parse import quote

from alexandria.sample.plan import scatter
from alexandria.simulator.covers.draw import HEIGHT, WIDTH, draw, fitted
from alexandria.simulator.covers.hosts import JPEG
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.messages import Request, Response, Route, json_response, route
from alexandria.simulator.wikimedia import words

STEPS = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)
_STEPS_TEXT = b"Use thumbnail steps listed on https://w.wiki/GHai"
_NAME = re.compile(r".* (\d{1,12})\.(?:jpg|svg)")
_PAGE = "https://commons.wikimedia.org/wiki/File:"


class Commons(Host):
    """commons.wikimedia.org, and upload.wikimedia.org with it. A file exists when its name ends in a number."""

    name: ClassVar[str] = "commons"
    bucket: ClassVar[str] = "wikimedia"

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/wiki/Special:FilePath/(.+)", self._file_path),
            route("GET", r"/wiki/Special:Redirect/file/(.+)", self._redirect),
            route("GET", r"/wikipedia/commons/thumb/[0-9a-f]/[0-9a-f]{2}/[^/]+/(\d{1,5})px-(.+)", self._thumbnail),
            route("GET", r"/wikipedia/commons/[0-9a-f]/[0-9a-f]{2}/([^/]+)", self._original),
            route("GET", "/w/api.php", self._info),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        return words.failure(status)

    def wrong(self, request: Request) -> Request:
        return request._replace(path=re.sub(r"(\d+)(?=\.jpg$)", lambda found: str(int(found[1]) + 3), request.path))

    def refuse(self, request: Request) -> Response | None:
        return None if has_contact(request) else words.no_user_agent()

    def _file_path(self, request: Request, name: str) -> Response:
        if _number(name) is None:
            return words.failure(404)
        width = request.query.get("width")
        query = f"?width={quote(width)}" if width else ""
        return _moved(f"/wiki/Special:Redirect/file/{quote(name.replace(' ', '_'))}{query}")

    def _redirect(self, request: Request, name: str) -> Response:
        file = quote(name.replace(" ", "_"))
        width = request.query.get("width")
        folder = _folder(name)
        return _moved(f"/wikipedia/commons/thumb/{folder}/{file}/{width}px-{file}" if width
                      else f"/wikipedia/commons/{folder}/{file}")  # fmt: skip

    def _thumbnail(self, request: Request, width: str, name: str) -> Response:
        number = _number(name)
        if number is None:
            return words.failure(404)
        if int(width) not in STEPS:
            return Response(429, _STEPS_TEXT, {}, "text/plain")
        if int(width) > size_of(number)[0]:
            return words.failure(400)
        return Response(200, fitted(number, int(width), HEIGHT), {}, JPEG)

    def _original(self, request: Request, name: str) -> Response:
        number = _number(name)
        return words.failure(404) if number is None else Response(200, draw(number, *size_of(number)), {}, JPEG)

    def _info(self, request: Request) -> Response:
        if request.query.get("format") != "json" or request.query.get("prop") != "imageinfo":
            return json_response({"error": {"code": "unknown_action", "info": "Unrecognized value"}})
        titles = request.query.get("titles", "").split("|")
        return json_response({"batchcomplete": True, "query": {"pages": [self._page(title) for title in titles]}})

    def _page(self, title: str) -> dict[str, Any]:
        name = title.removeprefix("File:")
        number = _number(name)
        if number is None:
            return {"ns": 6, "title": title, "missing": True}
        width, height = size_of(number)
        file = quote(name.replace(" ", "_"))
        host = self.urls.get(self.name, "https://upload.wikimedia.org")
        info = {
            "size": 120_000, "width": width, "height": height, "mime": "image/jpeg",
            "url": f"{host}/wikipedia/commons/{_folder(name)}/{file}", "descriptionurl": _PAGE + file,
            "extmetadata": _metadata(number),
        }  # fmt: skip
        return {"ns": 6, "title": title, "imageinfo": [info]}


def size_of(number: int) -> tuple[int, int]:
    """Width and height of a file: one in four is small."""
    return (400, 600) if scatter(number, 74) % 4 == 0 else (WIDTH, HEIGHT)


def is_licensed(number: int) -> bool:
    """Whether a file says under which licence it is: seven of eight do."""
    return scatter(number, 75) % 8 != 0


def _metadata(number: int) -> Any:
    """What is told of a file."""
    kind = scatter(number, 75) % 8
    artist = {"Artist": {"value": f'<a href="//commons.wikimedia.org/wiki/User:Painter_{kind}">Painter {kind}</a>'}}
    if not is_licensed(number):
        return artist
    if kind < 4:
        return {**artist, "LicenseShortName": {"value": "Public domain"}}
    url = "https://creativecommons.org/licenses/by-sa/4.0"
    return {**artist, "LicenseShortName": {"value": "CC BY-SA 4.0"}, "LicenseUrl": {"value": url}}


def _number(name: str) -> int | None:
    match = _NAME.fullmatch(name.replace("_", " "))
    return int(match[1]) if match else None


def _folder(name: str) -> str:
    digest = hashlib.md5(name.replace(" ", "_").encode(), usedforsecurity=False).hexdigest()
    return f"{digest[0]}/{digest[:2]}"


def _moved(path: str) -> Response:
    return Response(302, b"", {"Location": path}, "text/plain")
