"""What Google Books knew is given to Alexandria: later, by itself, and never to anybody's harm."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from alexandria.client import BreakerRule, LookupFailed
from alexandria.sample.numbers import nth_isbn
from tests.client.conftest import ISBN, KEY, Face, problem, volume, volumes, written
from tests.net.server import Asked, Server, refusing
from tests.waiting import until

OTHER = "9780262033848"


@pytest.fixture(autouse=True)
def knowing(google: Server) -> None:
    google.script = lambda asked: volumes(volume(asked.query["q"].removeprefix("isbn:")))


def given(alexandria: Server) -> list[Any]:
    return [asked.json for asked in alexandria.asked if asked.method == "POST"]


def scripted(alexandria: Server, *answers: Any) -> None:
    """Lookups are missed; posts are answered in turn, the last answer stays."""
    left = list(answers)

    def script(asked: Asked) -> Any:
        if asked.method == "GET":
            return problem(404)
        return left.pop(0) if len(left) > 1 else left[0]

    alexandria.script = script


def test_a_find_is_given_back(make: Face, alexandria: Server) -> None:
    client = make()
    client.lookup_isbn(ISBN)
    assert client.flush()
    [body] = given(alexandria)
    assert body == {
        "isbn": ISBN,
        "primary_provider": "google-books",
        "title": "Fantastic Mr Fox",
        "authors": ["Roald Dahl"],
        "publisher": "Puffin",
        "publication_date": "1988-10-01",
        "page_count": 96,
        "language": "en",
        "description": "A fox & three farmers.",
        "subject_tags": ["Juvenile Fiction", "Animals"],
        "cover_url_small": "https://books.google.com/c?id=x1&zoom=1",
        "metadata": {
            "identifiers": {"google": ["x1"]},
            "link": "https://books.google.com/books?id=x1",
        },
    }
    post = alexandria.asked[-1]
    assert (post.path, post.headers["x-api-key"]) == ("/api/enrich/edition", KEY)
    assert client.health().give_back.given == 1


def test_without_a_key_there_is_one_warning(make: Face, alexandria: Server, caplog: pytest.LogCaptureFixture) -> None:
    client = make(api_key=None)
    for _ in range(3):
        assert client.lookup_isbn(ISBN)
    assert client.flush()
    assert given(alexandria) == []
    assert [record.levelname for record in caplog.records if "no api_key" in record.message] == ["WARNING"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_write_stops_it(
    make: Face, alexandria: Server, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    scripted(alexandria, problem(status, "It may not."))
    client = make()
    for _ in range(3):
        assert client.lookup_isbn(ISBN)
        assert client.flush()
    assert len(given(alexandria)) == 1
    assert client.health().give_back.lost == 3
    assert [record.levelname for record in caplog.records if "not given" in record.message] == ["WARNING"]
    assert KEY not in caplog.text


def test_a_field_that_is_refused_is_left_out(make: Face, alexandria: Server) -> None:
    errors = [{"field": "language", "message": "is none"}, {"field": "metadata.link", "message": "is long"}]
    scripted(alexandria, problem(400, errors=errors), written())
    client = make()
    client.lookup_isbn(ISBN)
    assert client.flush()
    first, second = given(alexandria)
    assert first.keys() - second.keys() == {"language", "metadata"}
    assert client.health().give_back.given == 1


@pytest.mark.parametrize("field", ["isbn", "primary_provider", "something"])
def test_what_cannot_be_mended_is_let_go(make: Face, alexandria: Server, field: str) -> None:
    scripted(alexandria, problem(400, errors=[{"field": field, "message": "no"}]))
    client = make()
    client.lookup_isbn(ISBN)
    assert client.flush()
    assert len(given(alexandria)) == 1
    assert client.health().give_back.lost == 1


def test_finds_wait_until_alexandria_is_back(make: Face, alexandria: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alexandria.client.give_back.PAUSE", 0.01)
    alexandria.script = [problem(500)]
    client = make(breaker=BreakerRule(failures=2, cooldown=0.05, longest=0.05))
    assert client.lookup_isbn(ISBN).source == "google-books"
    assert client.lookup_isbn(OTHER).source == "google-books"
    until(lambda: client.health().alexandria.state != "closed")
    assert client.health().give_back.given == 0
    scripted(alexandria, written())
    assert client.flush(30)
    assert [body["isbn"] for body in given(alexandria) if body][-2:] == [ISBN, OTHER]
    assert client.health().give_back.given == 2


def test_a_host_that_never_takes_it_is_given_up(
    make: Face, alexandria: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexandria.client.give_back.PAUSE", 0.01)
    scripted(alexandria, replace(problem(503), headers={"Retry-After": "0"}))
    client = make(breaker=BreakerRule(failures=1_000))
    client.lookup_isbn(ISBN)
    assert client.flush(30)
    assert client.health().give_back.lost == 1
    assert 3 <= len(given(alexandria)) <= 4  # one of them may be a retry


def test_the_oldest_gives_way(make: Face, alexandria: Server, google: Server) -> None:
    client = make(base_url=refusing(), waiting=2)
    for index in (0, 1, 2, 3, 4, 4, 4):  # who is asked for again waits once
        assert client.lookup_isbn(str(nth_isbn(index)))
    health = client.health().give_back
    assert health.waiting <= 3  # two, and the one that is under way
    assert health.waiting + health.lost == 5
    assert not client.flush(0.01)


def test_closing_gives_what_waits(make: Face, alexandria: Server) -> None:
    client = make()
    client.lookup_isbn(ISBN)
    client.close()
    client.close()
    assert len(given(alexandria)) == 1


def test_closing_does_not_wait_for_who_is_away(make: Face) -> None:
    client = make(base_url=refusing())
    assert client.lookup_isbn(ISBN)
    client.close()
    assert client.health().give_back.lost == 1


def test_a_failure_in_the_background_reaches_nobody(make: Face, alexandria: Server) -> None:
    scripted(alexandria, replace(written(), fault="no HTTP"))
    client = make()
    assert client.lookup_isbn(ISBN)
    alexandria.script = [written()]
    assert client.flush(30)


PROGRAM = """
from alexandria.client import Client, ClientError
client = Client({url!r}, "key", google_books_url={google!r})
print(client.lookup_isbn("9780140328721").source)
"""


@pytest.mark.parametrize("is_away", [False, True])
def test_a_program_that_just_ends(alexandria: Server, google: Server, is_away: bool) -> None:
    program = PROGRAM.format(url=refusing() if is_away else alexandria.url, google=google.url)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "google-books\n", "")
    assert len(given(alexandria)) == (0 if is_away else 1)


def test_nothing_is_given_when_nothing_was_found(make: Face, alexandria: Server, google: Server) -> None:
    google.script = [problem(500)]
    client = make()
    with pytest.raises(LookupFailed):
        client.lookup_isbn(ISBN)
    assert client.flush()
    assert given(alexandria) == []
