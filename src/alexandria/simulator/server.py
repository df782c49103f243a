"""The sockets: one HTTP server a host, on a port of its own, so that every path is exactly the provider's.

The standard library's threading server carries them. Faults must be real on the wire: a connection that is reset,
bytes that drip, a body that ends before its length. For those a handler needs the socket itself, which an ASGI server
(granian, ours) does not hand out, and a proxy in front of one would be a second server for every request. The standard
one gives each connection a thread and its socket, so a fault is a few plain lines and a request that hangs costs
a sleeping thread. It spends about 0.15 ms of processor time on a request, less than the client that sends it.
"""

import contextlib
import re
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from alexandria.errors import AddressInUse
from alexandria.simulator.control import control
from alexandria.simulator.faults import Fault
from alexandria.simulator.host import Host
from alexandria.simulator.messages import CONTROL, Request, Response, json_response, parse_query
from alexandria.simulator.world import Outcome, World

ADDRESS = "127.0.0.1"  # and no other: the control routes have no key
LARGEST_BODY = 4 << 20
_LAST_DATA_RECEIVED = 52  # offset in Linux' struct tcp_info: milliseconds since then
_PAUSE = 0.02  # seconds between two drips
_POLL = 0.1  # seconds after which a listener notices that it is to stop
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _Connection(BaseHTTPRequestHandler):
    """One connection of one host."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    world: ClassVar[World]
    host: ClassVar[Host]

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the state tells what was asked."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"\d{1,15}", length, re.ASCII):
            self._refuse(411, "a body needs a Content-Length")
            return
        if int(length) > LARGEST_BODY:
            self._refuse(413, f"a body may have {LARGEST_BODY} bytes")
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        method = "GET" if self.command == "HEAD" else self.command
        body = self.rfile.read(int(length))
        request = Request(method, path, parse_query(query), headers, body, _age(self.connection))
        if path.startswith(CONTROL):
            self._send(control(self.world, request))
            return
        outcome = self._outcome(request)
        try:
            _DELIVERIES.get(outcome.fault.fault if outcome.fault else "", _Connection._send_whole)(
                self, outcome.response, outcome.fault
            )
        finally:
            self.host.meter.leave(self.host.name, outcome.route, outcome.response.status)

    def _refuse(self, status: int, text: str) -> None:
        """Nothing; answers and closes, since what follows on the connection is a body that nobody reads."""
        self.close_connection = True
        self._send(json_response({"error": text}, status))

    def _outcome(self, request: Request) -> Outcome:
        try:
            return self.world.begin(self.host, request, self.path)
        except Exception as error:  # a mistake of ours must be seen as one, by the caller and in the state
            traceback.print_exc()
            self.host.meter.violate("simulator", f"{request.method} {request.path}: {type(error).__name__}")
            return Outcome(json_response({"error": "the simulator made a mistake"}, 500), "mistake")

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _serve  # noqa: N815

    def _send(self, response: Response) -> None:
        self._write(self._head(response) + self._body(response))

    def _send_whole(self, response: Response, fault: Fault | None) -> None:
        self._send(response)

    def _send_late(self, response: Response, fault: Fault) -> None:
        time.sleep(fault.seconds)
        self._send(response)

    def _send_slowly(self, response: Response, fault: Fault) -> None:
        self._write(self._head(response))
        body, sent, begun = self._body(response), 0, time.monotonic()
        while sent < len(body):
            time.sleep(_PAUSE)
            due = min(int((time.monotonic() - begun) * fault.rate), len(body))
            if due > sent:
                self._write(body[sent:due])
                sent = due

    def _send_part(self, response: Response, fault: Fault) -> None:
        body = self._body(response)
        self._write(self._head(response) + body[: len(body) // 2 if fault.at is None else fault.at])
        self.close_connection = True

    def _send_nothing(self, response: Response, fault: Fault) -> None:
        """Nothing; holds the connection until the other side gives up."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            while self.connection.recv(4096):
                pass

    def _reset(self, response: Response, fault: Fault) -> None:
        """Nothing; closes the socket without lingering, which sends RST, after `at` bytes of the answer."""
        self.close_connection = True
        if fault.at:
            self._write((self._head(response) + self._body(response))[: fault.at])
            time.sleep(_PAUSE)  # or the bytes are thrown away with the connection
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def _head(self, response: Response) -> bytes:
        lines = [
            f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Status')}",
            f"Date: {formatdate(self.world.clock.now().timestamp(), usegmt=True)}",
            f"Content-Type: {response.media}",
            f"Content-Length: {len(response.body)}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
            *(["Connection: close"] if self.close_connection else []),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _body(self, response: Response) -> bytes:
        return b"" if self.command == "HEAD" or response.status in (204, 304) else response.body

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)


_DELIVERIES: Mapping[str, Callable[[_Connection, Response, Any], None]] = {
    "delay": _Connection._send_late,
    "timeout": _Connection._send_nothing,
    "reset": _Connection._reset,
    "slow": _Connection._send_slowly,
    "truncated": _Connection._send_part,
}


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing about those who hang up; anything else is told on stderr."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(world: World, port: int = 0) -> Iterator[Mapping[str, str]]:
    """The base URL of every host by its name; they answer until the end of the block.

    The hosts take the ports from `port` on, or free ones for 0. Raises AddressInUse when one of those is taken.
    """
    with contextlib.ExitStack() as stack:
        for place, host in enumerate(world.hosts.values()):
            listener = stack.enter_context(_listen(world, host, port and port + place))
            thread = threading.Thread(target=listener.serve_forever, args=(_POLL,), name=host.name, daemon=True)
            thread.start()
            stack.callback(listener.shutdown)
            world.urls[host.name] = f"http://{ADDRESS}:{listener.server_port}{host.prefix}"
        yield world.urls


def _listen(world: World, host: Host, port: int) -> _Listener:
    handler = type("Connection", (_Connection,), {"world": world, "host": host})
    try:
        return _Listener((ADDRESS, port), handler)
    except OSError as error:
        raise AddressInUse(
            f"port {port} for {host.name} cannot be listened on ({error.strerror}); choose others with --port"
        ) from error


def _age(connection: socket.socket) -> float:
    """Seconds since the kernel received the last byte; 0 where it does not tell."""
    if not hasattr(socket, "TCP_INFO"):
        return 0.0
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_RECEIVED + 4)
    if len(info) < _LAST_DATA_RECEIVED + 4:
        return 0.0
    return int.from_bytes(info[_LAST_DATA_RECEIVED:], sys.byteorder) / 1000
