"""A real HTTP server that publishes dumps as Open Library and archive.org do, and goes wrong when it is told to.

`/data/…_latest.txt.gz` → `/download/<item>/<dated name>` → `/node/<item>/<dated name>`, which serves ranges; the
checksums are at `/metadata/<item>`.
"""

import gzip
import hashlib
import json
import random
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alexandria.mirror.published import TYPES

DAY = "2026-06-30"
PROBE = "bytes=0-1023"


@cache
def dump_of(kind: str, size: int = 200_000) -> bytes:
    """A gzip file, always the same, of about so many bytes that cannot be guessed."""
    return gzip.compress(random.Random(kind).randbytes(size), mtime=0)


@dataclass
class Fault:
    """What goes wrong with one request for a file; `first` changes the published file before it is answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    hold_at: int | None = None
    ignore_range: bool = False
    ignore_condition: bool = False
    replaced_by: bytes | None = None


@dataclass
class Dump:
    """A published file. `listed` is what the metadata says of it instead of the truth."""

    data: bytes
    day: str = DAY
    etag: str | None = '"1"'
    modified: str | None = None
    content_type: str = "application/octet-stream"
    listed: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    version: int = 1

    def replace(self, data: bytes) -> None:
        """Nothing; another file is published under the same name."""
        self.version += 1
        self.data = data
        self.etag = self.etag and f'"{self.version}"'
        self.modified = self.modified and f"Wed, 01 Jul 2026 00:00:{self.version:02} GMT"


@dataclass
class Sent:
    """A request and how it was answered."""

    path: str
    range: str | None
    condition: str | None
    agent: str
    status: int = 0
    bytes: int = 0


class DumpServer:
    """The server's world, which a test may change while it serves."""

    def __init__(self) -> None:
        self.dumps = {kind: Dump(dump_of(kind)) for kind in TYPES}
        self.log: list[Sent] = []
        self.faults: dict[str, list[Fault]] = {}  # by path, for what is no file
        self.locations: dict[str, str] = {}  # other targets of redirects, by path
        self.metadata: bytes | None = None
        self.release = threading.Event()
        self.url = ""

    @property
    def base(self) -> str:
        return f"{self.url}/data"

    def name(self, kind: str) -> str:
        return f"ol_dump_{kind}_{self.dumps[kind].day}.txt.gz"

    def transfers(self, kind: str) -> list[Sent]:
        """The requests for the file itself, without the look at its first bytes."""
        return [sent for sent in self.log if sent.path == self.node(kind) and sent.range != PROBE]

    def node(self, kind: str) -> str:
        return f"/node/ol_dump_{self.dumps[kind].day}/{self.name(kind)}"

    def asked(self, part: str) -> int:
        return sum(part in sent.path for sent in self.log)

    def list_item(self) -> bytes:
        files = []
        for kind, dump in self.dumps.items():
            sums = {how: hashlib.new(how, dump.data).hexdigest() for how in ("md5", "sha1")}
            files.append({"name": self.name(kind), "size": str(len(dump.data)), **sums, **dump.listed})
        return json.dumps({"created": 1, "files": files, "dir": "/1"}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: DumpServer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        heads = self.headers
        self.sent = Sent(self.path, heads["Range"], heads["If-Range"], heads["User-Agent"])
        self.world.log.append(self.sent)
        with suppress(ConnectionError):
            self._answer()

    def _answer(self) -> None:
        faults = self.world.faults.get(self.path)
        if faults:
            fault = faults.pop(0)
            self._send(fault.status, fault.headers, b"sorry")
        elif location := self.world.locations.get(self.path):
            self._send(302, {"Location": location}, b"")
        elif found := re.fullmatch(r"/data/ol_dump_([a-z]+)_(latest|[\d-]+)\.txt\.gz", self.path):
            self._redirect_to_archive(found[1], found[2])
        elif self.path.startswith("/download/"):
            self._send(302, {"Location": self.path.replace("/download/", "/node/")}, b"")
        elif self.path.startswith("/metadata/"):
            self._send(200, {"Content-Type": "application/json"}, self.world.metadata or self.world.list_item())
        else:
            self._send_file()

    def _redirect_to_archive(self, kind: str, day: str) -> None:
        dump = self.world.dumps.get(kind)
        if dump is None or day not in ("latest", dump.day):
            self._send(404, {}, b"not found")
            return
        self._send(302, {"Location": f"/download/ol_dump_{dump.day}/{self.world.name(kind)}"}, b"")

    def _send_file(self) -> None:
        kind = next((kind for kind in self.world.dumps if self.path.endswith(self.world.name(kind))), None)
        if kind is None:
            self._send(404, {}, b"not found")
            return
        dump = self.world.dumps[kind]
        fault = dump.faults.pop(0) if dump.faults and self.sent.range != PROBE else Fault()
        if fault.replaced_by is not None:
            dump.replace(fault.replaced_by)
        if fault.status:
            self._send(fault.status, fault.headers, b"sorry")
            return
        self._send_part(dump, fault)

    def _send_part(self, dump: Dump, fault: Fault) -> None:
        heads = {"Content-Type": dump.content_type, "Accept-Ranges": "bytes"}
        heads |= {"ETag": dump.etag} if dump.etag else {}
        heads |= {"Last-Modified": dump.modified} if dump.modified else {}
        total = len(dump.data)
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.sent.range or "")
        holds = self.sent.condition in (None, dump.etag, dump.modified) or fault.ignore_condition
        if not found or fault.ignore_range or not holds:
            self._send(200, heads, dump.data, fault)
            return
        first, last = int(found[1]), min(int(found[2] or total), total - 1)
        if first >= total:
            self._send(416, {"Content-Range": f"bytes */{total}"}, b"")
            return
        heads["Content-Range"] = f"bytes {first}-{last}/{total}"
        self._send(206, heads, dump.data[first : last + 1], fault)

    def _send(self, status: int, heads: dict[str, str], body: bytes, fault: Fault | None = None) -> None:
        self.sent.status = status
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        fault = fault or Fault()
        end = next((at for at in (fault.cut_at, fault.hold_at) if at is not None), len(body))
        self.wfile.write(body[:end])
        self.sent.bytes = len(body[:end])
        if fault.hold_at is not None:
            self.world.release.wait(30)
        if end < len(body):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing about those who hang up; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving() -> Iterator[DumpServer]:
    """A server that listens on this machine until the end of the block."""
    world = DumpServer()
    handler = type("Handler", (_Handler,), {"world": world})
    with _Server(("127.0.0.1", 0), handler) as server:
        world.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield world
        finally:
            world.release.set()
            server.shutdown()
            thread.join()
