"""The circuit in use: hosts that are down are left alone, and found again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from alexandria.client import BreakerRule, CircuitOpen, Client, ClientError, LookupFailed
from tests.client.conftest import ISBN, Face, hit, problem, volume, volumes
from tests.net.server import Server, refusing
from tests.waiting import until

QUICK = BreakerRule(failures=3, timeouts=2, cooldown=0.05, longest=0.05)
LASTING = BreakerRule(failures=3, timeouts=2, cooldown=600, longest=600)


def test_lookups_of_a_dead_server(make: Face, google: Server) -> None:
    google.script = [volumes(volume())]
    client = make(base_url=refusing(), breaker=BreakerRule(), api_key=None)
    assert {client.lookup_isbn(ISBN).source for _ in range(300)} == {"google-books"}
    health = client.health()
    assert health.alexandria.state == "open"
    assert health.alexandria.requests + health.google_books.requests <= 330
    assert len(google.asked) == 300


def test_a_hanging_server_is_waited_for_twice(make: Face, alexandria: Server, google: Server) -> None:
    alexandria.script = [replace(hit(), fault="silent")]
    google.script = [volumes(volume())]
    client = make(breaker=LASTING, api_key=None, timeout=1.5)
    for _ in range(20):
        assert client.lookup_isbn(ISBN).source == "google-books"
    assert len(alexandria.asked) == 2


def test_it_is_found_again(make: Face, alexandria: Server) -> None:
    changes: list[tuple[str, str, str]] = []
    alexandria.script = [problem(500)]
    client = make(breaker=QUICK, google_books_url=None, on_circuit_change=lambda *change: changes.append(change))
    for _ in range(3):
        with pytest.raises(LookupFailed):
            client.lookup_isbn(ISBN)
    assert client.health().alexandria.state == "open"
    alexandria.script = [hit()]

    refused: list[ClientError] = []

    def answers() -> bool:
        try:
            return bool(client.lookup_isbn(ISBN))
        except LookupFailed as error:
            refused.append(error.causes[0])
            return False

    until(answers)
    assert {type(error) for error in refused} <= {CircuitOpen}
    assert len(alexandria.asked) == 4
    assert [change[1:] for change in changes] == [("closed", "open"), ("open", "half-open"), ("half-open", "closed")]
    assert client.health().alexandria.last_error is None


def test_each_host_has_its_own(make: Face, google: Server, alexandria: Server) -> None:
    google.script = [problem(500)]
    client = make(breaker=LASTING)
    for _ in range(5):
        with pytest.raises(LookupFailed):
            client.lookup_isbn(ISBN)
    health = client.health()
    assert (health.alexandria.state, health.google_books.state) == ("closed", "open")
    alexandria.script = [hit()]
    assert client.lookup_isbn(ISBN).source == "alexandria"


def test_a_used_up_quota_is_not_asked_again(make: Face, google: Server) -> None:
    google.script = [problem(429)]
    client = make()
    for _ in range(5):
        with pytest.raises(LookupFailed):
            client.lookup_isbn(ISBN)
    assert len(google.asked) == 1


def test_a_wrong_google_key_is_not_shown_again(make: Face, google: Server) -> None:
    google.script = [problem(403)]
    client = make()
    for _ in range(5):
        with pytest.raises(LookupFailed):
            client.lookup_isbn(ISBN)
    assert len(google.asked) == 1


def test_threads_may_share_a_client(alexandria: Server) -> None:
    alexandria.script = lambda asked: hit(asked.query["isbn"])
    isbns = [ISBN, "9780262033848", "9780743273565", "9783161484100"] * 25
    with Client(alexandria.url, google_books_url=None) as client, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(client.lookup_isbn, isbns))
    assert [each.editions[0].isbn13 for each in found if each] == isbns


def test_one_thread_probes_and_the_others_go_on(alexandria: Server, google: Server) -> None:
    google.script = lambda asked: volumes(volume())
    entered = threading.Event()

    def first_fails(asked: Any) -> Any:
        if len(alexandria.asked) <= 3:
            return problem(500)
        entered.set()
        return replace(hit(), fault="silent")

    alexandria.script = first_fails
    with Client(alexandria.url, google_books_url=google.url, breaker=QUICK, timeout=3) as client:
        for _ in range(3):
            assert client.lookup_isbn(ISBN)

        def probes() -> bool:
            return client.health().alexandria.retry_in == 0

        until(probes)
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(client.lookup_isbn, [ISBN] * 12))
    assert entered.is_set()
    assert len(alexandria.asked) <= 3 + 4  # the probe; perhaps others after it, one at a time
