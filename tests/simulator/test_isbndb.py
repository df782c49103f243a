"""ISBNdb as providers.md 1 documents it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
import pytest

from alexandria.sample.catalogue import sample_isbns
from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, Edition, numbers
from alexandria.simulator.isbndb.book import render_book
from tests.simulator.conftest import Find

KEY = {"Authorization": "simulated-key"}
MISSING = 9_780_000_000_002


class Asker:
    """Asks ISBNdb with a key."""

    def __init__(self, http: httpx2.Client, url: str) -> None:
        self.http, self.url = http, url

    def get(self, path: str, **query: Any) -> httpx2.Response:
        return self.http.get(self.url + path, params=query, headers=KEY)

    def books(self, *isbns: object) -> httpx2.Response:
        return self.http.post(self.url + "/books", json={"isbns": [str(isbn) for isbn in isbns]}, headers=KEY)


@pytest.fixture
def isbndb(simulator: Simulator, http: httpx2.Client) -> Asker:
    return Asker(http, simulator.urls["isbndb"])


def units(simulator: Simulator) -> int:
    found: int = simulator.state()["isbndb"]["units"]
    return found


def items(data: Any) -> list[Any]:
    """A list, or an object with numeric keys in its place."""
    return list(data.values()) if isinstance(data, dict) else data


def is_about(book: Mapping[str, Any], edition: Edition) -> bool:
    return str(edition.isbn) in (book.get("isbn13"), book.get("isbn")) or edition.isbn10 == book.get("isbn10")


# --- keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "text"),
    [
        ({}, "", "Full authentication is required to access this resource."),
        ({"Authorization": "Bearer simulated-key"}, "", "Bad credentials."),
        ({"Authorization": "bad-key"}, "", "Bad credentials."),
        ({"Authorization": "inactive-key"}, "", "Api key is not active"),
        (KEY, "?key=simulated-key", "Full authentication is required to access this resource."),
    ],
)
def test_a_wrong_key_is_refused_and_noted(
    simulator: Simulator, http: httpx2.Client, headers: dict[str, str], query: str, text: str
) -> None:
    answer = http.get(f"{simulator.urls['isbndb']}/book/{sample_isbns().hit}{query}", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"message": text, "errorMessage": text}
    assert [each["kind"] for each in simulator.violations()["isbndb"]] == ["auth"]
    assert units(simulator) == 0


def test_the_key_route_tells_the_plan_and_costs_nothing(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"plan": "premium", "spent": 100})
    isbndb.get(f"/book/{sample_isbns().hit}")
    found = isbndb.get("/key").json()
    assert found["plan_name"] == "premium"
    assert found["plan_limit"] == {
        "total": 15_000, "spent": 101, "left": 14_899, "key_spent": 101, "limited_by": "subject"
    }  # fmt: skip
    assert isbndb.get("/key").json()["plan_limit"]["spent"] == 101


# --- one book and batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["thirteen", "ten"])
def test_a_book_by_isbn(isbndb: Asker, find: Find, form: str) -> None:
    edition = find("isbndb")
    book = isbndb.get(f"/book/{edition.isbn if form == 'thirteen' else edition.isbn10}").json()["book"]
    assert book["title"] == edition.title
    assert is_about(book, edition)


def test_unknown_and_impossible_isbns_are_404_and_cost_a_unit(isbndb: Asker, find: Find, simulator: Simulator) -> None:
    for isbn in (find("isbndb", known=False).isbn, "9780000000001"):
        answer = isbndb.get(f"/book/{isbn}")
        assert (answer.status_code, answer.json()["message"]) == (404, "Book not found")
    assert units(simulator) == 2


def test_a_batch_charges_each_distinct_valid_isbn(isbndb: Asker, catalogue: Catalogue, simulator: Simulator) -> None:
    asked = [catalogue.edition(number) for number in range(60)]
    texts = [str(edition.isbn) for edition in asked] + [str(asked[0].isbn10), "9780000000001", "nonsense"]
    found = isbndb.books(*texts).json()
    known = [edition for edition in asked if catalogue.knows("isbndb", edition.number)]
    data = items(found["data"])
    assert found["requested"] == units(simulator) == 60
    assert 0 < found["total"] == len(data) == len(known) < 60
    assert all(any(is_about(book, edition) for book in data) for edition in known)
    titles = [book["title"] for book in data]
    assert titles != [edition.title for edition in known]
    assert sorted(titles) == sorted(edition.title for edition in known)


def test_a_batch_may_be_a_form(isbndb: Asker, catalogue: Catalogue) -> None:
    texts = [str(catalogue.edition(number).isbn) for number in range(8)]
    answer = isbndb.http.post(f"{isbndb.url}/books", data={"isbns": ",".join(texts)}, headers=KEY)
    assert answer.json() == isbndb.books(*texts).json()


@pytest.mark.parametrize("body", ["", "[]", '{"isbns": "9780743273565"}', '{"isbns": []}', "{"])
def test_a_batch_of_another_shape_is_400(isbndb: Asker, simulator: Simulator, body: str) -> None:
    answer = isbndb.http.post(f"{isbndb.url}/books", content=body, headers=KEY)
    assert answer.status_code == 400
    assert answer.json()["message"] == answer.json()["errorMessage"]
    assert units(simulator) == 0


def test_a_batch_larger_than_the_plan_allows_is_400(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"plan": "basic", "rate": None})
    isbns = [numbers.isbn_of(number) for number in range(101)]
    assert isbndb.books(*isbns).status_code == 400
    assert isbndb.books(*isbns[:100]).json()["requested"] == 100


def test_an_answer_too_large_is_500(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"answer_bytes": 20_000})
    isbns = [numbers.isbn_of(number) for number in range(60)]
    assert isbndb.books(*isbns).status_code == 500
    assert isbndb.books(*isbns[:5]).status_code == 200


def test_a_batch_is_sometimes_an_object(isbndb: Asker, catalogue: Catalogue) -> None:
    number = next(each for each in range(7, 10_000, 32) if catalogue.knows("isbndb", each))
    data = isbndb.books(numbers.isbn_of(number)).json()["data"]
    assert list(data) == ["0"]


# --- pages and searches ---------------------------------------------------------------------------------------


def test_the_pages_of_an_author(isbndb: Asker, catalogue: Catalogue, simulator: Simulator) -> None:
    name = catalogue.edition(0).authors[0]
    pages = [isbndb.get(f"/author/{quote(name)}", page=page, pageSize=100).json() for page in (1, 2, 3, 4, 5)]
    known = [number for number in catalogue.by_author(name) if catalogue.knows("isbndb", number)]
    sizes = [len(page["books"]) for page in pages]
    assert sizes == [100, 100, 100, len(known) - 300, 0]
    assert {page["total"] for page in pages} == {len(known)}
    assert [page["page"] for page in pages] == [1, 2, 3, 4, 5]
    assert {page["page_size"] for page in pages} == {100}
    assert units(simulator) == 5
    assert isbndb.get(f"/author/{quote(name)}").json()["page_size"] == 20


def test_an_unknown_author_is_404(isbndb: Asker) -> None:
    assert isbndb.get("/author/Nobody%20Nowhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/author/x", {"pageSize": 101}),
        ("/books/x", {"pageSize": 100, "page": 101}),
        ("/books/x", {"pageSize": "many"}),
        ("/books/x", {"page": 0}),
        ("/books/x", {"page": "٣"}),
        ("/books/" + "x" * 151, {}),
        ("/search/books", {"text": "x" * 151}),
        ("/books/x", {"column": "isbn"}),
        ("/books/x", {"year": "2020", "publishedFrom": "2020"}),
        ("/books/x", {"publishedTo": "May 2020"}),
    ],
)
def test_what_breaks_a_rule_is_400_and_costs_nothing(
    isbndb: Asker, simulator: Simulator, path: str, query: dict[str, Any]
) -> None:
    answer = isbndb.get(path, **query)
    assert answer.status_code == 400
    assert answer.json()["message"] == answer.json()["errorMessage"] != ""
    assert units(simulator) == 0


def test_the_last_page_that_can_be_reached(http: httpx2.Client) -> None:
    with Simulator(editions=9_000_000, limited=False) as many:
        isbndb = Asker(http, many.urls["isbndb"])
        answer = isbndb.get("/books/2026-01", column="date_published", pageSize=100, page=100).json()
        assert answer["total"] == 10_000
        assert len(answer["books"]) == 100


def test_books_by_title_author_and_month(isbndb: Asker, find: Find) -> None:
    edition = find("isbndb", lambda each: "authors" in render_book(Catalogue(), each))
    path = f"/books/{quote(edition.title)}"
    strict = isbndb.get(path, column="title", shouldMatchAll=1, pageSize=100).json()["books"]
    generous = isbndb.get(path, column="title", pageSize=100).json()["books"]
    assert any(is_about(book, edition) for book in strict)
    assert {book["title"] for book in strict} == {edition.title}
    assert len(generous) == len(strict) + 2  # and books of others, for the caller to refuse
    author = isbndb.get(f"/books/{quote(edition.authors[0])}", column="author", pageSize=100).json()
    assert any(is_about(book, edition) for book in author["books"])
    month = f"{edition.year}-{edition.month:02}"
    listed = isbndb.get(f"/books/{month}", column="date_published", pageSize=100).json()
    assert 400 < listed["total"] < 500


def test_filters_of_a_search(isbndb: Asker, catalogue: Catalogue) -> None:
    name = quote(catalogue.edition(0).authors[0])
    everything = isbndb.get(f"/books/{name}", column="author").json()["total"]
    early = isbndb.get(f"/books/{name}", column="author", publishedTo="2000-06").json()["total"]
    late = isbndb.get(f"/books/{name}", column="author", publishedFrom="2000-07").json()["total"]
    assert 0 < early < everything
    assert early + late == everything
    assert isbndb.get(f"/books/{name}", column="author", year="2000").json()["total"] <= early + late
    language = catalogue.edition(0).language
    code = {"ger": "deu", "fre": "fra", "chi": "zho", "gre": "ell", "cze": "ces"}.get(language, language)
    assert isbndb.get(f"/author/{name}", language=code).json()["total"] == everything
    assert isbndb.get(f"/author/{name}", language=code[:2]).status_code == 404


def test_search_books_ands_its_parameters(isbndb: Asker, find: Find) -> None:
    edition = find("isbndb")
    found = isbndb.get("/search/books", isbn13=edition.isbn, author=edition.authors[0]).json()
    assert [is_about(book, edition) for book in found["data"]] == [True]
    assert isbndb.get("/search/books", isbn13=edition.isbn, author="Nobody Nowhere").json() == {"total": 0, "data": []}


def test_names_of_authors_publishers_and_subjects(isbndb: Asker, find: Find) -> None:
    edition = find("isbndb")
    assert isbndb.get(f"/authors/{quote(edition.authors[0])}").json()["authors"] == [edition.authors[0]]
    assert edition.publisher in isbndb.get(f"/publishers/{quote(edition.publisher)}").json()["publishers"]
    assert edition.subjects[0] in isbndb.get(f"/subjects/{quote(edition.subjects[0])}").json()["subjects"]
    assert isbndb.get("/search/authors", text=edition.authors[0]).json()["data"] == [edition.authors[0]]
    assert isbndb.get(f"/publisher/{quote(edition.publisher)}", pageSize=100).json()["books"]
    assert isbndb.get(f"/subject/{quote(edition.subjects[0])}").json()["books"]
    assert isbndb.get("/stats").json()["books"] == 2_000_000_000


def test_the_feed_needs_a_plan_and_has_a_cursor(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"plan": "basic", "rate": None})
    assert isbndb.get("/feeds/books/updates").status_code == 403
    simulator.limits(isbndb={"plan": "pro", "rate": None})
    first = isbndb.get("/feeds/books/updates", pageSize=300).json()
    last = isbndb.get("/feeds/books/updates", pageSize=300, cursor=first["next"]).json()
    assert (len(first["data"]), len(last["data"])) == (300, 200)
    assert "next" not in last
    assert units(simulator) == 0
    assert isbndb.get("/feeds/books/updates", lastUpdated="2001-01-01").status_code == 400


# --- limits ---------------------------------------------------------------------------------------------------


def test_the_day_and_the_second_are_told_apart_by_text_and_headers(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"rate": 100, "daily": 2})
    path = f"/book/{sample_isbns().hit}"
    first = isbndb.get(path)
    assert first.headers["ratelimit-policy"] == '"rate";q=6000;w=60, "daily";q=2;w=86400'
    assert first.headers["ratelimit"].startswith('"rate";r=')
    isbndb.get(path)
    refused = isbndb.get(path)
    assert refused.status_code == 429
    assert refused.json()["message"] == "Daily quota exceeded, please try again later"
    assert refused.headers["ratelimit"].startswith('"daily";r=0;t=')
    simulator.limits(isbndb={"rate": 0.001, "daily": None, "headers": False})
    refused = isbndb.get(path)
    assert refused.json()["message"] == "Per minute quota exceeded, please try again later"
    assert "ratelimit" not in refused.headers


def test_a_batch_that_does_not_fit_the_day_is_refused_whole(isbndb: Asker, simulator: Simulator) -> None:
    simulator.limits(isbndb={"daily": 10})
    assert isbndb.books(*map(numbers.isbn_of, range(11))).status_code == 429
    assert isbndb.books(*map(numbers.isbn_of, range(10))).status_code == 200


# --- the mess -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def books(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Two thousand books as they arrive."""
    rendered = [render_book(catalogue, catalogue.edition(number)) for number in range(2_000)]
    return msgspec.json.decode(msgspec.json.encode(rendered), type=list[dict[str, Any]])


