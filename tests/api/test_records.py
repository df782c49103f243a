"""Editions, works and authors by key, through merges; lists by cursor."""

import httpx2
import msgspec
import pytest

from alexandria.api.models import Author, Edition, EditionPage, Work, WorkPage


@pytest.mark.parametrize(
    "key",
    ["OL45804W", "ol45804w", "OL00045804W", "OL1W", "OL2W", "OL3W", "%2Fworks%2FOL1W", "/works/OL1W", "works/OL1W"],
)
def test_a_work_through_any_number_of_merges(service: httpx2.Client, key: str) -> None:
    answer = service.get(f"/api/works/{key}")
    work = msgspec.json.decode(answer.content, type=Work, strict=True)
    assert (work.key, work.title, work.first_publication_year) == ("OL45804W", "Fantastic Mr Fox", 1970)
    assert [(author.key, author.name) for author in work.authors] == [("OL34184A", "Roald Dahl")]


@pytest.mark.parametrize("key", ["OL34184A", "OL99A"])
def test_an_author(service: httpx2.Client, key: str) -> None:
    author = msgspec.json.decode(service.get(f"/api/authors/{key}").content, type=Author, strict=True)
    assert (author.key, author.name, author.birth_year, author.death_year) == ("OL34184A", "Roald Dahl", 1916, 1990)
    assert author.identifiers == {"viaf": ["108159131"]}


def test_an_edition(service: httpx2.Client) -> None:
    for key in ("OL1M", "OL30M"):
        edition = msgspec.json.decode(service.get(f"/api/editions/{key}").content, type=Edition, strict=True)
        assert (edition.key, edition.isbn13, edition.isbn10) == ("OL1M", "9780140328721", "0140328726")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/works/OL80W", 410),  # deleted
        ("/api/works/OL80W/editions", 410),
        ("/api/works/OL70W", 410),  # merged in a circle: there is nothing left to show
        ("/api/editions/OL31M", 410),
        ("/api/works/OL123456W", 404),
        ("/api/works/AXE9999W", 404),
        ("/api/works/AX1W", 404),
        ("/api/authors/OL123456A/works", 404),
        ("/api/editions/OL123456M", 404),
        ("/api/works/OL1A", 400),
        ("/api/works/rubbish", 400),
        ("/api/authors/%00", 400),
        ("/api/authors/OL34184A/works?limit=0", 400),
        ("/api/authors/OL34184A/works?limit=101", 400),
        ("/api/authors/OL34184A/works?limit=x", 400),
        ("/api/authors/OL34184A/works?cursor=x", 400),
        ("/api/authors/OL34184A/works?cursor=%F0%9F%98%80", 400),
        ("/api/works/OL45804W/editions?cursor=WzEsMTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0", 400),
        ("/nowhere", 404),
    ],
)
def test_every_no_is_a_problem_document(service: httpx2.Client, path: str, status: int) -> None:
    answer = service.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["error"]
    assert document["detail"]
    if status == 400:
        assert document["errors"][0]["field"] in ("key", "limit", "cursor")


def test_the_editions_of_a_work_page_by_page(service: httpx2.Client) -> None:
    keys: list[str] = []
    cursor = None
    for _ in range(9):
        answer = service.get("/api/works/OL1W/editions", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        page = msgspec.json.decode(answer.content, type=EditionPage, strict=True)
        keys += [edition.key for edition in page.results if edition.key]
        cursor = page.next
        if cursor is None:
            break
    assert keys == ["OL1M", "OL11M", "OL12M", "OL13M", "OL10M", "OL21M"]  # most complete first, each once


def test_the_works_of_an_author(service: httpx2.Client) -> None:
    page = msgspec.json.decode(service.get("/api/authors/OL99A/works").content, type=WorkPage, strict=True)
    assert [work.key for work in page.results] == ["OL45804W", "AXE20W"]
    first = service.get("/api/authors/OL99A/works?limit=1").json()
    assert service.get("/api/authors/%2Fauthors%2FOL99A/works?limit=1").json() == first
    second = service.get("/api/authors/OL99A/works", params={"limit": 1, "cursor": first["next"]}).json()
    assert [work["key"] for work in first["results"] + second["results"]] == ["OL45804W", "AXE20W"]
    assert second["next"] is None


def test_records_have_etags(service: httpx2.Client) -> None:
    for path in ("/api/works/OL45804W", "/api/authors/OL34184A", "/api/editions/OL1M", "/api/works/OL45804W/editions"):
        first = service.get(path)
        again = service.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
