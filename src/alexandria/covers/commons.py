"""Pictures of Wikimedia Commons: who made them, under which licence, and at which address in which size.

Only the sizes that Commons makes anyway are asked for; a picture that is smaller than that is asked for as it is.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import msgspec

from alexandria.biblio.text import clean_line, strip_html
from alexandria.config import ProviderSettings
from alexandria.errors import Malformed, Throttled
from alexandria.net.client import Client
from alexandria.net.gate import Call, Lane
from alexandria.net.messages import Note, Reply, Request, decode

WIDTH: Final = 500  # one of Commons' standard widths
LINE: Final = 500  # characters


class _Value(msgspec.Struct):
    value: str | int | float | bool | None = None


class _Metadata(msgspec.Struct):
    LicenseShortName: _Value | None = None
    LicenseUrl: _Value | None = None
    Artist: _Value | None = None
    Credit: _Value | None = None


class _Info(msgspec.Struct):
    url: str
    width: int = 0
    descriptionurl: str | None = None
    extmetadata: _Metadata | list[None] | None = None


class _Page(msgspec.Struct):
    imageinfo: list[_Info] = []


class _Query(msgspec.Struct):
    pages: list[_Page] = []


class _Error(msgspec.Struct):
    code: str = ""


class _Answer(msgspec.Struct):
    query: _Query | None = None
    error: _Error | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file at Commons: where it is in our size, and what is to be told wherever it is shown."""

    url: str
    page_url: str | None
    licence: str
    licence_url: str | None
    author: str | None


class Commons:
    """Asks Commons about files."""

    def __init__(self, client: Client, settings: ProviderSettings) -> None:
        self._client, self._settings = client, settings

    async def file(self, name: str, lane: Lane, patience: float) -> File | None:
        """The file of that name; None when there is none, or nobody says under which licence. Raises ProviderFailed."""
        request = Request(
            url=f"{self._settings.url}/w/api.php",
            params={
                "action": "query", "prop": "imageinfo", "iiprop": "url|size|mime|extmetadata",
                "titles": f"File:{name}", "format": "json", "formatversion": "2",
            },
            timeout=self._settings.timeout,
        )  # fmt: skip
        call = Call(self._settings.bucket, lane, "imageinfo")
        info = await self._client.ask(request, call, _read, patience=patience)
        return None if info is None else self._file(name, info)

    def _file(self, name: str, info: _Info) -> File | None:
        told = info.extmetadata if isinstance(info.extmetadata, _Metadata) else _Metadata()
        licence = _line(told.LicenseShortName)
        if licence is None:
            return None
        resized = f"{self._settings.url}/wiki/Special:FilePath/{quote(name.replace(' ', '_'), safe='')}?width={WIDTH}"
        drawn = info.url.lower().endswith((".svg", ".pdf", ".djvu", ".tif", ".tiff"))
        return File(
            url=resized if info.width > WIDTH or drawn else info.url,
            page_url=info.descriptionurl,
            licence=licence,
            licence_url=_line(told.LicenseUrl),
            author=_line(told.Artist) or _line(told.Credit),
        )


def _read(reply: Reply) -> tuple[_Info | None, Note]:
    answer = decode(reply, _Answer)
    if answer.error is not None:  # with status 200
        code = clean_line(answer.error.code, 60)
        if code in ("ratelimited", "maxlag"):
            raise Throttled(reply.bucket, f"{reply.url} answers {code}")
        raise Malformed(reply.bucket, f"{reply.url} answers with the error {code}")
    infos = [info for page in (answer.query.pages if answer.query else []) for info in page.imageinfo]
    return (infos[0] if infos else None), Note(found=min(len(infos), 1))


def _line(value: _Value | None) -> str | None:
    return clean_line(strip_html(str(value.value)), LINE) or None if value and value.value is not None else None
