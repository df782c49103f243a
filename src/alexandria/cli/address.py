"""Where the API is to be reached, whether that place is free, and one request to it."""

import errno
import http.client
import socket
import time
from dataclasses import dataclass

from alexandria.errors import AddressInUse

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer and how long it took."""

    status: int
    body: bytes
    milliseconds: float


def base_url(host: str, port: int) -> str:
    """The URL under which this machine reaches an API that listens there."""
    name = _EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def check_free(host: str, port: int) -> None:
    """Nothing; raises AddressInUse when nobody could listen there, and says why."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressInUse(_why(host, port, error)) from error


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken: stop the program that uses it, "
            "or choose another with --port or ALEXANDRIA_PORT"
        )
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for root: choose one above 1023 with --port or ALEXANDRIA_PORT"
    return f"cannot listen on {host} ({error.strerror}): give an address of this machine with --host or ALEXANDRIA_HOST"


def free_port(host: str) -> int:
    """A port on which nobody listens right now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def ask(host: str, port: int, path: str, timeout: float = 5.0, accept: str = "application/json") -> Answer | None:
    """The answer to a GET of the API, or None when nobody answers there."""
    connection = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=timeout)
    begun = time.perf_counter()
    try:
        connection.request("GET", path, headers={"Accept": accept})
        response = connection.getresponse()
        body = response.read()
        return Answer(response.status, body, (time.perf_counter() - begun) * 1000)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
