"""The wire of the client that blocks: one request and its whole answer before a deadline.

httpx2 bounds each single read, so a host that sends a byte now and then is never too slow for it. Its engine,
httpcore2, lets the sockets be ours, and ours know when the call must end. It also logs no addresses.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any, Final

import httpcore2

from alexandria.client.body import Body
from alexandria.client.errors import TooSlow, Unavailable, Unreachable
from alexandria.client.exchange import Send
from alexandria.client.messages import NAMES, Reply

CONNECTIONS: Final = 100  # at once
IDLE: Final = 5.0  # seconds that a connection is kept without use
PIECE: Final = 16 << 10  # bytes that are sent at once
_ends = threading.local()  # when the call of each thread must end


class Wire:
    """Sends requests; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[bool, httpcore2.ConnectionPool] = {}

    def send(self, step: Send) -> Reply:
        """The answer, read whole. Raises Unavailable."""
        request, host = step.request, NAMES[step.request.host]
        _ends.at = time.monotonic() + step.seconds
        try:
            with self._pool(request.url).stream(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.body,
                extensions={"timeout": {"pool": step.seconds}},
            ) as response:
                headers = read_headers(response)
                body = Body(host, headers.get("content-encoding", ""))
                for piece in response.iter_stream():
                    body.add(piece)
                return Reply(request.host, response.status, headers, body.whole())
        except FAILURES as error:
            raise failure(host, step.seconds, error) from error

    def close(self) -> None:
        """Nothing; all connections are closed."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, url: str) -> httpcore2.ConnectionPool:
        safe = url.startswith("https:")
        with self._lock:
            if safe not in self._pools:
                # reading certificates takes a twentieth of a second: only for who needs them, and once
                context = httpcore2.default_ssl_context() if safe else None
                self._pools[safe] = httpcore2.ConnectionPool(
                    context, max_connections=CONNECTIONS, keepalive_expiry=IDLE, network_backend=_Sockets()
                )
            return self._pools[safe]


FAILURES: Final = (
    httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError, OSError,
    UnicodeError,
)  # fmt: skip


def read_headers(response: httpcore2.Response) -> dict[str, str]:
    """The headers of an answer, by their names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def failure(host: str, seconds: float, error: Exception) -> Unavailable:
    """What a failure of the wire means."""
    if isinstance(error, httpcore2.TimeoutException | TimeoutError):
        return TooSlow(host, seconds)
    if isinstance(error, httpcore2.ConnectError | UnicodeError):
        said = f"cannot be reached ({_said(error)}); is it running, and is its address right?"
        return Unreachable(host, said, sent=False)
    return Unreachable(host, f"the connection broke ({_said(error)}); ask again later", sent=True)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


class _Sockets(httpcore2.SyncBackend):
    """Opens connections that keep to the deadline of the thread's call, whatever number of addresses a name has."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(error) from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for number, address in enumerate(addresses):
            left = _left(httpcore2.ConnectTimeout) / (len(addresses) - number)
            try:
                return _Bounded(super().connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")


class _Bounded(httpcore2.NetworkStream):
    """A connection on which nothing takes longer than what is left of the thread's call."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):  # whoever takes it byte by byte is too slow, too
            self._inner.write(buffer[start : start + PIECE], _left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Bounded(self._inner.start_tls(ssl_context, server_hostname, _left(httpcore2.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(error: Callable[[str], Exception]) -> float:
    left: float = _ends.at - time.monotonic()
    if left <= 0:
        raise error("the time is over")
    return left
