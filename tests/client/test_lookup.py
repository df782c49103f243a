"""`lookup_isbn`: Alexandria, then Google Books, then None; and never None for a failure."""

import gzip
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from alexandria.client import (
    Broken,
    ClientError,
    InvalidIsbn,
    LookupFailed,
    Malformed,
    NotAllowed,
    Throttled,
    TooSlow,
    Unreachable,
)
from tests.client.conftest import GOOGLE_KEY, ISBN, KEY, Face, edition, hit, problem, volume, volumes
from tests.net.server import Answer, Server, json_answer, refusing

HTML = Answer(b"<html><body>Welcome to the hotel</body></html>", content_type="text/html")
HIT = hit()
# How Alexandria can fail, and what is said of it; those that only a deadline ends come last.
FAILURES: dict[str, tuple[Answer, type[ClientError]]] = {
    "a web page": (HTML, Malformed),
    "a web page that says 404": (replace(HTML, status=404), Malformed),
    "404 of another service": (json_answer({"error": "no such route"}, 404), Malformed),
    "a redirect": (Answer(b"", 302, {"Location": "http://example.org/"}), Malformed),
    "500": (problem(500), Broken),
    "500 of a proxy": (replace(HTML, status=502), Broken),
    "503 with a time": (replace(problem(503), headers={"Retry-After": "7"}), Broken),
    "429": (problem(429), Throttled),
    "a wrong key": (problem(401), NotAllowed),
    "a type that is wrong": (hit(page_count="many"), Malformed),
    "a list that is wrong": (hit(authors={"name": "Roald Dahl"}), Malformed),
    "no result": (json_answer({"query": ISBN, "results": []}), Malformed),
    "another JSON": (json_answer([1, 2]), Malformed),
    "JSON that never ends": (Answer(b"[" * 100_000), Malformed),
    "nothing": (Answer(b""), Malformed),
    "no text": (Answer(b"\xff\xfe\x00"), Malformed),
    "packed without being asked": (Answer(b"x", headers={"Content-Encoding": "br"}), Malformed),
    "not packed as it says": (Answer(b"x", headers={"Content-Encoding": "gzip"}), Malformed),
    "cut": (replace(HIT, fault="cut"), Unreachable),
    "reset": (replace(HIT, fault="reset"), Unreachable),
    "reset in the body": (replace(HIT, fault="reset in the body"), Unreachable),
    "hung up": (replace(HIT, fault="hang up"), Unreachable),
    "another protocol": (replace(HIT, fault="no HTTP"), Unreachable),
    "silence": (replace(HIT, fault="silent"), TooSlow),
    "a slow drip": (replace(HIT, fault="drip"), TooSlow),
    "a slow drip from the start": (replace(HIT, fault="drip all"), TooSlow),
}
GOOGLE_FAILURES: dict[str, tuple[Answer, type[ClientError]]] = {
    "used up": (json_answer({"error": {"code": 429, "message": "Quota exceeded, per day"}}, 429), Throttled),
    "used up, as 403": (json_answer({"error": {"errors": [{"reason": "dailyLimitExceeded"}]}}, 403), Throttled),
    "used up, as 400": (json_answer({"error": {"message": "quota exceeded"}}, 400), Throttled),
    "a wrong key": (json_answer({"error": {"errors": [{"reason": "keyInvalid"}]}}, 400), NotAllowed),
    "503": (json_answer({"error": {"code": 503}}, 503), Broken),
    "a web page": (HTML, Malformed),
    "404": (json_answer({"error": {"code": 404}}, 404), Malformed),
    "another list": (json_answer({"kind": "youtube#videos"}), Malformed),
    "a volume that cannot be read": (volumes(volume(pageCount="many")), Malformed),
    "cut": (replace(volumes(volume()), fault="cut"), Unreachable),
    "silence": (replace(volumes(), fault="silent"), TooSlow),
}


def test_a_hit_is_one_request(make: Face, alexandria: Server, google: Server) -> None:
    alexandria.script = [hit()]
    found = make().lookup_isbn("0-14-032872-6")
    assert found.source == "alexandria"
    assert found.edition.isbn13 == ISBN
    assert found.editions[0].title == "Fantastic Mr. Fox"
    assert [(each.key, each.title) for each in found.works] == [("OL45804W", "Fantastic Mr Fox")]
    assert [(each.key, each.name) for each in found.authors] == [("OL34184A", "Roald Dahl")]
    assert [asked.target for asked in alexandria.asked] == [f"/api/isbn?isbn={ISBN}"]
    assert google.asked == []


def test_each_host_sees_its_own_key_and_none_in_an_address(make: Face, alexandria: Server, google: Server) -> None:
    assert make().lookup_isbn(ISBN) is None
    [one], [other] = alexandria.asked, google.asked
    assert one.headers["x-api-key"] == KEY
    assert other.headers["x-goog-api-key"] == GOOGLE_KEY
    assert GOOGLE_KEY not in str(one)
    assert KEY not in str(other)
    assert GOOGLE_KEY not in other.target


