"""The client and the example application on the real service, which is killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from alexandria.cli.address import free_port
from alexandria.client import google
from alexandria.client.messages import Reply
from alexandria.mirror.load import load_dumps
from alexandria.sample.catalogue import sample_isbns, write_sample
from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import HOST, Program, Service
from tests.cli.test_up import descendants
from tests.client.conftest import KEY, Face
from tests.waiting import until

EXAMPLE = Path(__file__).parents[2] / "examples" / "reading_list.py"
HIT, GOOGLE_KEY = sample_isbns().hit, "two"


class Running:
    """`alexandria up`, whose API can be killed and comes back when it may."""

    def __init__(self, program: Program) -> None:
        port = free_port(HOST)
        self.url = f"http://{HOST}:{port}"
        process = program.start("up", "--port", port)
        self._service = Service(program, process, port)
        assert process.stdout
        assert process.stdout.readline() == f"ready {self.url}\n", program.said()

    def kill(self) -> None:
        """Nothing; the API was killed with -9, and nobody starts it again for now."""
        self._service.process.send_signal(signal.SIGSTOP)
        killed = self._service.api()
        assert killed
        for pid in [killed, *descendants(killed)]:
            os.kill(pid, signal.SIGKILL)
        until(lambda: self._service.status("/health") is None)

    def go_on(self) -> None:
        """Nothing; the supervisor finds out, and starts the API again."""
        self._service.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.go_on()
        self._service.stop(signal.SIGTERM)
        if self._service.process.stdout:
            self._service.process.stdout.close()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(limited=False) as running:
        yield running


@pytest.fixture(scope="module")
def running(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service with the sample catalogue; it asks no provider, so it knows only what it is told."""
    folder = tmp_path_factory.mktemp("live")
    url = session_database()
    load_dumps(url, write_sample(folder), workers=1)
    running = Running(Program(folder, database_url=url, data_dir=folder / "data", internal_api_key=KEY))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def at_google(simulator: Simulator) -> Iterator[str]:
    """ISBNs that the simulated Google knows and the sample catalogue does not, each once."""
    isbns = (str(isbn) for index in range(1_000, 2_000) if (isbn := nth_isbn(index)))
    return (isbn for isbn in isbns if _knows(simulator, isbn))


def _knows(simulator: Simulator, isbn: str) -> bool:
    params = {"q": f"isbn:{isbn}", "maxResults": "10", "country": "US", "key": GOOGLE_KEY}
    answer = httpx2.get(f"{simulator.urls['google_books']}/volumes", params=params, timeout=60)
    return google.read_isbn(Reply("google-books", answer.status_code, {}, answer.content), isbn) is not None


@pytest.fixture
def client(make: Face, running: Running, simulator: Simulator) -> Any:
    url = simulator.urls["google_books"]
    return make(base_url=running.url, google_books_url=url, google_books_key=GOOGLE_KEY)


def test_a_find_elsewhere_is_a_hit_from_then_on(client: Any, running: Running, at_google: Iterator[str]) -> None:
    isbn = next(at_google)
    found = client.lookup_isbn(isbn)
    assert found.source == "google-books"
    assert client.flush()
    again = client.lookup_isbn(isbn)
    assert again.source == "alexandria"
    first, second = found.editions[0], again.editions[0]
    for name in ("isbn13", "title", "authors", "publisher", "page_count", "language", "description", "subjects"):
        assert getattr(second, name) == getattr(first, name), name
    explained = httpx2.get(f"{running.url}/api/explain/edition/{isbn}", timeout=60).json()["fields"]["title"]
    assert (explained["provider"], explained["source"]) == ("google-books", "internal")


def test_what_the_service_knows(client: Any) -> None:
    found = client.lookup_isbn(HIT)
    assert (found.source, found.editions[0].title) == ("alexandria", "The Great Gatsby")
    assert found.works
    assert client.work(found.works[0].key).works[0].title == found.works[0].title
    assert client.author(found.authors[0].key).authors[0].name == "F. Scott Fitzgerald"
    assert client.work("OL999999999W") is None
    searched = client.search("great gatsbi fitzgerald", limit=2)
    assert (searched.works[0].title, searched.authors[0].name) == ("The Great Gatsby", "F. Scott Fitzgerald")
    assert searched.editions[0].isbn13
    assert client.search(title="gatsby", author="fitzgerald").works[0].key == searched.works[0].key
    assert client.search("qqqq wwww").works == ()
    assert httpx2.get(client.cover_url(HIT, "small"), timeout=60).status_code in (200, 404)
    results = client.lookup_isbns([HIT, "123", "9783161484100"], fallback=0)
    assert [result.status for result in results] == ["found", "invalid", "missing"]


def test_what_the_service_is_told_and_asked(client: Any) -> None:
    said = client.enrich_edition("9783161484100", title="My First Book", publication_date="2023", format="paperback")
    assert said.response.editions[0].title == "My First Book"
    assert client.enrich_work("OL1W", "My First Book", subject_tags=["Beginnings"]).response.works[0].key == "OL1W"
    assert client.enrich_author("OL1A", "Ada Shelf", birth_year=1984).response.authors[0].birth_year == 1984
    queued = client.enqueue("edition", "9783161484100", priority=9)
    assert client.job_status(queued.id).entity_key == "9783161484100"
    assert client.job_status("00000000-0000-0000-0000-000000000000") is None


class Example:
    """The example application; books go in one by one, and a line about each comes out."""

    def __init__(self, url: str, google_url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(EXAMPLE), url, google_url],
            env={**os.environ, "BOOKS_KEY": KEY, "GOOGLE_KEY": GOOGLE_KEY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, isbn: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{isbn}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().partition(" ")[0]

    def comes_to_know(self, isbn: str) -> bool:
        time.sleep(0.2)  # each question is one to Google as well
        return self.ask(isbn) == "alexandria"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate(timeout=120)
        assert self._process.returncode == 0


def test_the_example_survives_a_killed_server(running: Running, simulator: Simulator, at_google: Iterator[str]) -> None:
    """The API is killed with -9 between two books, and comes back while the application runs."""
    with Example(running.url, simulator.urls["google_books"]) as example:
        _reads_on(example, running, at_google)


def _reads_on(example: Example, running: Running, at_google: Iterator[str]) -> None:
    before, meanwhile, after = next(at_google), next(at_google), next(at_google)
    assert example.ask(HIT) == "alexandria"
    assert example.ask("978014032872") == "invalid"
    assert example.ask(before) == "google-books"
    until(lambda: example.comes_to_know(before))

    running.kill()
    assert example.ask(before) == "google-books"
    assert example.ask(meanwhile) == "google-books"
    for _ in range(10):
        assert example.ask(meanwhile) == "google-books"

    running.go_on()
    until(lambda: example.comes_to_know(meanwhile), 120)
    assert example.ask(after) == "google-books"
    until(lambda: example.comes_to_know(after))
    assert example.ask(HIT) == "alexandria"


def test_the_example_is_short() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 40
