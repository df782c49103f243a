"""Writing over HTTP: codes, idempotence, refusals by field, taking back, explaining."""

import asyncio
import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from tests.api.conftest import Start

ISBN = "9780262033848"
KEY = "k" * 32
COUNTER = iter(range(10**6))


@pytest.fixture
def isbn() -> str:
    """An ISBN that no other test writes to."""
    twelve = f"978999{next(COUNTER):06d}"
    return twelve + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(twelve)) % 10)


@pytest.fixture(scope="module")
def writer(start_service: Start, session_database: Callable[[], str]) -> Iterator[httpx2.Client]:
    """A client with a key, on a service without a mirror."""
    service = start_service(session_database(), internal_api_key=KEY)
    with httpx2.Client(base_url=service.base_url, headers={"X-API-Key": KEY}, timeout=60) as client:
        yield client


def test_created_then_updated_then_the_same(writer: httpx2.Client, isbn: str) -> None:
    body = {"isbn": isbn, "title": " A  Title ", "page_count": 5, "language": "eng", "metadata": {"shelf": ["x", 1]}}
    first = writer.post("/api/enrich/edition", json=body)
    assert first.status_code == 201
    created = first.json()
    assert created["created"] is True
    assert (created["isbn13"], created["title"], created["language"]) == (isbn, "A Title", "en")
    assert created["fields_updated"] == ["language", "metadata", "page_count", "title"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["updated_at"])
    same = writer.post("/api/enrich/edition", json=body)
    assert same.status_code == 200
    assert same.json() == {**created, "created": False, "fields_updated": []}
    changed = writer.post("/api/enrich/edition", json={"isbn": isbn, "page_count": 6})
    assert (changed.json()["title"], changed.json()["fields_updated"]) == ("A Title", ["page_count"])
    found = writer.get("/api/isbn", params={"isbn": isbn}).json()["results"][0]
    assert found["page_count"] == 6
    assert found["updated_at"] >= created["updated_at"]


@pytest.mark.parametrize(
    "body",
    [b'{"isbn":"ISBN","title":"Told"}', b'{"isbn":"ISBN","work_key":"AX987654321W"}', b'{"isbn":"ISBN","page_count":0}',
     b'{"isbn":"1"}', b'{"isbn":"ISBN","isbn":"ISBN"}', b"{", b""],
)  # fmt: skip
def test_the_quick_way_answers_as_the_framework_does(writer: httpx2.Client, isbn: str, body: bytes) -> None:
    """The framework gets what names its content type in another way; what is sent in chunks says no length before."""
    told = body.replace(b"ISBN", isbn.encode())
    kinds = ["application/json", "application/json; charset=utf-8", "application/json"]
    contents: list[Any] = [told, told, iter([told[:9], told[9:]])]
    writer.post("/api/enrich/edition", content=told, headers={"Content-Type": kinds[0]})
    answers = [
        writer.post("/api/enrich/edition", content=content, headers={"Content-Type": kind})
        for kind, content in zip(kinds, contents, strict=True)
    ]
    varying = ("date", "x-request-id", "ratelimit", "ratelimit-policy")
    headers = [[(name, value) for name, value in each.headers.items() if name not in varying] for each in answers]
    assert answers[0].status_code == answers[1].status_code == answers[2].status_code
    assert answers[0].content == answers[1].content == answers[2].content
    assert headers[0] == headers[1] == headers[2]


def test_an_isbn_in_any_form(writer: httpx2.Client) -> None:
    assert writer.post("/api/enrich/edition", json={"isbn": "0-262-03384-4", "title": "T"}).status_code == 201
    assert writer.get(f"/api/isbn?isbn={ISBN}").json()["results"][0]["isbn10"] == "0262033844"


