"""Google Books as providers.md 2 documents it."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, Edition
from alexandria.simulator.google_books.query import find_editions, parse_terms
from alexandria.simulator.google_books.volume import edition_of_volume, render_volume, volume_id
from tests.simulator.conftest import Find

Ask = Callable[..., httpx2.Response]


@pytest.fixture
def ask(simulator: Simulator, http: httpx2.Client) -> Ask:
    """A function that asks for a list, with a key."""

    def get(q: str, **query: Any) -> httpx2.Response:
        params = {"q": q, "key": "simulated", **query}
        return http.get(simulator.urls["google_books"] + "/volumes", params=params)

    return get


def identifiers(volume: dict[str, Any]) -> list[str]:
    return [each["identifier"] for each in volume["volumeInfo"].get("industryIdentifiers", [])]


def test_a_book_by_isbn(ask: Ask) -> None:
    found = ask(f"isbn:{sample_isbns().hit}").json()
    assert found["kind"] == "books#volumes"
    assert found["totalItems"] == 1
    assert "Gatsby" in found["items"][0]["volumeInfo"]["title"]


def test_without_a_hit_items_is_missing_and_rarely_empty(ask: Ask, catalogue: Catalogue) -> None:
    answers = [ask("x" * length).json() for length in range(1, 40)]
    assert {answer["totalItems"] for answer in answers} == {0}
    assert sum("items" not in answer for answer in answers) > 30
    assert any(answer.get("items") == [] for answer in answers)


def test_an_isbn_may_lead_to_another_book(ask: Ask, find: Find, catalogue: Catalogue) -> None:
    def is_wrong(edition: Edition) -> bool:
        found = find_editions(catalogue, f"isbn:{edition.isbn}")
        return bool(found) and edition.number not in found

    for known in (True, False):
        edition = find("google_books", is_wrong, known=known)
        volume = ask(f"isbn:{edition.isbn}").json()["items"][0]
        assert str(edition.isbn) not in identifiers(volume)
        assert edition.isbn10 not in identifiers(volume)
    for number in catalogue.sample.editions:
        assert find_editions(catalogue, f"isbn:{catalogue.edition(number).isbn}") == [number]


def test_title_and_author_together(ask: Ask, find: Find) -> None:
    edition = find("google_books")
    query = f'intitle:"{edition.title}" inauthor:"{edition.authors[0]}"'
    titles = [item["volumeInfo"]["title"] for item in ask(query).json()["items"]]
    assert titles
    assert set(titles) == {edition.title}
    assert "items" not in ask(f'intitle:"{edition.title}" inauthor:"Nobody Nowhere"').json()


def test_terms_of_a_query() -> None:
    assert parse_terms("isbn:123") == {"isbn": "123"}
    assert parse_terms('intitle:the river inauthor:"Ann Lee"') == {"intitle": "the river", "inauthor": "Ann Lee"}
    assert parse_terms('some words "and more"') == {"": "some words and more"}
    assert parse_terms("re:birth of a title") == {"": "re:birth of a title"}


def test_pages_and_their_estimates(ask: Ask, catalogue: Catalogue) -> None:
    query = f'inauthor:"{catalogue.edition(0).authors[0]}"'
    pages = [ask(query, startIndex=start, maxResults=40).json() for start in range(0, 400, 40)]
    ids = [item["id"] for page in pages for item in page.get("items", [])]
    assert len(ids) == len(set(ids)) > 250
    assert len({page["totalItems"] for page in pages}) > 1
    assert "items" not in pages[-1]
    assert len(ask(query).json()["items"]) == 10


def test_the_newest_first_and_a_language_as_a_hint(ask: Ask, catalogue: Catalogue) -> None:
    query = f'inauthor:"{catalogue.edition(0).authors[0]}"'
    newest = ask(query, orderBy="newest", maxResults=40).json()["items"]
    years = [item["volumeInfo"]["publishedDate"][:2] for item in newest if "publishedDate" in item["volumeInfo"]]
    assert years == sorted(years, reverse=True)
    assert ask(query, langRestrict="xx").json()["items"]  # no strict filter


def test_a_part_of_an_answer(ask: Ask) -> None:
    query = f"isbn:{sample_isbns().hit}"
    found = ask(query, fields="totalItems,items(id,volumeInfo/title)").json()
    assert set(found) == {"totalItems", "items"}
    assert set(found["items"][0]) == {"id", "volumeInfo"}
    assert set(found["items"][0]["volumeInfo"]) == {"title"}
    for broken in ("items(", "items)", "a,,b", "items(id", "/a"):
        assert ask(query, fields=broken).status_code == 400
    lite = ask(query, projection="lite").json()["items"][0]
    assert "industryIdentifiers" not in lite["volumeInfo"]
    assert "saleInfo" not in lite


def test_a_volume_alone_is_richer(ask: Ask, simulator: Simulator, http: httpx2.Client) -> None:
    listed = ask(f"isbn:{sample_isbns().hit}").json()["items"][0]
    alone = http.get(listed["selfLink"], params={"key": "simulated"}).json()
    assert alone["id"] == listed["id"]
    assert alone["volumeInfo"]["categories"] != listed["volumeInfo"]["categories"]
    swapped = http.get(f"{simulator.urls['google_books']}/volumes/{listed['id'].swapcase()}", params={"key": "k"})
    assert swapped.status_code == 404
    assert swapped.json()["error"]["errors"][0]["reason"] == "notFound"


def test_ids_lead_back() -> None:
    ids = [volume_id(number, 1) for number in range(0, 2_000_000_000, 1_234_567)]
    assert {len(text) for text in ids} == {12}
    assert [edition_of_volume(text, 1) for text in ids] == list(range(0, 2_000_000_000, 1_234_567))
    assert edition_of_volume("ünïcodé", 1) is edition_of_volume("", 1) is edition_of_volume("AAAAAAAAAAAA", 1) is None


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"q": ""}, "queryRequired"),
        ({"q": "a", "maxResults": 41}, "badRequest"),
        ({"q": "a", "startIndex": -1}, "badRequest"),
    ],
)
def test_bad_queries(ask: Ask, query: dict[str, Any], reason: str) -> None:
    answer = ask(**query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400
    assert answer.json()["error"]["errors"][0]["reason"] == reason


def test_keys(simulator: Simulator, http: httpx2.Client) -> None:
    url = simulator.urls["google_books"] + "/volumes"
    without, wrong = http.get(url, params={"q": "a"}), http.get(url, params={"q": "a", "key": "bad"})
    assert http.get(url, params={"q": "a"}, headers={"X-Goog-Api-Key": "k"}).status_code == 200
    assert (without.status_code, wrong.status_code) == (429, 400)
    assert without.json()["error"]["details"][0]["metadata"]["quota_limit"] == "defaultPerDayPerProject"
    assert wrong.json()["error"]["errors"][0]["reason"] == "keyInvalid"
    assert len(simulator.violations()["google_books"]) == 2


def test_quotas(ask: Ask, simulator: Simulator) -> None:
    simulator.limits(google_books={"daily": 1})
    assert ask("a").status_code == 200
    day = ask("a")
    assert (day.status_code, day.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert day.json()["error"]["details"][0]["metadata"]["quota_limit"] == "defaultPerDayPerProject"
    simulator.limits(google_books={"daily": None, "rate": 0.001})
    pace = ask("a").json()["error"]["details"][0]["metadata"]["quota_limit"]
    assert pace == "defaultPerMinutePerProject"


@pytest.fixture(scope="session")
def listed(catalogue: Catalogue) -> list[dict[str, Any]]:
    """What fifteen hundred volumes are, in lists."""
    editions = (catalogue.edition(number) for number in range(1_500))
    return [render_volume(catalogue, edition, "", alone=False)["volumeInfo"] for edition in editions]


@pytest.mark.parametrize(
    ("what", "occurs"),
    [
        ("no identifiers", lambda i: "industryIdentifiers" not in i),
        ("only another identifier", lambda i: [e["type"] for e in i.get("industryIdentifiers", [])] == ["OTHER"]),
        ("only ISBN-10", lambda i: [e["type"] for e in i.get("industryIdentifiers", [])] == ["ISBN_10"]),
        ("only ISBN-13", lambda i: [e["type"] for e in i.get("industryIdentifiers", [])] == ["ISBN_13"]),
        ("no authors", lambda i: "authors" not in i),
        ("an upper-case surname", lambda i: any(n.split()[-1].isupper() for n in i.get("authors", []))),
        ("a quoted publisher", lambda i: i.get("publisher", "").startswith('"')),
        ("a decade", lambda i: i.get("publishedDate", "").endswith("??")),
        ("an open date", lambda i: i.get("publishedDate", "").endswith("-")),
        ("a starred date", lambda i: i.get("publishedDate", "").endswith("*")),
        ("no date", lambda i: "publishedDate" not in i),
        ("no pages as 0", lambda i: i.get("pageCount") == 0),
        ("no pages", lambda i: "pageCount" not in i),
        ("no description", lambda i: "description" not in i),
        ("an undetermined language", lambda i: i["language"] == "un"),
        ("a language with a country", lambda i: "-" in i["language"]),
        ("no pictures", lambda i: "imageLinks" not in i),
        ("curled pictures", lambda i: "edge=curl" in i.get("imageLinks", {}).get("thumbnail", "")),
    ],
)
def test_the_mess_occurs_and_is_no_rule(listed: list[dict[str, Any]], what: str, occurs: Any) -> None:
    assert 0 < sum(bool(occurs(each)) for each in listed) < len(listed), what


def test_descriptions_are_plain_in_lists_and_html_alone(catalogue: Catalogue, find: Find) -> None:
    edition = find("google_books", lambda e: "description" in render_volume(catalogue, e, "", alone=True)["volumeInfo"])
    for alone in (True, False):
        info = render_volume(catalogue, edition, "", alone=alone)["volumeInfo"]
        assert info["description"].startswith("<p>") is alone
        assert ("large" in info.get("imageLinks", {"large": ""})) is alone or "imageLinks" not in info
