"""Search over HTTP: shapes, filters, what is refused, and that nothing that is typed breaks it."""

import httpx2
import msgspec
import pytest

from alexandria.api.recommendations import SimilarAnswer
from alexandria.api.search import SearchAnswer, SuggestAnswer
from alexandria.errors import BadInput
from alexandria.search.filters import read_years

HOSTILE = [
    "\x00", "fox\x00mr", "a", "'", "''", "\\", "\\'", "the", "the of and", "!!!???", "& | ! ( ) :*", "fox & !mr | (",
    "'fox':*A", "fox <-> mr", "%", "%s %(q)s", "_", "*", "\u200f\u202efox", "\u200b", "\ufeff", "ꙮ" * 100,
    "a b c d e f g h i j k l m n o p", "x" * 500, "fox " * 120, "1", "9" * 40, "OL99999999999999W", "978", "😀",
    "é" * 400, "\ud7ff", "ﷺ" * 60, "@roald", "=en", "!goodreads:1", "'; drop table mirror.works; --", "\t\n fox \r",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘", "null", "NaN", "-1", "1e400", "../../etc/passwd",
]  # fmt: skip


def combined(service: httpx2.Client, q: str, **params: str | int) -> SearchAnswer:
    answer = service.get("/api/search/combined", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=SearchAnswer)


@pytest.mark.parametrize("q", ["fantastic mr fox", "mr fox dahl", "Dahl, Roald", "fantastik mr fox", "fantas"])
def test_a_work_with_its_best_edition(service: httpx2.Client, q: str) -> None:
    found = combined(service, q)
    first = found.results[0]
    assert first.work is not None
    assert first.edition is not None
    assert (first.work.key, first.edition.isbn13, first.edition_count) == ("OL45804W", "9780140328721", 6)
    assert first.languages == ["en"]
    assert 25 <= first.agreement <= 100


def test_title_author_and_isbn(service: httpx2.Client) -> None:
    for params in ({"title": "fantastic"}, {"author": "dahl"}, {"isbn": "0140328726"}, {"title": "fox", "author": "d"}):
        answer = service.get("/api/search", params=params)
        found = msgspec.json.decode(answer.content, type=SearchAnswer)
        assert found.results[0].work is not None, params
        assert found.results[0].work.key == "OL45804W"


def test_what_is_not_in_the_mirror_under_a_work_is_found(service: httpx2.Client) -> None:
    first = combined(service, "sans oeuvre").results[0]
    assert first.work is not None
    assert first.work.key == "AXE20W"


def test_a_typo_is_said(service: httpx2.Client) -> None:
    assert [(each.from_, each.to) for each in combined(service, "fantastik fox").corrected] == [
        ("fantastik", "fantastic")
    ]


def test_autocomplete(service: httpx2.Client) -> None:
    for q in ("f", "fan", "fantastic m", "dah", "fantastic mr fox"):
        answer = service.get("/api/autocomplete", params={"q": q})
        found = msgspec.json.decode(answer.content, type=SuggestAnswer)
        assert [(each.key, each.authors) for each in found.results][:1] == [("OL45804W", ["Roald Dahl"])], q


def test_pages_and_levels(service: httpx2.Client) -> None:
    editions = combined(service, "fantastic mr fox", level="edition")
    assert len({each.edition.key for each in editions.results if each.edition}) == 6
    assert combined(service, "fox", limit=1).next is None
    wrong = service.get("/api/search/combined", params={"q": "fox", "cursor": "WzkwMDAsMV0"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "cursor")


def test_an_etag_and_what_it_depends_on(service: httpx2.Client) -> None:
    answer = service.get("/api/search/combined", params={"q": "fox"})
    assert answer.headers["vary"] == "Accept, Accept-Language"
    again = service.get("/api/search/combined", params={"q": "fox"}, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/api/search/combined?q", "/api/autocomplete?q", "/api/search?title", "/api/search?author"]
)
def test_whatever_is_typed(service: httpx2.Client, path: str) -> None:
    path, name = path.split("?")
    for text in HOSTILE:
        answer = service.get(path, params={name: text}, timeout=60)
        assert answer.status_code in (200, 400), (text, answer.text)
        if answer.status_code == 400:
            assert answer.json()["errors"][0]["field"] == name


def test_raw_bytes_in_the_address(service: httpx2.Client) -> None:
    for raw in ("%00", "%ff%fe", "%ed%a0%80", "%", "%zz", "+", "%2b%26"):
        assert service.get(f"/api/search/combined?q={raw}").status_code in (200, 400), raw


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("/api/search", "title"),
        ("/api/search?title=", "title"),
        ("/api/search?title=%20%00", "title"),
        ("/api/search?author=", "author"),
        ("/api/search?isbn=123", "isbn"),
        ("/api/search?isbn=0140328726&title=fox", "isbn"),
        ("/api/search/combined?q=", "q"),
        ("/api/search/combined", "q"),
        (f"/api/search/combined?q={'x' * 10_000}", "q"),
        ("/api/search/combined?q=fox&language=klingonese", "language"),
        ("/api/search/combined?q=fox&year=abc", "year"),
        ("/api/search/combined?q=fox&year=-", "year"),
        ("/api/search/combined?q=fox&format=scroll", "format"),
        ("/api/search/combined?q=fox&limit=0", "limit"),
        ("/api/search/combined?q=fox&limit=101", "limit"),
        ("/api/search/combined?q=fox&level=page", "level"),
        ("/api/search/combined?q=fox&cursor=x", "cursor"),
        ("/api/autocomplete?q=", "q"),
    ],
)
def test_what_is_refused_names_its_field(service: httpx2.Client, query: str, field: str) -> None:
    answer = service.get(query)
    assert answer.status_code == 400, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        (None, (None, None)), ("1999", (1999, 1999)), ("1990-1999", (1990, 1999)), ("1990–1999", (1990, 1999)),
        ("1990-", (1990, None)), ("1990..1995", (1990, 1995)), ("-44", (-44, -44)),
    ],
)  # fmt: skip
def test_years(text: str | None, years: tuple[int | None, int | None]) -> None:
    assert read_years(text) == years


@pytest.mark.parametrize("text", ["", "x", "-", "19999", "1990-19999", "1990 1991"])
def test_no_years(text: str) -> None:
    with pytest.raises(BadInput):
        read_years(text)


def test_similar_works(service: httpx2.Client) -> None:
    answer = service.get("/api/recommendations/similar", params={"work": "OL1W"})
    found = msgspec.json.decode(answer.content, type=SimilarAnswer)
    assert found.work == "OL45804W"
    assert [(each.work.key, each.because) for each in found.results] == [("AXE20W", "same author")]
    for query, status in (
        ("work=OL9W", 404),
        ("work=OL80W", 410),
        ("work=x", 400),
        ("", 400),
        ("work=OL1W&limit=0", 400),
    ):
        assert service.get(f"/api/recommendations/similar?{query}").status_code == status, query