def test_works_and_authors(writer: httpx2.Client) -> None:
    work = writer.post(
        "/api/enrich/work",
        json={"work_key": "/works/OL900001W", "title": "W", "subject_tags": ["S"], "first_publication_year": -380,
              "original_language": "grc", "lock": ["title", "subject_tags"]},
    )  # fmt: skip
    assert work.status_code == 201
    assert (work.json()["subjects"], work.json()["completeness"]) == (["S"], 66)
    author = writer.post("/api/enrich/author", json={"author_key": "OL900002A", "name": "N", "gender": "NonBinary"})
    assert author.status_code == 201
    assert writer.get("/api/authors/OL900002A").json()["gender"] == "NonBinary"
    assert writer.get("/api/works/OL900001W").json()["first_publication_year"] == -380


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("edition", {}, "isbn"),
        ("edition", {"isbn": "9780262033849"}, "isbn"),
        ("edition", {"isbn": ISBN, "colour": "red"}, "colour"),
        ("edition", {"isbn": ISBN, "page_count": 0}, "page_count"),
        ("edition", {"isbn": ISBN, "page_count": "12"}, "page_count"),
        ("edition", {"isbn": ISBN, "format": "scroll"}, "format"),
        ("edition", {"isbn": ISBN, "language": "klingonese"}, "language"),
        ("edition", {"isbn": ISBN, "publication_date": "soon"}, "publication_date"),
        ("edition", {"isbn": ISBN, "work_key": "OL1M"}, "work_key"),
        ("edition", {"isbn": ISBN, "cover_url_large": "javascript:alert(1)"}, "cover_url_large"),
        ("edition", {"isbn": ISBN, "cover_url_small": "https://user:pw@host/x"}, "cover_url_small"),
        ("edition", {"isbn": ISBN, "cover_url_small": "https://h/" + "x" * 2048}, "cover_url_small"),
        ("edition", {"isbn": ISBN, "metadata": [1]}, "metadata"),
        ("edition", {"isbn": ISBN, "metadata": {"a": "x" * 65536}}, "metadata"),
        ("edition", {"isbn": ISBN, "metadata": {"a": [[[[[[[[1]]]]]]]]}}, "metadata"),
        ("edition", {"isbn": ISBN, "metadata": {"a": "\0"}}, "metadata"),
        ("edition", {"isbn": ISBN, "primary_provider": "amazon"}, "primary_provider"),
        ("edition", {"isbn": ISBN, "primary_provider": "match", "work_key": "OL1W"}, "primary_provider"),
        ("edition", {"isbn": ISBN, "lock": ["colour"]}, "lock"),
        ("edition", {"isbn": ISBN, "lock": ["title"], "primary_provider": "isbndb"}, "lock"),
        ("work", {"work_key": "OL1W"}, "title"),
        ("work", {"work_key": "OL1W", "title": " \u200b "}, "title"),
        ("work", {"work_key": "OL1A", "title": "T"}, "work_key"),
        ("author", {"author_key": "OL1A", "name": "N", "gender": "?"}, "gender"),
        ("author", {"author_key": "OL1A", "name": "N", "birth_year": 10**30}, "birth_year"),
    ],
)
def test_what_is_refused_names_its_field(writer: httpx2.Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = writer.post(f"/api/enrich/{path}", json=body)
    assert answer.status_code == 400
    assert [error["field"].partition("[")[0] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 1000 + b"]" * 1000, "application/json", 400),
        (b'{"isbn": "9780262033848", "metadata": ' + b'{"a":' * 999 + b"1" + b"}" * 1000, "application/json", 400),
        (b'{"isbn": "9780262033848", "metadata": {"a": NaN}}', "application/json", 400),
        (b'{"isbn": "9780262033848", "metadata": {"a": 1e999}}', "application/json", 400),
        (b'{"isbn": "9780262033848", "title": "\\ud800"}', "application/json", 400),
        (b'{"isbn": "9780262033848", "title": "\xff"}', "application/json", 400),
        (b'{"isbn": "9780262033848", "title": "' + b"x" * (1 << 20) + b'"}', "application/json", 413),
        (b"isbn=9780262033848", "application/x-www-form-urlencoded", 415),
        (b'{"isbn": "9780262033848"}', "text/plain", 415),
        (b'{"isbn": "9780262033848"}', "application/jsonx", 415),
        (b'{"isbn": "9780262033848"}', "application/json-patch+json", 415),
    ],
)  # fmt: skip
def test_bodies_that_are_none(writer: httpx2.Client, content: bytes, kind: str, status: int) -> None:
    answer = writer.post("/api/enrich/edition", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    "text",
    ["'; drop table enriched.editions; --", "%s %(isbn)s", "\\u0000", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 😀", "a\tb", "{}", "\u202eabc"],
)
def test_strange_text_is_stored_as_it_is_but_for_what_nobody_sees(writer: httpx2.Client, isbn: str, text: str) -> None:
    answer = writer.post("/api/enrich/edition", json={"isbn": isbn, "title": text, "metadata": {text: text}})
    assert answer.status_code == 201
    assert answer.json()["title"] == text.replace("\t", " ").replace("\u202e", "")
    told = writer.get(f"/api/explain/edition/{isbn}").json()["fields"]["metadata"]["value"]
    assert told == {text: text}


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ('{"isbn": "9780262033848", "title": "one", "title": "two"}', "title"),
        ('{"isbn": "9780262033848", "isbn": "9780306406157"}', "isbn"),
        ('{"isbn": "9780262033848", "metadata": {"a": [{"b": 1, "b": 2}]}}', "b"),
    ],
)
def test_a_name_given_twice_is_refused(writer: httpx2.Client, content: str, field: str) -> None:
    answer = writer.post("/api/enrich/edition", content=content, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": field, "message": "is given more than once"}]


def test_a_packed_body_is_not_guessed_at(writer: httpx2.Client, isbn: str) -> None:
    body = gzip.compress(b'{"isbn": "%b"}' % isbn.encode())
    answer = writer.post("/api/enrich/edition", content=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["a\nb`", "x" * 5000])
def test_any_unknown_field_is_named(writer: httpx2.Client, isbn: str, name: str) -> None:
    answer = writer.post("/api/enrich/edition", json={"isbn": isbn, name: 1})
    assert answer.json()["errors"] == [{"field": name[:100], "message": "is not a field that is known here"}]


@pytest.mark.parametrize("number", ["9" * 300, "1e23", "-1e300", "1.5", "1.0", "-0.0", "1e-7", "12345678901234567.0"])
def test_numbers_in_metadata_are_the_same_when_sent_again(writer: httpx2.Client, isbn: str, number: str) -> None:
    content = f'{{"isbn": "{isbn}", "metadata": {{"n": [{number}]}}}}'
    assert writer.post("/api/enrich/edition", content=content, headers=JSON).status_code == 201
    again = writer.post("/api/enrich/edition", content=content, headers=JSON)
    assert (again.status_code, again.json()["fields_updated"]) == (200, [])
    told = writer.get(f"/api/explain/edition/{isbn}").json()["fields"]["metadata"]["value"]["n"][0]
    assert float(told) == float(number)


def test_heaps_of_accents_cannot_stop_the_service(writer: httpx2.Client, isbn: str) -> None:
    title = "e" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}" * 100_000
    content = msgspec.json.encode({"isbn": isbn, "title": title})
    answer = writer.post("/api/enrich/edition", content=content, headers=JSON)  # would take minutes
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["title"]


