"""A real HTTP server on this machine that answers by script, and goes wrong on the wire when it is told to."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

DRIP = 0.02  # seconds between two bytes
Fault = Literal["silent", "reset", "reset in the body", "cut", "drip", "drip all", "no HTTP", "hang up"]


@dataclass(frozen=True)
class Asked:
    """A request as it came in; header names in lower case, the path unquoted."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Answer:
    """What to send, and what goes wrong on the way."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    content_type: str = "application/json"

    def head(self) -> bytes:
        given = {"Content-Type": self.content_type, "Content-Length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in given.items() if value)]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer of JSON; underscores in the names of headers are hyphens."""
    return Answer(msgspec.json.encode(value), status, {name.replace("_", "-"): text for name, text in headers.items()})


class Server:
    """Answers each request with what `script` makes of it, or with the next of its answers (the last one stays)."""

    def __init__(self) -> None:
        self.script: Callable[[Asked], Answer] | list[Answer] = [Answer()]
        self.asked: list[Asked] = []
        self.url = ""
        self._over = asyncio.Event()
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    async def over(self) -> None:
        """Nothing; whoever is still there was shown out."""
        self._over.set()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit
        self._visits.add(visit)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._visits.discard(visit)
            writer.transport.abort() if self._over.is_set() else writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = dict((name.lower(), value) for line in head[1:-2] for name, _, value in [line.partition(": ")])
        asked = Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))
        self.asked.append(asked)
        answer = self._choose(asked)
        if answer.fault is None:
            writer.write(answer.head() + answer.body)
            await writer.drain()
            return True
        await self._fail(answer, writer)
        return False

    def _choose(self, asked: Asked) -> Answer:
        if not isinstance(self.script, list):
            return self.script(asked)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    async def _fail(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        half = answer.head() + answer.body[: len(answer.body) // 2]
        if answer.fault == "silent":
            await self._over.wait()
        elif answer.fault == "no HTTP":
            writer.write(b"220 mail.example.org ESMTP ready\r\n")
        elif answer.fault in ("drip", "drip all"):
            whole = answer.fault == "drip all"
            writer.write(b"" if whole else answer.head())
            for byte in answer.head() + answer.body if whole else answer.body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(DRIP)
        elif answer.fault in ("cut", "reset in the body"):
            writer.write(half)
        await writer.drain()
        if answer.fault in ("reset", "reset in the body"):
            await asyncio.sleep(DRIP)  # or the reset would overtake what was sent
            made: socket.socket = writer.get_extra_info("socket")
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A server that listens until the end of the block."""
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await server.over()


@asynccontextmanager
async def unreachable() -> AsyncIterator[str]:
    """The URL of a host that does not take any more connections, so that connecting never ends."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = [socket.socket() for _ in range(3)]
        for each in crowd:
            each.setblocking(False)
            with suppress(BlockingIOError):
                each.connect(full.getsockname())
        try:
            yield f"http://127.0.0.1:{full.getsockname()[1]}"
        finally:
            for each in crowd:
                each.close()


def refusing() -> str:
    """The URL of a port where nobody listens."""
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{gone.getsockname()[1]}"