@pytest.mark.parametrize(
    ("what", "occurs"),
    [
        ("only an ISBN-10", lambda b: "isbn13" not in b and len(b["isbn"]) == 10),
        ("the ambiguous isbn is short", lambda b: len(b["isbn"]) == 10 and "isbn13" in b),
        ("the ambiguous isbn is long", lambda b: len(b["isbn"]) == 13),
        ("no authors", lambda b: "authors" not in b),
        ("null among the authors", lambda b: None in b.get("authors", [])),
        ("last name first", lambda b: any(", " in (name or "") for name in b.get("authors", []))),
        ("a name broken at its comma", lambda b: any(name and " " not in name for name in b.get("authors", []))),
        ("a marker in a name", lambda b: any("~autofilled~" in (name or "") for name in b.get("authors", []))),
        ("a bare year as a number", lambda b: isinstance(b.get("date_published"), int)),
        ("a year", lambda b: len(str(b.get("date_published"))) == 4),
        ("year and month", lambda b: len(str(b.get("date_published"))) == 7),
        ("a lower-case timestamp", lambda b: str(b.get("date_published")).endswith("t00:00:00z")),
        ("the month in words", lambda b: " " in str(b.get("date_published", ""))),
        ("no date", lambda b: "date_published" not in b),
        ("pages as an empty list", lambda b: b.get("pages") == []),
        ("no pages", lambda b: "pages" not in b),
        ("HTML in the synopsis", lambda b: "<b>" in b.get("synopsis", "")),
        ("the old key synopsys", lambda b: "synopsys" in b),
        ("a list as an object", lambda b: isinstance(b.get("subjects"), dict)),
        ("no price as 0.00", lambda b: b.get("msrp") == "0.00"),
        ("a price as a number", lambda b: isinstance(b.get("msrp"), float)),
        ("Dewey as a list", lambda b: isinstance(b.get("dewey_decimal"), list)),
        ("an upper-case scheme", lambda b: b["image"].startswith("Https://")),
        ("a language of three letters", lambda b: len(b.get("language", "")) == 3),
        ("a language in words", lambda b: b.get("language") == "English"),
        ("another word for the binding", lambda b: b.get("binding") == "Taschenbuch"),
        ("other editions", lambda b: len(b.get("other_isbns", [])) == 2),
    ],
)  # fmt: skip
def test_the_mess_occurs_and_is_no_rule(books: list[dict[str, Any]], what: str, occurs: Any) -> None:
    count = sum(bool(occurs(book)) for book in books)
    assert 0 < count < len(books), what


def test_books_are_about_as_large_as_real_ones(books: list[dict[str, Any]]) -> None:
    sizes = [len(msgspec.json.encode(book)) for book in books]
    assert 700 < sum(sizes) / len(sizes) < 6_000