def test_only_we_give_keys_with_ax(writer: httpx2.Client, isbn: str) -> None:
    bodies = [
        ("edition", {"isbn": isbn, "work_key": "AX5W"}, "work_key"),
        ("work", {"work_key": "AX5W", "title": "T"}, "work_key"),
        ("author", {"author_key": "AX5A", "name": "N"}, "author_key"),
    ]
    for path, body, field in bodies:
        answer = writer.post(f"/api/enrich/{path}", json=body)
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_fields_are_named_as_they_are_shown(writer: httpx2.Client) -> None:
    body = {"author_key": "OL900021A", "name": "N", "author_photo_url": "https://example.org/n.jpg"}
    assert writer.post("/api/enrich/author", json=body).json()["fields_updated"] == ["author_photo_url", "name"]
    assert set(writer.get("/api/explain/author/OL900021A").json()["fields"]) == {"author_photo_url", "name"}
    assert writer.delete("/api/enrich/author/OL900021A/answers/user").json() == {
        "fields_updated": ["author_photo_url", "name"]
    }


def test_an_edition_may_be_told_whole(writer: httpx2.Client, isbn: str) -> None:
    body = {"isbn": isbn, "title": "T", "authors": [" A  B ", "", "A B", "C"], "description": "Two\n\nparts."}
    told = writer.post("/api/enrich/edition", json={**body, "subject_tags": ["Foxes"]}).json()
    assert told["authors"] == [{"key": None, "name": "A B"}, {"key": None, "name": "C"}]
    assert (told["description"], told["subjects"]) == ("Two\n\nparts.", ["Foxes"])
    assert told["fields_updated"] == ["authors", "description", "subjects", "title"]
    found = writer.get("/api/isbn", params={"isbn": isbn}).json()["results"][0]
    assert found["authors"] == told["authors"]
    again = writer.post("/api/enrich/edition", json={**body, "authors": [], "lock": ["authors"]}).json()
    assert (again["fields_updated"], again["authors"]) == ([], told["authors"])


def test_an_edition_of_which_only_the_isbn_is_told(writer: httpx2.Client, isbn: str) -> None:
    assert writer.post("/api/enrich/edition", json={"isbn": isbn}).status_code == 201
    assert writer.get(f"/api/isbn?isbn={isbn}").status_code == 200
    assert writer.get(f"/api/explain/edition/{isbn}").json() == {"kind": "edition", "key": isbn, "fields": {}}


