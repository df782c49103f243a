"""What Open Library publishes: which dump is the newest, where its files lie, how large they are, their checksums.

`…/ol_dump_<type>_latest.txt.gz` redirects to a file of a dated item of archive.org, whose metadata has the checksums.
Bad months have happened: no file yet (404), empty files of 20 to 56 bytes, files of two dates.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import msgspec

from alexandria.errors import AlexandriaError, DumpRefused
from alexandria.mirror.read import GZIP_MAGIC
from alexandria.net.fetch import Fetcher, shown
from alexandria.net.retry import FetchFailed, Patience, patiently

TYPES = ("authors", "works", "editions", "redirects", "deletes")
ARCHIVE_HOSTS = ("archive.org",)
EMPTY = 64  # bytes: a gzip file of nothing, with a name in its head, is shorter
MOST_METADATA = 16 << 20
HEAD = 1024
Got = TypeVar("Got")
_DATED = re.compile(r"/(?P<name>ol_dump_(?P<type>[a-z]+)_(?P<date>\d{4}-\d\d-\d\d)\.txt\.gz)$")
_ARCHIVED = re.compile(r"(?P<host>https?://[^/]+)/download/(?P<item>[\w.-]+)/[^/]+$")


class NotPublished(AlexandriaError):
    """A dump is not there (yet), and when or how to ask for another."""


class StillPublishing(DumpRefused):
    """The newest files do not belong together yet, as on any day on which a dump appears; and when to ask again."""


@dataclass(frozen=True, slots=True)
class Published:
    """One dump file: its dated name, where it is, its bytes, which version it is, and its checksums by algorithm."""

    type: str
    date: str
    name: str
    url: str
    size: int
    validator: str | None
    sums: Mapping[str, str]


class _Listed(msgspec.Struct):
    name: str
    size: str | int | None = None
    md5: str | None = None
    sha1: str | None = None


class _Metadata(msgspec.Struct):
    files: list[_Listed] = []


class Publisher:
    """Asks where the dumps are; `pause` is how it waits, `on_warning` is told what could not be had."""

    def __init__(
        self, fetcher: Fetcher, base: str, pause: Callable[[float], None], on_warning: Callable[[str], None]
    ) -> None:
        self._fetcher, self._base, self._pause, self._on_warning = fetcher, base, pause, on_warning
        self._items: dict[str, dict[str, _Listed]] = {}

    def find(self, types: Sequence[str], day: date | None) -> list[Published]:
        """The files of these types, all of one date: the newest, or `day`. Raises NotPublished, DumpRefused."""
        urls = {kind: self._locate(kind, day) for kind in types}
        dates = {kind: _dated(url, kind)["date"] for kind, url in urls.items()}
        if len(set(dates.values())) > 1:
            told = ", ".join(f"{kind} {day}" for kind, day in dates.items())
            raise StillPublishing(
                f"the newest dumps are of different dates ({told}): Open Library is still publishing; "
                f"try again in a day or name a date with --date {min(dates.values())}"
            )
        return [self.describe(kind, url) for kind, url in urls.items()]

    def _locate(self, kind: str, day: date | None) -> str:
        """The dated URL, at archive.org where there is a way to it."""
        asked = f"{self._base}/ol_dump_{kind}_{day or 'latest'}.txt.gz"
        try:
            dated = self._patiently(lambda: self._fetcher.locate(asked, lambda url: _find_dated(url, kind) is not None))
            if dated is None:
                raise NotPublished(
                    f"{shown(asked)} leads to no dump with a date in its name; "
                    "check ALEXANDRIA_DUMPS_URL, or name a date with --date YYYY-MM-DD"
                )
            if _is_archived(dated):
                return dated
            return self._patiently(lambda: self._fetcher.locate(dated, _is_archived)) or dated
        except FetchFailed as error:
            raise _absent(error, asked, day) from error

    def describe(self, kind: str, url: str) -> Published:
        """What is known of the file at a dated URL before it is fetched. Raises DumpRefused for what is no dump."""
        found = _dated(url, kind)
        name, day = found["name"], found["date"]
        listed = self._list_item(url).get(name)
        try:
            size, validator = self._patiently(lambda: self._probe(name, url))
        except FetchFailed as error:
            raise _absent(error, url, None) from error
        sums = {how: text.lower() for how in ("sha1", "md5") if listed and (text := getattr(listed, how))}
        if not sums:
            self._on_warning(f"{name}: no checksum to be had; its size and a test of the whole gzip must do")
        elif listed and listed.size is not None and str(listed.size) != str(size):
            raise StillPublishing(
                f"{name}: {size:,} bytes, but {listed.size} by the archive's list: it is still being uploaded; "
                "try again in a day"
            )
        return Published(kind, day, name, url, size, validator, sums)

    def _probe(self, name: str, url: str) -> tuple[int, str | None]:
        """The size and version of a file, after a look at its first bytes."""
        try:
            with self._fetcher.get(url, to=HEAD - 1) as body:
                head = b""
                for chunk in body.chunks:
                    head += chunk
                    if len(head) >= len(GZIP_MAGIC):
                        break
        except FetchFailed as error:
            if error.status != 416:
                raise
            raise DumpRefused(f"{name}: it is published empty; name another date with --date") from error
        if body.total is None:
            raise DumpRefused(f"{name}: {shown(body.url)} does not say how long it is, so it cannot be checked")
        if not head.startswith(GZIP_MAGIC) and head:
            kind = body.content_type.partition(";")[0] or "something else"
            raise DumpRefused(f"{name}: {shown(body.url)} sends no gzip file but {kind}; try again later")
        if body.total < EMPTY:
            raise DumpRefused(f"{name}: it is published empty ({body.total} bytes); name another date with --date")
        return body.total, body.validator

    def forget(self) -> None:
        """Nothing; what the archive lists is asked for again."""
        self._items.clear()

    def _list_item(self, url: str) -> dict[str, _Listed]:
        """The archive's list of the item in which a file lies; empty, with a warning, when it cannot be read."""
        found = _ARCHIVED.match(url)
        if not found:
            return {}
        place = f"{found['host']}/metadata/{found['item']}"
        if place not in self._items:
            self._items[place] = {}
            try:
                data = self._patiently(lambda: self._fetcher.read(place, MOST_METADATA))
                self._items[place] = {each.name: each for each in msgspec.json.decode(data, type=_Metadata).files}
            except (FetchFailed, msgspec.DecodeError) as error:
                self._on_warning(f"the archive's list of checksums cannot be read: {error}")
        return self._items[place]

    def _patiently(self, action: Callable[[], Got]) -> Got:
        return patiently(action, Patience(self._pause))


def _find_dated(url: str, kind: str) -> re.Match[str] | None:
    found = _DATED.search(shown(url))
    return found if found and found["type"] == kind else None


def _dated(url: str, kind: str) -> re.Match[str]:
    found = _find_dated(url, kind)
    assert found
    return found


def _is_archived(url: str) -> bool:
    return _ARCHIVED.match(url) is not None and _DATED.search(url) is not None


def _absent(error: FetchFailed, url: str, day: date | None) -> AlexandriaError:
    """The error to raise for a file that cannot be had: what a 404 means depends on what was asked for."""
    if error.status not in (404, 410):
        return error
    if day:
        return NotPublished(f"{shown(url)}: there is no dump of {day}; the dates are at archive.org/details/ol_exports")
    return NotPublished(
        f"{shown(url)} is not there: Open Library is still publishing; "
        "try again in a day or name a date with --date YYYY-MM-DD"
    )