def test_what_google_knows_comes_in_the_same_shape(make: Face, google: Server) -> None:
    google.script = [volumes(volume())]
    found = make().lookup_isbn(ISBN)
    assert found.source == "google-books"
    assert found.link == "https://books.google.com/books?id=x1"
    got = found.editions[0]
    assert (got.isbn13, got.isbn10, got.title, got.publisher) == (ISBN, "0140328726", "Fantastic Mr Fox", "Puffin")
    assert (got.publication_date, got.page_count, got.language) == ("1988-10-01", 96, "en")
    assert got.description == "A fox & three farmers."
    assert got.subjects == ("Juvenile Fiction", "Animals")
    assert got.cover_url_small == "https://books.google.com/c?id=x1&zoom=1"
    assert [each.name for each in found.authors] == [each.name for each in got.authors] == ["Roald Dahl"]
    assert found.works == (got.work,)
    assert google.asked[0].query["q"] == f"isbn:{ISBN}"


@pytest.mark.parametrize(
    "answer",
    [
        volumes(),
        volumes(volume("9780262033848")),
        volumes(volume(industryIdentifiers=[])),
        volumes(volume(industryIdentifiers=[{"type": "OTHER", "identifier": f"UOM:{ISBN}"}])),
        json_answer({"kind": "books#volumes", "totalItems": 0, "items": []}),
    ],
)
def test_another_book_is_none(make: Face, google: Server, answer: Answer) -> None:
    google.script = [answer]
    assert make().lookup_isbn(ISBN) is None


def test_the_fullest_of_the_right_volumes_is_taken(make: Face, google: Server) -> None:
    bare = {"id": "x2", "volumeInfo": {"industryIdentifiers": [{"type": "ISBN_10", "identifier": "0140328726"}]}}
    google.script = [volumes(bare, volume("9780262033848"), volume(), {"id": 5})]
    assert make().lookup_isbn(ISBN).editions[0].title == "Fantastic Mr Fox"


@pytest.mark.parametrize("how", FAILURES)
def test_google_answers_whatever_is_wrong_with_alexandria(
    make: Face, alexandria: Server, google: Server, how: str
) -> None:
    alexandria.script = [FAILURES[how][0]]
    google.script = [volumes(volume())]
    found = make(timeout=20 if FAILURES[how][1] is not TooSlow else 1.5, api_key=None).lookup_isbn(ISBN)
    assert found.source == "google-books"


@pytest.mark.parametrize("how", FAILURES)
def test_a_failure_is_no_absence(make: Face, alexandria: Server, how: str) -> None:
    answer, error = FAILURES[how]
    alexandria.script = [answer]
    with pytest.raises(LookupFailed) as failed:
        make(google_books_url=None, timeout=20 if error is not TooSlow else 0.4).lookup_isbn(ISBN)
    assert [type(cause) for cause in failed.value.causes] == [error]
    assert KEY not in str(failed.value)


@pytest.mark.parametrize("how", GOOGLE_FAILURES)
def test_a_failure_of_google_is_no_absence(make: Face, google: Server, how: str) -> None:
    answer, error = GOOGLE_FAILURES[how]
    google.script = [answer]
    with pytest.raises(LookupFailed) as failed:
        make(timeout=20 if error is not TooSlow else 1.5).lookup_isbn(ISBN)
    assert [type(cause) for cause in failed.value.causes] == [error]
    assert GOOGLE_KEY not in str(failed.value)


def test_nobody_listens_anywhere(make: Face) -> None:
    with pytest.raises(LookupFailed, match="Alexandria: cannot be reached.*Google Books: cannot be reached") as failed:
        make(base_url=refusing(), google_books_url=refusing()).lookup_isbn(ISBN)
    assert [type(cause) for cause in failed.value.causes] == [Unreachable, Unreachable]


def test_what_google_does_not_know_is_not_missing_while_alexandria_is_away(make: Face) -> None:
    with pytest.raises(LookupFailed) as failed:
        make(base_url=refusing()).lookup_isbn(ISBN)
    assert len(failed.value.causes) == 1


def test_a_host_without_an_address(make: Face) -> None:
    with pytest.raises(LookupFailed):
        make(base_url=f"http://{'x' * 64}.invalid", google_books_url=None, timeout=20).lookup_isbn(ISBN)


@pytest.mark.parametrize("text", ["", "hello", "9780140328720", "0000000000", "9" * 300, "9790060115615", "12345"])
def test_what_is_no_isbn_is_not_asked_for(make: Face, alexandria: Server, google: Server, text: str) -> None:
    with pytest.raises(InvalidIsbn):
        make().lookup_isbn(text)
    assert alexandria.asked == google.asked == []