def test_a_search_without_what_only_proprietary_sources_say(writer: httpx2.Client, isbn: str) -> None:
    body = {"isbn": isbn, "title": "Zwybbel", "description": "Bought.", "primary_provider": "isbndb"}
    assert writer.post("/api/enrich/edition", json=body).status_code == 201
    assert writer.post("/api/enrich/edition", json={"isbn": isbn, "title": "Zwybbel"}).status_code == 201
    for path in ("/api/search?title=zwybbel", "/api/search/combined?q=zwybbel"):
        (whole,) = writer.get(path).json()["results"]
        (open_part,) = writer.get(f"{path}&proprietary=false").json()["results"]
        assert (whole["edition"]["description"], open_part["edition"]["description"]) == ("Bought.", None)
        assert open_part["edition"]["title"] == "Zwybbel"
        marc = {"Accept": "application/vnd.citationstyles.csl+json"}
        assert "Bought." in writer.get(path, headers=marc).text
        assert "Bought." not in writer.get(f"{path}&proprietary=false", headers=marc).text


def test_taking_back_and_unlocking(writer: httpx2.Client, isbn: str) -> None:
    url = f"/api/enrich/edition/{isbn}"
    writer.post("/api/enrich/edition", json={"isbn": isbn, "title": "Mine", "lock": ["title"]})
    writer.post("/api/enrich/edition", json={"isbn": isbn, "title": "ISBNdb's", "primary_provider": "isbndb"})
    assert writer.get(f"/api/explain/edition/{isbn}").json()["fields"]["title"]["rule"] == "locked"
    assert writer.delete(f"{url}/locks/title").json() == {"fields_updated": []}
    assert writer.delete(f"{url}/locks/title").status_code == 404
    assert writer.delete(f"{url}/answers/user").json() == {"fields_updated": ["title"]}
    assert writer.get(f"/api/isbn?isbn={isbn}").json()["results"][0]["title"] == "ISBNdb's"
    assert writer.delete(f"{url}/answers/user").status_code == 404
    assert writer.delete(f"{url}/answers/isbndb").status_code == 200
    assert writer.get(f"/api/isbn?isbn={isbn}").status_code == 404
    assert writer.get(f"/api/explain/edition/{isbn}").status_code == 404


def test_merging_works_by_hand(writer: httpx2.Client) -> None:
    for number in (900011, 900012):
        writer.post("/api/enrich/work", json={"work_key": f"OL{number}W", "title": str(number)})
    made = writer.post("/api/works/merge", json={"from": "OL900011W", "into": "OL900012W"})
    assert made.status_code == 201
    assert writer.get("/api/works/OL900011W").json()["key"] == "OL900012W"
    assert writer.post("/api/works/merge", json={"from": "OL900011W", "into": "OL900012W"}).status_code == 409
    assert writer.post("/api/works/merge", json={"from": "OL900011W", "into": "OL900011W"}).status_code == 400
    unknown = writer.post("/api/works/merge", json={"from": "OL900011W", "into": "OL987654321W"})
    assert [error["field"] for error in unknown.json()["errors"]] == ["into"]
    url = f"/api/works/merge/{made.json()['id']}"
    assert writer.delete(f"{url}").json()["from"] == "OL900011W"
    assert writer.delete(f"{url}").status_code == 404
    assert writer.get("/api/works/OL900011W").json()["key"] == "OL900011W"


@pytest.mark.anyio
async def test_two_clients_race_a_thousand_writes(writer: httpx2.Client, isbn: str) -> None:
    statuses: list[int] = []
    async with httpx2.AsyncClient(base_url=writer.base_url, headers=dict(writer.headers), timeout=30) as client:

        async def race(provider: str) -> None:
            for n in range(500):
                body = {"isbn": isbn, "title": f"{provider} {n}", "page_count": n + 1, "primary_provider": provider}
                statuses.append((await client.post("/api/enrich/edition", json=body)).status_code)

        await asyncio.gather(race("user"), race("isbndb"))
    assert sorted(statuses) == [200] * 998 + [201] * 2
    edition = writer.get(f"/api/isbn?isbn={isbn}").json()["results"][0]
    assert (edition["title"], edition["page_count"]) == ("user 499", 500)
    fields = writer.get(f"/api/explain/edition/{isbn}").json()["fields"]
    assert [loser["value"] for loser in fields["title"]["losers"]] == ["isbndb 499"]
