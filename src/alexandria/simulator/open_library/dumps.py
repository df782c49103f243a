"""Open Library's dumps, as openlibrary.org leads to them and archive.org keeps them (providers.md 3).

`/data/…_latest.txt.gz` → `/download/<item>/<dated name>` → `/node/<item>/<dated name>`, which serves ranges; the
checksums are at `/metadata/<item>`. There is one for the end of every month that is over. It holds the sample
catalogue as it was then, and whatever else changed since the day before the simulator began.
"""

import gzip
import hashlib
import re
import threading
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar, Final

from alexandria.sample.lines import KINDS, Record, dump_line
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import Clock
from alexandria.simulator.faults import Fault
from alexandria.simulator.host import Host
from alexandria.simulator.messages import Request, Response, Route, html_response, json_response, route
from alexandria.simulator.meter import Meter
from alexandria.simulator.open_library.changes import Changes
from alexandria.simulator.open_library.records import Records

HOLLOW: Final = gzip.compress(b"", mtime=0)
FIRST: Final = date(2026, 1, 31)  # before it nothing was edited
_BEFORE = timedelta(days=1)
_FILE = r"ol_dump_([a-z]+)_(\d{4}-\d\d-\d\d)\.txt\.gz"
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)
_HOLLOW, _STALE = "_hollow", "_stale"  # parameters that no real query has


class Dumps(Host):
    """The part of openlibrary.org and archive.org that publishes dumps."""

    name: ClassVar[str] = "dumps"
    bucket: ClassVar[str] = "dumps"
    prefix: ClassVar[str] = "/data"

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        super().__init__(catalogue, clock, meter)
        self._made: dict[date, Dump] = {}
        self._lock = threading.Lock()

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/data/ol_dump_([a-z]+)_latest\.txt\.gz", self._latest),
            route("GET", rf"/data/{_FILE}", self._dated),
            route("GET", rf"/download/[^/]+/({_FILE})", self._download),
            route("GET", rf"/node/[^/]+/{_FILE}", self._node),
            route("GET", r"/metadata/ol_dump_(\d{4}-\d\d-\d\d)", self._metadata),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        return html_response(f"Error {status}", status)

    def wrong(self, request: Request) -> Request:
        return request._replace(path=request.path.replace("editions", "authors"))

    def ask_otherwise(self, request: Request, fault: Fault) -> Request:
        named = {"hollow": _HOLLOW, "stale": _STALE}.get(fault.fault)
        return request._replace(query={**request.query, named: "yes"}) if named else request

    def _latest(self, request: Request, kind: str) -> Response:
        day = last_month(self.clock.now().date())
        return self._lead(kind, last_month(day) if _STALE in request.query else day)

    def _dated(self, request: Request, kind: str, text: str) -> Response:
        day = self._published(text)
        return self._lead(kind, day) if day else self.failure(404)

    def _lead(self, kind: str, day: date) -> Response:
        if kind not in KINDS:
            return self.failure(404)
        return Response(302, b"", {"Location": f"/download/ol_dump_{day}/{file_name(kind, day)}"}, "text/plain")

    def _download(self, request: Request, name: str, kind: str, text: str) -> Response:
        return Response(302, b"", {"Location": f"/node/ol_dump_{text}/{name}"}, "text/plain")

    def _node(self, request: Request, kind: str, text: str) -> Response:
        day = self._published(text)
        if day is None or kind not in KINDS:
            return self.failure(404)
        return _part(HOLLOW if _HOLLOW in request.query else self._dump(day).files[kind], request)

    def _metadata(self, request: Request, text: str) -> Response:
        day = self._published(text)
        if day is None:
            return json_response({})
        listed = [_listed(file_name(kind, day), data) for kind, data in self._dump(day).files.items()]
        return json_response({"created": 1, "files": listed, "dir": "/1"})

    def _published(self, text: str) -> date | None:
        """The day, when there is a dump of it."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        is_end = day.day == monthrange(day.year, day.month)[1]
        return day if is_end and FIRST <= day <= last_month(self.clock.now().date()) else None

    def _dump(self, day: date) -> "Dump":
        with self._lock:
            began = datetime.fromtimestamp(self.clock.epoch, UTC) - _BEFORE
            return self._made.setdefault(day, Dump(self.catalogue, day, began))


class Dump:
    """The dump of the end of a day, made when it is first asked for."""

    def __init__(self, catalogue: Catalogue, day: date, since: datetime) -> None:
        cut = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(seconds=1)
        self._catalogue, self._since = catalogue, since
        self._changes = Changes(catalogue, Clock(0, cut.timestamp()))
        self._lock = threading.Lock()

    @property
    def files(self) -> Mapping[str, bytes]:
        """The compressed file of each kind."""
        with self._lock:
            return self._files

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        records = Records(self._catalogue, self._changes)
        lines: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for key in self._keys():
            if record := records.get(key):
                lines[f"{_kind(record)}s"].append(dump_line(record))
        return {kind: gzip.compress("".join(found).encode("ascii"), mtime=0) for kind, found in lines.items()}

    def _keys(self) -> Iterable[str]:
        """The keys of what the dump may hold, each once."""
        found = dict.fromkeys(self._catalogue.sample.records)
        first = Changes(self._catalogue, Clock(0, self._since.timestamp())).now()
        for turn in self._changes.turns(first, self._changes.now(), None):
            if self._changes.changes_records(turn):
                found |= dict.fromkeys(each["key"] for each in self._changes.change(turn).changes)
        return found


def file_name(kind: str, day: date) -> str:
    """The dated name of a dump file."""
    return f"ol_dump_{kind}_{day}.txt.gz"


def last_month(day: date) -> date:
    """The last day of the month before that of a day."""
    return day.replace(day=1) - timedelta(days=1)


def _kind(record: Record) -> str:
    return str(record["type"]["key"]).removeprefix("/type/")


def _listed(name: str, data: bytes) -> dict[str, str]:
    sums = {how: hashlib.new(how, data, usedforsecurity=False).hexdigest() for how in ("md5", "sha1")}
    return {"name": name, "size": str(len(data)), **sums}


def _part(data: bytes, request: Request) -> Response:
    """The file, or what of it was asked for, if it is still the same file."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    heads = {"Accept-Ranges": "bytes", "ETag": tag}
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or request.headers.get("if-range", tag) != tag:
        return Response(200, data, heads, "application/octet-stream")
    first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
    if first >= len(data):
        return Response(416, b"", {"Content-Range": f"bytes */{len(data)}"}, "text/plain")
    heads["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(206, data[first : last + 1], heads, "application/octet-stream")
