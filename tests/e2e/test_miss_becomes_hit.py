"""The story of a book that nobody had: asked for once, found, and known from then on. Read this first."""

from typing import Any

import httpx2

from alexandria.sample.numbers import nth_isbn
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.catalogue.numbers import edition_of
from alexandria.simulator.covers.hosts import is_placeholder
from alexandria.simulator.launch import Simulator
from tests.waiting import until


def test_a_miss_becomes_a_hit(alexandria: httpx2.Client, simulator: Simulator) -> None:
    isbn = str(nth_isbn(1_000))  # the providers know it, we do not

    missed = alexandria.get("/api/isbn", params={"isbn": isbn})
    assert missed.status_code == 404
    assert missed.json()["queued"] is True

    def status() -> str:
        return str(alexandria.get(missed.json()["status_url"]).json()["status"])

    until(lambda: status() == "completed")

    [edition] = alexandria.get("/api/isbn", params={"isbn": isbn}).json()["results"]
    assert edition["isbn13"] == isbn
    assert edition["title"]
    assert edition["completeness"] >= 50
    assert edition["work"]["key"].startswith("AX")  # Open Library has none: it is ours
    assert edition["authors"][0]["name"]

    fields = alexandria.get(f"/api/explain/edition/{isbn}").json()["fields"]
    assert fields["title"]["provider"] in ("isbndb", "google-books", "open-library", "wikidata")

    asked = simulator.state()
    assert alexandria.get("/api/isbn", params={"isbn": isbn}).status_code == 200
    assert simulator.state()["isbndb"]["requests"] == asked["isbndb"]["requests"]  # nobody is asked again
    assert simulator.violations() == {}


def test_a_caller_may_wait_for_it(alexandria: httpx2.Client) -> None:
    isbn = str(nth_isbn(1_200))
    answer = alexandria.get("/api/isbn", params={"isbn": isbn, "resolve": "now", "deadline": 20})
    assert answer.status_code == 200
    assert answer.json()["results"][0]["isbn13"] == isbn


def test_a_book_that_somebody_told_whole_gets_its_work(alexandria: httpx2.Client) -> None:
    isbn = "9791090724457"
    told = {"title": "Told Whole", "authors": ["Ann Teller"], "publisher": "P", "page_count": 10, "language": "en",
            "publication_date": "2020", "description": "d" * 60, "subject_tags": ["Telling"]}  # fmt: skip
    assert alexandria.post("/api/enrich/edition", json={"isbn": isbn, **told}).json()["work"] is None
    job = {"entity_type": "edition", "entity_key": isbn}
    alexandria.post("/api/enrich/queue", json=job).raise_for_status()

    def edition() -> dict[str, Any]:
        return dict(alexandria.get("/api/isbn", params={"isbn": isbn}).json()["results"][0])

    until(lambda: edition()["work"] is not None)
    assert (edition()["work"]["title"], edition()["authors"][0]["name"]) == ("Told Whole", "Ann Teller")
    assert edition()["authors"][0]["key"]


def test_and_the_hit_gets_a_cover(alexandria: httpx2.Client) -> None:
    isbn = next(isbn for isbn in map(nth_isbn, range(1_300, 1_400)) if isbn and has_picture(isbn))
    assert alexandria.get("/api/isbn", params={"isbn": str(isbn)}).json()["queued"] is True

    def cover() -> str | None:
        found = alexandria.get("/api/isbn", params={"isbn": str(isbn)}).json().get("results")
        return found[0]["cover_url_medium"] if found else None

    until(lambda: cover() is not None)

    picture = alexandria.get(str(cover()), headers={"Accept": "image/webp"})
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    status = alexandria.get(f"/api/covers/status/{isbn}").json()
    assert (status["status"], status["provider"] in ("isbndb", "google-books")) == ("stored", True)
    assert alexandria.get(f"/covers/image/{status['hash']}/medium").content == picture.content


def has_picture(isbn: int) -> bool:
    """Whether ISBNdb knows the book, and has a picture of it."""
    number = edition_of(isbn)
    return Catalogue().knows("isbndb", number) and not is_placeholder(number)
