"""From Open Library's records to neutral answers."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from alexandria.biblio.answers import Moved, Person, WorkAnswer
from alexandria.biblio.keys import Key, parse_key
from alexandria.biblio.records import Author, Edition, Work
from alexandria.errors import Malformed
from alexandria.net.messages import decode
from alexandria.providers.open_library.parse import (
    Named,
    iso_or_text,
    read_author,
    read_edition,
    read_moved,
    read_search,
    read_work,
)
from alexandria.providers.open_library.records import read_fetched
from alexandria.providers.open_library.wire import SearchWire
from tests.providers.open_library.mutations import mutated, replied
from tests.providers.open_library.test_records import EDITION

COVERS = "https://covers.example.org"


def record(value: dict[str, Any]) -> Any:
    return read_fetched(json.dumps(value).encode(), parse_key(value["key"])).record


def test_an_edition() -> None:
    answer = read_edition(record(EDITION), (34184,), {34184: Named(34184, "Roald Dahl")}, COVERS)
    assert answer.isbns == (9780140328721,)
    assert (answer.number, answer.work_number) == (7, 45804)
    assert answer.authors == (Person("Roald Dahl", number=34184),)
    assert (answer.title, answer.publisher, answer.publication_date) == ("Fantastic Mr. Fox", "Puffin", "1988-10-01")
    assert answer.description == "A fox.\n\nA good one."
    assert answer.cover_url == "https://covers.example.org/b/id/8739161-L.jpg"


def test_a_recorded_edition(fixtures_dir: Path) -> None:
    raw = (fixtures_dir / "openlibrary" / "api" / "book.json").read_bytes()
    found = read_fetched(raw, Key("edition", 23109860)).record
    assert isinstance(found, Edition)
    answer = read_edition(found, found.authors, {27349: Named(27349, "F. Scott Fitzgerald")}, COVERS)
    assert answer.isbns == (9780743273565,)
    assert (answer.format, answer.page_count, answer.language) == ("paperback", 180, "en")
    assert answer.identifiers["goodreads"] == ("4671",)
    assert answer.contributors == (Person("Francis Cugat", "Cover Art"),)
    assert answer.subjects[-1] == "Fiction."
    assert answer.metadata["publish_places"] == ["New York, New York, USA"]
    msgspec.json.encode(answer)


def test_a_recorded_author(fixtures_dir: Path) -> None:
    raw = (fixtures_dir / "openlibrary" / "api" / "author_OL39872A.json").read_bytes()
    found = read_fetched(raw, Key("author", 39872)).record
    assert isinstance(found, Author)
    answer = read_author(found, COVERS)
    assert (answer.number, answer.name, answer.bio) == (39872, "Sophie Kinsella", "English author")
    assert (answer.birth_date, answer.birth_year, answer.death_year) == ("1969", 1969, 2025)
    assert answer.identifiers["isni"] == ("0000000120300738",)
    assert answer.identifiers["wikidata"] == ("Q235014",)
    assert "Madeleine Wickham" in answer.alternate_names
    assert answer.photo_url is None


def test_an_author_with_a_photo() -> None:
    value = {"key": "/authors/OL7A", "type": {"key": "/type/author"}, "name": "X", "photos": [-1, None, 5]}
    assert read_author(record(value), COVERS).photo_url == "https://covers.example.org/a/id/5-L.jpg"


def test_a_work() -> None:
    value = {
        "key": "/works/OL7W", "type": {"key": "/type/work"}, "title": "Fox", "subjects": ["Foxes", ""], "covers": [-1],
        "authors": [{"type": "/type/author_role", "author": {"key": "/authors/OL1A"}}, {"author": "/authors/OL2A"}],
        "first_publish_date": "c1970",
    }  # fmt: skip
    found = record(value)
    assert isinstance(found, Work)
    answer = read_work(found, {1: Named(1, "A"), 2: Named(3, "B")}, COVERS)
    assert answer == WorkAnswer(
        number=7,
        title="Fox",
        authors=(Person("A", number=1), Person("B", number=3)),
        first_publication_year=1970,
        subjects=("Foxes",),
        metadata={"first_publish_date": "c1970"},
    )


def test_authors_that_became_one_are_named_once_and_nameless_ones_left_out() -> None:
    people = {1: Named(3, "A"), 2: Named(3, "A")}
    assert read_edition(record(EDITION), (1, 2, 9), people, COVERS).authors == (Person("A", number=3),)


def test_an_edition_without_work_names_none() -> None:
    alone = {name: value for name, value in EDITION.items() if name != "works"}
    assert read_edition(record(alone), (), {}, COVERS).work_number is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("October 1, 1988", "1988-10-01"),
        ("March 2002", "2002-03"),
        ("1998", "1998"),
        ("[1998?]", "[1998?]"),
        ("19--", "19--"),
        ("4th cent.", "4th cent."),
        ("n.d.", "n.d."),
        (None, None),
    ],
)
def test_dates_are_iso_where_they_are_certain(text: str | None, expected: str | None) -> None:
    assert iso_or_text(text) == expected


def test_moved_and_not() -> None:
    redirect = {"key": "/works/OL1W", "type": {"key": "/type/redirect"}, "location": "/authors/OL2A"}
    assert read_moved(record(redirect)) == Moved(Key("author", 2))
    assert read_moved(record({"key": "/works/OL1W", "type": {"key": "/type/delete"}})) == Moved(None)
    assert read_moved(record(EDITION)) is None


@pytest.mark.parametrize("name", ["ol_search", "search", "free_search"])
def test_recorded_searches(fixtures_dir: Path, name: str) -> None:
    body = (fixtures_dir / "openlibrary" / "api" / f"{name}.json").read_bytes()
    works = read_search(decode(replied(body), SearchWire))
    keys = [document["key"].removeprefix("/works/") for document in json.loads(body)["docs"]]
    assert [f"OL{work.number}W" for work in works] == [key for key in keys if key.endswith("W")]
    assert all(work.title for work in works)


def test_a_recorded_work_of_two_authors(fixtures_dir: Path) -> None:
    body = (fixtures_dir / "openlibrary" / "api" / "ol_search.json").read_bytes()
    first = read_search(decode(replied(body), SearchWire))[0]
    assert (first.number, first.title, first.first_publication_year) == (
        20639540,
        "This Is How You Lose the Time War",
        2019,
    )
    assert first.authors == (Person("Amal El-Mohtar", number=7313207), Person("Max Gladstone", number=7129451))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"author_name": ["X", None], "author_key": ["OL1A", "OL2A"]}, (Person("X", number=1),)),
        ({"author_name": ["X", "Y"], "author_key": ["OL1A"]}, (Person("X"), Person("Y"))),
        ({"author_name": ["X"], "author_key": ["OL1W"]}, (Person("X"),)),
        ({}, ()),
    ],
)
def test_documents(document: dict[str, Any], expected: tuple[Person, ...]) -> None:
    page = {"docs": [{"key": "/works/OL1W", "title": "A", **document}]}
    (work,) = read_search(decode(replied(json.dumps(page).encode()), SearchWire))
    assert (work.number, work.authors) == (1, expected)


@pytest.mark.parametrize(
    "document", [{}, {"key": "/authors/OL1A", "title": "A"}, {"key": "/works/OL1W"}, {"title": "A"}]
)
def test_documents_that_are_no_works_are_left_out(document: dict[str, Any]) -> None:
    assert read_search(decode(replied(json.dumps({"docs": [document]}).encode()), SearchWire)) == ()


DOCUMENTS = {
    "numFound": 1,
    "docs": [
        {"key": "/works/OL1W", "title": "A", "author_name": ["X"], "author_key": ["OL1A"], "first_publish_year": 2000}
    ],
}


@given(mutated(json.dumps(DOCUMENTS)))
def test_a_damaged_search_gives_works_or_is_malformed(body: bytes) -> None:
    try:
        works = read_search(decode(replied(body), SearchWire))
    except Malformed:
        return
    assert all(isinstance(work, WorkAnswer) for work in works)


@given(mutated(json.dumps(EDITION)))
def test_a_damaged_edition_gives_an_answer_or_is_malformed(raw: bytes) -> None:
    try:
        found = read_fetched(raw, Key("edition", 7)).record
    except Malformed:
        return
    if moved := read_moved(found):
        assert isinstance(moved, Moved)
        return
    assert isinstance(found, Edition)
    msgspec.json.encode(read_edition(found, found.authors, {34184: Named(34184, "Roald Dahl")}, COVERS))
