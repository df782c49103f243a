"""A service as a hostile caller sees it: bytes into a socket, bytes out of it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx2

PATIENT = 20.0


def connect(client: httpx2.Client) -> socket.socket:
    """An open connection to the service of a client."""
    url = client.base_url
    return socket.create_connection((url.host, url.port or 80), timeout=PATIENT)


@contextmanager
def crowd(client: httpx2.Client, count: int, first_words: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many open connections, each of which has sent the same first bytes."""
    with ExitStack() as stack:
        yield [_greeted(stack.enter_context(connect(client)), first_words) for _ in range(count)]


def _greeted(connection: socket.socket, words: bytes) -> socket.socket:
    if words:
        connection.sendall(words)
    return connection


def exchange(client: httpx2.Client, sent: bytes) -> bytes:
    """All that comes back until the service closes."""
    with connect(client) as connection:
        with suppress(OSError):  # it closed before it had heard all: what it said counts
            connection.sendall(sent)
        return read_to_end(connection)


def read_to_end(connection: socket.socket) -> bytes:
    """What comes until the other side closes, however it does."""
    parts = []
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has closed, as far as can be seen without waiting; what it said before is dropped."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
    return True


def statuses(answer: bytes) -> list[int]:
    """The status of each answer in what came back."""
    parts = answer.split(b"HTTP/1.1 ")[1:]
    return [int(part[:3]) for part in parts]
