"""Faults are real: seen by an HTTP client, and by a bare socket where it matters."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator, SimulatorFailed
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.wikimedia.items import write
from tests.simulator.conftest import AGENT, Find
from tests.waiting import until

KEY = {"Authorization": "simulated-key"}
PATH = f"/book/{sample_isbns().hit}"


@pytest.fixture
def get(simulator: Simulator, http: httpx2.Client) -> Callable[..., httpx2.Response]:
    def ask(path: str = PATH, **kwargs: Any) -> httpx2.Response:
        return http.get(simulator.urls["isbndb"] + path, headers=KEY, **kwargs)

    return ask


def raw(simulator: Simulator) -> bytes:
    """What a bare socket reads after a request, until the end; raises ConnectionResetError."""
    address = urlsplit(simulator.urls["isbndb"])
    head = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: k\r\nUser-Agent: {AGENT['User-Agent']}\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as connection:
        connection.sendall(head.encode())
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


Get = Callable[..., httpx2.Response]


def test_a_status_in_the_providers_words_for_so_many_times(simulator: Simulator, get: Get) -> None:
    simulator.faults(isbndb=[{"match": "/book/", "times": 2, "fault": "status", "status": 503}])
    answers = [get() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "5"
    assert answers[0].json()["message"]
    assert simulator.state()["isbndb"]["units"] == 1  # refused before any work
    assert simulator.state()["faults"]["isbndb"][0]["happened"] == 2


@pytest.mark.parametrize(
    ("line", "text", "header"),
    [
        ({"status": 429}, "Per minute quota exceeded", False),
        ({"status": 429, "daily": True}, "Daily quota exceeded", False),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "Per minute quota exceeded", True),
        ({"status": 429, "headers": {"Retry-After": "7"}, "body": "slow down"}, "slow down", True),
        ({"status": 500, "body": {"message": "own"}}, '{"message":"own"}', False),
        ({"status": 403}, "not included in your plan", False),
    ],
)
def test_a_status_with_own_headers_and_body(
    simulator: Simulator, get: Get, line: dict[str, Any], text: str, header: bool
) -> None:
    simulator.faults(isbndb=[{"fault": "status", **line}])
    answer = get()
    assert answer.status_code == line["status"]
    assert text in answer.text
    assert ("Retry-After" in answer.headers) is header


def test_html_and_empty_instead_of_json(simulator: Simulator, get: Get) -> None:
    simulator.faults(
        isbndb=[{"fault": "html", "times": 1}, {"fault": "empty", "times": 1}, {"fault": "html", "status": 502}]
    )
    page, nothing, error = get(), get(), get()
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")
    assert (nothing.status_code, nothing.content) == (200, b"")
    assert error.status_code == 502


def test_a_reset_is_a_reset(simulator: Simulator, get: Get) -> None:
    simulator.faults(isbndb=[{"fault": "reset"}])
    with pytest.raises(ConnectionResetError):
        raw(simulator)
    with pytest.raises(httpx2.ReadError):
        get()
    assert simulator.state()["isbndb"]["units"] == 2  # the work was done


def test_a_reset_in_the_middle_of_the_answer(simulator: Simulator, get: Get) -> None:
    simulator.faults(isbndb=[{"fault": "reset", "at": 200}])
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        get()
    with pytest.raises(ConnectionResetError):
        raw(simulator)


@pytest.mark.parametrize("at", [0, 10, None])
def test_a_truncated_body_ends_before_its_length(simulator: Simulator, get: Get, at: int | None) -> None:
    simulator.faults(isbndb=[{"fault": "truncated", "at": at}])
    head, _, body = raw(simulator).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert len(body) == (length // 2 if at is None else at) < length
    with pytest.raises(httpx2.RemoteProtocolError):
        get()


def test_a_timeout_never_answers_and_ends_when_the_caller_hangs_up(simulator: Simulator, get: Get) -> None:
    simulator.faults(isbndb=[{"fault": "timeout", "times": 1}])
    with pytest.raises(httpx2.ReadTimeout):
        get(timeout=0.2)
    until(lambda: simulator.state()["isbndb"]["parallel"] == 0)
    assert get().status_code == 200


def test_a_slow_body_drips(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.faults(isbndb=[{"fault": "slow", "rate": 1_000}])
    whole = http.get(simulator.urls["isbndb"] + "/key", headers=KEY)
    assert whole.json()["plan_limit"]
    simulator.faults(isbndb=[{"fault": "slow", "rate": 60}])
    with http.stream("GET", simulator.urls["isbndb"] + "/key", headers=KEY) as response:
        pieces = response.iter_raw()
        first = [next(pieces) for _ in range(5)]
    assert 5 <= len(b"".join(first)) < len(whole.content)


def test_a_delay_comes_first_and_the_answer_is_whole(simulator: Simulator, get: Get) -> None:
    simulator.faults(isbndb=[{"fault": "delay", "seconds": 0.3}])
    begun = time.monotonic()
    assert get().json()["book"]
    assert time.monotonic() - begun >= 0.3


def test_too_many_slow_queries_at_once_are_a_violation(simulator: Simulator) -> None:
    simulator.limits(wikimedia={"parallel": 2})
    simulator.faults(wikidata_sparql=[{"fault": "timeout"}])
    query = {"query": "SELECT ?a { ?a wdt:P648 'x' }", "format": "json"}

    def ask() -> None:
        with httpx2.Client(headers=AGENT, timeout=60) as client, pytest.raises(httpx2.HTTPError):
            client.get(simulator.urls["wikidata_sparql"] + "/sparql", params=query, timeout=2)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: simulator.state()["wikimedia"]["violation_kinds"] == {"parallel": 1})
    for thread in threads:
        thread.join()
    until(lambda: simulator.state()["wikimedia"]["parallel"] == 0)
    assert simulator.state()["wikimedia"]["most_parallel"] == 3


# --- the wrong book -------------------------------------------------------------------------------------------


def test_the_wrong_book_at_isbndb(simulator: Simulator, http: httpx2.Client, find: Find) -> None:
    edition = find("isbndb")
    simulator.faults(isbndb=[{"fault": "wrong_book"}])
    url = simulator.urls["isbndb"]
    one = http.get(f"{url}/book/{edition.isbn}", headers=KEY).json()["book"]
    many = http.post(f"{url}/books", json={"isbns": [str(edition.isbn)]}, headers=KEY).json()["data"]
    author = http.get(f"{url}/author/{edition.authors[0]}", headers=KEY)
    assert one["title"] != edition.title
    for book in many.values() if isinstance(many, dict) else many:
        assert book["title"] != edition.title
    assert author.status_code == 404 or edition.title not in [book["title"] for book in author.json()["books"]]


def test_the_wrong_book_at_the_others(
    simulator: Simulator, http: httpx2.Client, find: Find, catalogue: Catalogue
) -> None:
    simulator.faults(
        google_books=[{"fault": "wrong_book"}],
        open_library=[{"fault": "wrong_book"}],
        wikimedia=[{"fault": "wrong_book"}],
    )
    edition, urls = find("google_books"), simulator.urls
    volumes = http.get(f"{urls['google_books']}/volumes", params={"q": f"isbn:{edition.isbn}", "key": "k"}).json()
    assert edition.title not in [item["volumeInfo"]["title"] for item in volumes.get("items", [])]
    location = http.get(f"{urls['open_library']}/isbn/{edition.isbn}.json").headers["Location"]
    assert f"{edition.number}M" not in location
    key = f"/works/OL{10**10 + edition.work}W"
    record = http.get(f"{urls['open_library']}{key}.json").json()
    assert record["key"] != key
    person = next(p for p in map(catalogue.author, range(4, 500)) if catalogue.knows_person("wikidata", p))
    item = write("author", person.number)
    entities = http.get(
        f"{urls['wikidata']}/w/api.php", params={"action": "wbgetentities", "ids": item, "format": "json"}
    )
    assert item not in entities.json()["entities"]
    summary = (
        f"{urls['wikipedia'].replace('{language}', 'en')}/api/rest_v1/page/summary/{person.name.replace(' ', '_')}"
    )
    assert http.get(summary).json().get("title") != person.name


# --- scripts --------------------------------------------------------------------------------------------------


def test_a_script_chooses_by_method_and_target_and_lets_some_through(simulator: Simulator, get: Get) -> None:
    simulator.faults(
        isbndb=[
            {"fault": "status", "status": 500, "match": "POST /books"},
            {"fault": "status", "status": 501, "match": "with_prices", "skip": 1, "times": 1},
            {"fault": "status", "status": 502, "match": "/key"},
        ]
    )
    assert get().status_code == 200
    assert get("/key").status_code == 502
    assert [get(f"{PATH}?with_prices=1").status_code for _ in range(3)] == [200, 501, 200]


def test_chance_is_drawn_from_the_seed(simulator: Simulator, get: Get) -> None:
    script = [{"fault": "status", "status": 503, "probability": 0.4, "seed": 3}]
    runs = []
    for _ in range(2):
        simulator.faults(isbndb=script)
        runs.append([get().status_code for _ in range(60)])
    assert runs[0] == runs[1]
    assert 10 < runs[0].count(503) < 40


def test_a_bucket_names_all_its_hosts_and_reset_clears(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.faults(wikimedia=[{"fault": "status", "status": 503}])
    urls = [simulator.urls["wikidata"] + "/w/api.php", simulator.urls["wikidata_sparql"] + "/sparql"]
    assert [http.get(url).status_code for url in urls] == [503, 503]
    simulator.reset()
    assert http.get(urls[0]).status_code == 200
    assert simulator.state()["faults"]["wikidata"] == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"nobody": []}, "no provider 'nobody'"),
        ({"isbndb": [{"fault": "fire"}]}, "'fire'"),
        ({"isbndb": [{"match": "x"}]}, "`fault`"),
        ({"isbndb": [{"fault": "html", "often": 3}]}, "`often`"),
        ({"isbndb": [{"fault": "status", "status": 99}]}, "status"),
        ({"isbndb": [{"fault": "delay", "probability": 2}]}, "probability"),
        ({"isbndb": [{"fault": "status", "headers": {"A": "b\r\nC: d"}}]}, "headers"),
    ],
)
def test_a_bad_script_is_refused_and_changes_nothing(simulator: Simulator, get: Get, script: Any, said: str) -> None:
    with pytest.raises(SimulatorFailed, match=said):
        simulator.faults(**script)
    assert get().status_code == 200
