"""A service to ask: granian as users run it, in its own process, over a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from alexandria.mirror.load import load_dumps
from tests import dumps

SERVE = """
import os, sys
from alexandria.api.server import serve
from alexandria.config import read_settings
serve(read_settings({**os.environ, "ALEXANDRIA_PORT": sys.argv[1]}), *sys.argv[2:])
"""
Start = Callable[..., httpx2.Client]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start_service() -> Iterator[Start]:
    """A function of a database URL, and of settings by name, that gives a client of a running service.

    More arguments are those of `serve`.
    """
    processes: list[subprocess.Popen[bytes]] = []
    clients: list[httpx2.Client] = []

    def start(url: str, *more: str, **settings: str) -> httpx2.Client:
        port = free_port()
        environ = {**os.environ, **{f"ALEXANDRIA_{name.upper()}": value for name, value in settings.items()}}
        processes.append(subprocess.Popen([sys.executable, "-c", SERVE, str(port), url, *more], env=environ))
        client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        clients.append(client)
        deadline = time.monotonic() + 120
        while True:
            try:
                client.get("/health")
            except httpx2.TransportError:
                assert time.monotonic() < deadline, "the service did not start"
                time.sleep(0.02)
            else:
                return client

    yield start
    for client in clients:
        client.close()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=60)


LIBRARY = [
    dumps.line("author", 34184, 3, name="Roald Dahl", birth_date="13 September 1916", death_date="23 Nov 1990",
               alternate_names=["R. Dahl"], remote_ids={"viaf": "108159131"}, bio="Wrote."),
    dumps.line("author:redirect", 99, 2, location="/authors/OL34184A"),
    dumps.line("work", 45804, 5, title="Fantastic Mr Fox", authors=[{"author": {"key": "/authors/OL34184A"}}],
               first_publish_date="October 1, 1970", subjects=["Foxes"], description="A fox."),
    dumps.line("work:redirect", 1, 2, location="/works/OL2W"),
    dumps.line("work:redirect", 2, 2, location="/works/OL3W"),
    dumps.line("work:redirect", 3, 2, location="/works/OL45804W"),
    dumps.line("work:redirect", 70, 2, location="/works/OL71W"),
    dumps.line("work:redirect", 71, 2, location="/works/OL70W"),
    dumps.line("work:delete", 80, 2),
    dumps.edition(1, 45804, "9780140328721", 4, publishers=["Puffin", "Penguin"],
                  publish_date="October 1, 1988", number_of_pages=96, physical_format="Paperback",
                  languages=[{"key": "/languages/eng"}], subjects=["Animals"], covers=[8739161],
                  identifiers={"goodreads": ["1507552"]}, contributions=["Quentin Blake"], series=["Puffin books"],
                  description="The main character of Fantastic Mr. Fox is an extremely clever anthropomorphised fox."),
    # three editions with one ISBN: the most complete answers; of equals the newest revision, then the lowest number
    dumps.edition(10, 45804, "9780306406157", 9),
    dumps.edition(11, 45804, "9780306406157", 2, number_of_pages=5),
    dumps.edition(12, 45804, "9780306406157", 3, number_of_pages=5),
    dumps.edition(13, 45804, "9780306406157", 3, number_of_pages=5),
    dumps.edition(20, None, "9791034907625", title="Sans œuvre", authors=[{"key": "/authors/OL99A"}]),
    dumps.edition(21, 1, "9780804429573", title="Of a merged work"),
    dumps.line("edition:redirect", 30, 2, location="/books/OL1M", isbn_13=["9780345242235"]),
    dumps.line("edition:delete", 31, 2, isbn_13=["9780261102217"]),
]  # fmt: skip


@pytest.fixture(scope="session")
def service(
    start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> httpx2.Client:
    """A client of a service over a small library with every special case."""
    url = session_database()
    path = dumps.write(tmp_path_factory.mktemp("library") / "library.txt", LIBRARY)
    load_dumps(url, [path])
    return start_service(url)


@pytest.fixture(scope="session")
def real_service(start_service: Start, session_database: Callable[[], str], fixtures_dir: Path) -> httpx2.Client:
    """A client of a service over all real dump lines."""
    url = session_database()
    load_dumps(url, sorted((fixtures_dir / "openlibrary" / "dump").glob("ol_dump_*")))
    return start_service(url)
