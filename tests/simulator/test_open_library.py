"""Open Library's web API as providers.md 4 and 5 document it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.clock import Clock
from alexandria.simulator.open_library import keys
from alexandria.simulator.open_library.changes import A_DAY, KINDS, Changes
from alexandria.simulator.open_library.records import Records
from tests.simulator.conftest import AGENT, Find

Ask = Callable[..., httpx2.Response]
ADVICE = "Too Many Requests. Consider using https://openlibrary.org/developers/dumps."


@pytest.fixture
def ask(simulator: Simulator, http: httpx2.Client) -> Ask:
    """A function that gets a path."""

    def get(path: str, **query: Any) -> httpx2.Response:
        return http.get(simulator.urls["open_library"] + path, params=query)

    return get


@pytest.fixture(scope="session")
def records(catalogue: Catalogue) -> Records:
    return Records(catalogue, Changes(catalogue, Clock()))


@pytest.fixture(scope="session")
def editions(records: Records) -> list[dict[str, Any]]:
    """Some seventeen hundred records of editions."""
    return [record for number in range(2_000) if (record := records.get(edition_key(number)))]


def edition_key(number: int) -> str:
    return keys.write("books", keys.LIVE + number)


# --- who may ask ----------------------------------------------------------------------------------------------


def test_a_name_without_a_contact_is_403(simulator: Simulator, http: httpx2.Client) -> None:
    url = simulator.urls["open_library"] + "/languages.json"
    assert http.get(url, headers={"User-Agent": "SomeApp/1.0"}).status_code == 403
    assert http.get(url, headers={"User-Agent": "SomeApp/1.0 (me@example.org)"}).status_code == 200
    assert http.get(url, headers={"User-Agent": "SomeApp/1.0 (https://example.org/me)"}).status_code == 200
    assert [each["kind"] for each in simulator.violations()["open_library"]] == ["user_agent"]


def test_the_anonymous_are_slower(simulator: Simulator, http: httpx2.Client) -> None:
    simulator.limits(open_library={"rate": 1000})
    url = simulator.urls["open_library"] + "/languages.json"
    anonymous = httpx2.Request("GET", url)
    answers = [http.send(anonymous).status_code for _ in range(20)]
    assert 429 in answers
    assert {http.get(url).status_code for _ in range(20)} == {200}


def test_too_fast_is_answered_with_advice(simulator: Simulator, ask: Ask) -> None:
    simulator.limits(open_library={"rate": 0.001})
    ask("/languages.json")
    refused = ask("/languages.json")
    assert (refused.status_code, refused.json()) == (429, {"status": 429, "message": ADVICE})


# --- records --------------------------------------------------------------------------------------------------


def test_an_isbn_redirects_to_a_record(ask: Ask, find: Find, catalogue: Catalogue) -> None:
    edition = find(
        "open_library",
        lambda e: Records(catalogue, Changes(catalogue, Clock())).key_of_isbn(e.number) == edition_key(e.number),
    )
    for text in (str(edition.isbn), edition.isbn10):
        answer = ask(f"/isbn/{text}.json")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{edition_key(edition.number)}.json")
    record = ask(f"{edition_key(edition.number)}.json").json()
    assert record["title"] == edition.title
    assert record["type"] == {"key": "/type/edition"}


def test_an_unknown_isbn_is_404(ask: Ask, find: Find) -> None:
    assert ask(f"/isbn/{find('open_library', known=False).isbn}.json").status_code == 404
    assert ask("/isbn/9780000000001.json").status_code == 404
    assert ask("/books/OL1M.json").status_code == 404


def test_the_sample_catalogue_is_served_as_its_dump_says(ask: Ask, catalogue: Catalogue) -> None:
    isbn = sample_isbns().hit
    key = catalogue.sample.keys[int(isbn)]
    assert ask(f"/isbn/{isbn}.json").headers["Location"] == f"{key}.json"
    record, dumped = ask(f"{key}.json").json(), catalogue.sample.records[key]
    changing = ("revision", "latest_revision", "last_modified")
    assert {k: v for k, v in record.items() if k not in changing} == {
        k: v for k, v in dumped.items() if k not in changing
    }
    assert record["revision"] >= dumped["revision"]


def test_redirects_and_deleted_records_are_answered_with_200(ask: Ask) -> None:
    redirect = ask("/works/OL20000000012W.json")
    assert redirect.status_code == 200
    assert redirect.json()["type"] == {"key": "/type/redirect"}
    assert redirect.json()["location"] == "/works/OL10000000012W"
    chained = ask("/works/OL20000000019W.json").json()["location"]
    assert chained == "/works/OL20000000018W"
    to_deleted = ask("/works/OL20000000500W.json").json()["location"]
    deleted = ask(f"{to_deleted}.json")
    assert (deleted.status_code, deleted.json()["type"]) == (200, {"key": "/type/delete"})
    assert ask("/works/OL20000000501W.json").json()["location"] == "/works/OL20000000501W"


def test_an_isbn_may_lead_to_a_redirect_or_a_deleted_record(catalogue: Catalogue, records: Records) -> None:
    kinds = set()
    for number in range(3_000):
        key = records.key_of_isbn(number)
        record = records.get(key) if key else None
        kinds.add(record["type"]["key"] if record else None)
    assert kinds == {"/type/edition", "/type/redirect", "/type/delete", None}


def test_many_records_at_once(ask: Ask, catalogue: Catalogue, records: Records) -> None:
    known = [edition_key(number) for number in range(60) if catalogue.knows("open_library", number)]
    asked = [*known, "/works/OL10000000001W", "/authors/OL10000000001A", "/works/OL20000000001W", "/books/OL9M", "junk"]
    found = ask("/api/get_many", keys=msgspec.json.encode(asked).decode()).json()
    assert found["status"] == "ok"
    assert list(found["result"]) == asked[:-2]
    assert {record["type"]["key"] for record in found["result"].values()} == {
        "/type/edition", "/type/work", "/type/author", "/type/redirect"
    }  # fmt: skip
    assert ask("/api/get_many", keys="no list").status_code == 400


def test_history_and_older_revisions(ask: Ask, simulator: Simulator) -> None:
    record = ask("/authors/OL10000000000A.json").json()
    assert record["revision"] > 3
    history = ask("/authors/OL10000000000A.json", m="history", limit=2).json()
    assert [each["revision"] for each in history] == [record["revision"], record["revision"] - 1]
    assert ask("/authors/OL10000000000A.json", v=2).json()["revision"] == 2


def test_editions_of_a_work_and_works_of_an_author(ask: Ask, catalogue: Catalogue) -> None:
    editions = ask("/works/OL10000000001W/editions.json").json()
    known = [number for number in numbers.editions_of(1) if catalogue.knows("open_library", number)]
    assert [each["key"] for each in editions["entries"]] == [edition_key(number) for number in known]
    works = ask("/authors/OL10000000000A/works.json", limit=50, offset=50).json()
    assert works["size"] >= 120
    assert len(works["entries"]) == 50
    assert works["links"]["next"].endswith("offset=100")
    tolkien = ask("/authors/OL26320A/works.json").json()
    assert "/works/OL27448W" in [each["key"] for each in tolkien["entries"]]


# --- other look-ups -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["viewapi", "data", "details"])
def test_books_by_bibkeys(ask: Ask, catalogue: Catalogue, command: str) -> None:
    hit, unknown = f"ISBN:{sample_isbns().hit}", "ISBN:9780000000001"
    answer = ask("/api/books", bibkeys=f"{hit},{unknown},OLID:OL10000000000M", jscmd=command, format="json").json()
    assert hit in answer
    assert unknown not in answer
    found = answer[hit]
    assert {"viewapi": "info_url", "data": "publishers", "details": "details"}[command] in found
    script = ask("/api/books", bibkeys=hit, jscmd=command).text
    assert script == "var _OLBookInfo = " + msgspec.json.encode({hit: found}).decode() + ";"
    assert ask("/api/books.json", bibkeys=hit, jscmd=command).json() == {hit: found}


def test_queries_by_property(ask: Ask, find: Find) -> None:
    edition = find("open_library")
    found = ask("/query.json", type="/type/edition", isbn_13=edition.isbn).json()
    assert found == [{"key": edition_key(edition.number)}]
    work = ask("/query.json", type="/type/edition", works=keys.write("works", keys.LIVE + edition.work)).json()
    assert {"key": edition_key(edition.number)} in work
    authors = ask("/query.json", type="/type/author", name=edition.authors[0]).json()
    assert len(authors) >= 1
    assert ask("/query.json", type="/type/work", **{"title~": "a*"}).status_code == 422


def test_many_isbns_in_one_search(ask: Ask, catalogue: Catalogue) -> None:
    asked = [catalogue.edition(number) for number in range(0, 90, 3)]
    query = f"isbn:({' OR '.join(str(each.isbn) for each in asked)} OR {sample_isbns().hit})"
    found = ask("/search.json", q=query, fields="key,isbn").json()
    known = [each for each in asked if catalogue.knows("open_library", each.number)]
    assert found["numFound"] == found["num_found"] == len(found["docs"]) == len(known) + 1
    assert {name for doc in found["docs"] for name in doc} == {"key", "isbn"}
    isbns = {isbn for doc in found["docs"] for isbn in doc["isbn"]}
    assert {str(each.isbn) for each in known} <= isbns
    assert sample_isbns().hit in isbns


def test_searches_by_title_author_and_text(ask: Ask, find: Find) -> None:
    edition = find("open_library")
    key = keys.write("works", keys.LIVE + edition.work)
    for query in (
        {"title": edition.title, "author": edition.authors[0]},
        {"title": edition.title},
        {"author": edition.authors[0]},
        {"q": f"{edition.title} {edition.authors[0]}"},
        {"isbn": edition.isbn10},
    ):
        docs = ask("/search.json", **query, limit=1000, fields="key,editions").json()["docs"]
        assert key in [doc["key"] for doc in docs], query
        assert all(doc["editions"]["docs"] for doc in docs)
    assert ask("/search.json", q="ab").status_code == 422
    assert ask("/search.json", q="the").status_code == 422
    assert ask("/search.json", title=edition.title, author="Nobody Nowhere").json()["numFound"] == 0
    people = ask("/search/authors.json", q=edition.authors[0]).json()
    assert people["docs"][0]["name"] == edition.authors[0]
    subject = ask(f"/subjects/{edition.subjects[0].replace(' ', '_')}.json").json()
    assert len(subject["works"]) == 12


# --- changes --------------------------------------------------------------------------------------------------


def test_changes_of_a_day_are_all_reached_by_pages(ask: Ask) -> None:
    pages = [ask("/recentchanges/2026/03/05.json", limit=1000, offset=offset).json() for offset in (0, 1000, 2000)]
    found = [change for page in pages for change in page]
    assert [len(page) for page in pages] == [1000, 1000, 0]
    assert len({change["id"] for change in found}) == A_DAY
    moments = [change["timestamp"] for change in found]
    assert moments == sorted(moments, reverse=True)
    assert {moment[:10] for moment in moments} == {"2026-03-05"}
    assert {change["kind"] for change in found} == set(KINDS)
    assert len(ask("/recentchanges/2026/03/05.json").json()) == 100


def test_limit_and_offset_are_clamped_in_silence(ask: Ask) -> None:
    assert len(ask("/recentchanges/2026/03.json", limit=5000).json()) == 1000
    deepest = ask("/recentchanges/2026/03.json", limit=1, offset=10_000).json()
    assert ask("/recentchanges/2026/03.json", limit=1, offset=90_000).json() == deepest
    assert ask("/recentchanges/2026/03.json", limit=0).json() == []


def test_changes_by_kind_bot_and_author(ask: Ask) -> None:
    merges = ask("/recentchanges/2026/03/05/merge-works.json").json()
    assert len(merges) == 60
    assert all(change["data"]["master"] in [c["key"] for c in change["changes"]] for change in merges)
    bots = ask("/recentchanges/2026/03/05.json", bot="true", limit=1000).json()
    people = ask("/recentchanges/2026/03/05.json", bot="false", limit=1000).json()
    assert {change["author"]["key"] for change in bots} == {"/people/InventedBot"}
    assert None in [change["author"] for change in people]
    assert not {change["id"] for change in bots} & {change["id"] for change in people}
    one = next(change for change in people if change["author"])
    by_author = ask("/recentchanges/2026/03/05.json", author=one["author"]["key"]).json()
    assert one["id"] in [change["id"] for change in by_author]
    assert ask(f"/recentchanges/2026/03/05/{one['kind']}/{one['id']}.json").json() == one
    assert ask(f"/recentchanges/goto/{one['id']}").headers["Location"].endswith(one["id"])
    assert ask("/recentchanges/no-kind.json").status_code == 404
    assert ask("/recentchanges/2026/13/40.json").status_code == 404


def test_the_records_have_the_revisions_that_the_changes_name(ask: Ask) -> None:
    newest = ask("/recentchanges.json", limit=400).json()
    named = {change["key"]: change["revision"] for change in reversed(newest[5:]) for change in change["changes"]}
    asked = [key for key in named if not key.startswith("/people/")]
    assert any("OL1" not in key and "OL2" not in key for key in asked)  # of the sample catalogue too
    found: dict[str, Any] = {}
    for start in range(0, len(asked), 100):
        chunk = msgspec.json.encode(asked[start : start + 100]).decode()
        found |= ask("/api/get_many", keys=chunk).json()["result"]
    assert len(found) > 100
    assert all(record["revision"] >= named[key] for key, record in found.items())
    assert sum(record["revision"] == named[key] for key, record in found.items()) > len(found) * 0.9


def test_records_begin_with_their_first_revision(catalogue: Catalogue) -> None:
    changes = Changes(catalogue, Clock())
    before = datetime(2025, 12, 31, tzinfo=UTC).toordinal() * A_DAY
    assert changes.revision("/books/OL10000000003M", before) == 1
    assert changes.revision("/works/OL20000000003W", before) == 2  # a redirect was a record before
    key, record = next((k, r) for k, r in catalogue.sample.records.items() if k.startswith("/books/"))
    assert changes.revision(key, before) == record["revision"]


def test_revisions_only_grow(catalogue: Catalogue) -> None:
    changes = Changes(catalogue, Clock())
    turns = range(
        datetime(2027, 5, 1, tzinfo=UTC).toordinal() * A_DAY, (datetime(2027, 5, 1, tzinfo=UTC).toordinal() + 1) * A_DAY
    )
    edits = [
        change for turn in turns for change in changes.change(turn).changes if not change["key"].startswith("/people")
    ]
    assert len(edits) > 800
    for edit in edits:
        assert changes.revision(edit["key"], turns[-1]) >= edit["revision"] >= 2
        assert changes.revision(edit["key"], turns[0] - 1) < edit["revision"]


# --- the mess -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "occurs"),
    [
        ("no work", lambda r: "works" not in r),
        ("an old work key", lambda r: "/works/OL2" in str(r.get("works"))),
        ("no authors", lambda r: "authors" not in r),
        ("the same author many times", lambda r: len(r.get("authors", [])) >= 50),
        ("only ISBN-10", lambda r: "isbn_13" not in r),
        ("only ISBN-13", lambda r: "isbn_10" not in r),
        ("hyphens", lambda r: "-" in "".join(r.get("isbn_13", []))),
        ("two in one", lambda r: "\t" in "".join(r.get("isbn_10", []))),
        ("each in the other's place", lambda r: len("".join(r.get("isbn_13", []))) == 10),
        ("a remark", lambda r: "(pbk.)" in "".join(r.get("isbn_10", []))),
        ("an empty ISBN", lambda r: "" in r.get("isbn_10", [])),
        ("an empty date", lambda r: r["publish_date"] == ""),
        ("no date in words", lambda r: r["publish_date"] == "n.d."),
        ("a date in brackets", lambda r: r["publish_date"].startswith("[")),
        ("a date with its day", lambda r: "," in r["publish_date"]),
        ("no pages as 0", lambda r: r.get("number_of_pages") == 0),
        ("no cover as -1", lambda r: r.get("covers") == [-1]),
        ("no cover as null", lambda r: r.get("covers") == [None]),
        ("an empty subject", lambda r: "" in r.get("subjects", [])),
        ("a text as it is", lambda r: isinstance(r.get("description"), str)),
        ("a text in an object", lambda r: isinstance(r.get("description"), dict)),
        ("empty identifiers", lambda r: r.get("identifiers") == {}),
        ("no latest_revision", lambda r: "latest_revision" not in r),
    ],
)
def test_the_mess_occurs_and_is_no_rule(editions: list[dict[str, Any]], what: str, occurs: Any) -> None:
    count = sum(bool(occurs(record)) for record in editions)
    assert 0 < count < len(editions), what


def test_roles_are_strings_or_objects_and_authors_sometimes_missing(records: Records) -> None:
    works = [records.get(keys.write("works", keys.LIVE + number)) or {} for number in range(500)]
    types = {type(author["type"]) for work in works for author in work.get("authors", [])}
    assert types == {str, dict}
    assert any("authors" not in work for work in works)


def test_the_agent_of_these_tests_is_polite() -> None:
    assert "@" in AGENT["User-Agent"]