def test_without_google_a_miss_is_none(make: Face, google: Server) -> None:
    assert make(google_books_url=None).lookup_isbn(ISBN) is None
    assert google.asked == []


def test_deleted_there_may_be_known_elsewhere(make: Face, alexandria: Server, google: Server) -> None:
    alexandria.script = [problem(410)]
    google.script = [volumes(volume())]
    assert make(api_key=None).lookup_isbn(ISBN).source == "google-books"


def test_a_packed_answer_is_unpacked(make: Face, google: Server) -> None:
    plain = volumes(volume())
    google.script = [replace(plain, body=gzip.compress(plain.body), headers={"Content-Encoding": "gzip"})]
    assert make(api_key=None).lookup_isbn(ISBN).source == "google-books"


@cache
def bomb() -> bytes:
    """Few bytes, of which more than a client takes come out."""
    return gzip.compress(bytes((32 << 20) + 1), 1)


def test_a_bomb_is_no_answer(make: Face, alexandria: Server) -> None:
    alexandria.script = [Answer(bomb(), headers={"Content-Encoding": "gzip"})]
    with pytest.raises(LookupFailed, match="longer than 32 MiB"):
        make(google_books_url=None, timeout=60).lookup_isbn(ISBN)


def test_a_dropped_connection_is_tried_once_more(make: Face, alexandria: Server) -> None:
    alexandria.script = [replace(hit(), fault="hang up"), hit()]
    client = make()
    assert client.lookup_isbn(ISBN).source == "alexandria"
    health = client.health().alexandria
    assert (health.requests, health.retries, health.failures) == (2, 1, 0)


def test_retries_are_few_however_much_fails(make: Face, alexandria: Server) -> None:
    alexandria.script = lambda asked: problem(502)
    client = make(google_books_url=None)
    for _ in range(50):
        with pytest.raises(LookupFailed):
            client.lookup_isbn(ISBN)
    assert 50 < len(alexandria.asked) <= 56  # one saved at the start, one earned by each ten calls


def test_a_wrong_key_is_told_once(make: Face, alexandria: Server, google: Server, caplog: Any) -> None:
    alexandria.script = [problem(401, "The key is unknown.")]
    google.script = [volumes(volume())]
    client = make()
    for _ in range(3):
        assert client.lookup_isbn(ISBN).source == "google-books"
    told = [record.message for record in caplog.records if "lookups go elsewhere" in record.message]
    assert len(told) == 1
    assert "The key is unknown." in told[0]


# --- many -----------------------------------------------------------------------------------------------------------


def batch(asked: Any) -> Answer:
    """Knows all that end with 1, queues the rest."""
    if asked.method == "GET" or "isbns" not in asked.json:
        return problem(404)
    return json_answer(
        {
            "results": [
                {"isbn": isbn, "status": "found", "edition": edition(isbn)}
                if isbn.endswith("1")
                else {"isbn": isbn, "status": "queued", "job_id": "j1"}
                for isbn in asked.json["isbns"]
            ]
        }
    )


MANY = [ISBN, "978-0-262-03384-8", "nothing", "0140328726"]


def test_many_come_back_in_order(make: Face, alexandria: Server, google: Server) -> None:
    alexandria.script = batch
    results = make().lookup_isbns(MANY)
    assert [result.isbn for result in results] == MANY
    assert [result.status for result in results] == ["found", "queued", "invalid", "found"]
    assert results[1].job_id == "j1"
    assert "expected 10 or 13 digits" in results[2].message
    assert results[3].response.editions[0].isbn13 == ISBN
    assert len(alexandria.asked) == 1
    assert len(google.asked) == 1


def test_a_thousand_go_in_one_request(make: Face, alexandria: Server) -> None:
    alexandria.script = batch
    results = make().lookup_isbns([ISBN] * 1_001, fallback=0)
    assert {result.status for result in results} == {"found"}
    assert [len(asked.json["isbns"]) for asked in alexandria.asked] == [1_000, 1]


def test_many_fall_back_as_far_as_allowed(make: Face, google: Server) -> None:
    google.script = lambda asked: volumes(volume(asked.query["q"].removeprefix("isbn:")))
    results = make(base_url=refusing()).lookup_isbns([ISBN, "9780262033848", "9780743273565"], fallback=2)
    assert [result.status for result in results] == ["found", "found", "failed"]
    assert [result.response and result.response.source for result in results] == ["google-books", "google-books", None]
    assert "cannot be reached" in results[2].message


def test_an_answer_of_another_length_is_none_at_all(make: Face, alexandria: Server) -> None:
    alexandria.script = [json_answer({"results": []})]
    [result] = make(google_books_url=None).lookup_isbns([ISBN])
    assert (result.status, result.message) == ("failed", "0 answers to 1 ISBNs")
