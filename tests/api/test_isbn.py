"""GET /api/isbn and POST /api/isbn/batch: every written form, every reason for a no."""

import json
from pathlib import Path

import httpx2
import msgspec
import pytest
from stdnum import isbn as stdnum_isbn

from alexandria.api.models import BatchAnswer, IsbnAnswer

FOX = {
    "isbn13": "9780140328721",
    "isbn10": "0140328726",
    "key": "OL1M",
    "title": "Edition 1",
    "subtitle": None,
    "authors": [{"key": "OL34184A", "name": "Roald Dahl"}],
    "work": {
        "key": "OL45804W",
        "title": "Fantastic Mr Fox",
        "description": "A fox.",
        "subjects": ["Foxes"],
        "first_publication_year": 1970,
    },
    "publisher": "Puffin",
    "publishers": ["Puffin", "Penguin"],
    "publication_date": "October 1, 1988",
    "page_count": 96,
    "format": "paperback",
    "language": "en",
    "description": "The main character of Fantastic Mr. Fox is an extremely clever anthropomorphised fox.",
    "subjects": ["Animals"],
    "identifiers": {"goodreads": ["1507552"]},
    "cover_url_large": None,
    "cover_url_medium": None,
    "cover_url_small": None,
    "contributors": [{"name": "Quentin Blake", "role": None}],
    "series": ["Puffin books"],
    "completeness": 100,
    "updated_at": "2020-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    "text",
    ["9780140328721", "0140328726", "978-0-14-032872-1", "0-14-032872-6", " 978 0140328721 ", "ISBN-10: 0140328726",
     "９７８０１４０３２８７２１"],
)  # fmt: skip
def test_an_edition_in_every_written_form(service: httpx2.Client, text: str) -> None:
    answer = service.get("/api/isbn", params={"isbn": text})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"query": text, "results": [FOX]}
    assert list(answer.json()["results"][0]) == list(FOX)  # in the order that the design states


@pytest.mark.parametrize(
    ("isbn", "key"),
    [
        ("9780306406157", "OL12M"),  # carried by four editions
        ("9780804429573", "OL21M"),  # its work was merged, three hops
        ("9780345242235", "OL1M"),  # the edition itself was merged
        ("9791034907625", "OL20M"),  # without a work
    ],
)
def test_which_edition_answers(service: httpx2.Client, isbn: str, key: str) -> None:
    answer = service.get("/api/isbn", params={"isbn": isbn})
    edition = msgspec.json.decode(answer.content, type=IsbnAnswer, strict=True).results[0]
    assert edition.key == key
    assert edition.isbn13 == isbn
    assert [author.name for author in edition.authors] == ["Roald Dahl"]
    assert edition.work is not None
    assert edition.work.key == ("AXE20W" if key == "OL20M" else "OL45804W")
    assert edition.isbn10 is None or not isbn.startswith("979")


def test_an_edition_without_a_work_has_one_of_ours(service: httpx2.Client) -> None:
    edition = service.get("/api/isbn", params={"isbn": "9791034907625"}).json()["results"][0]
    assert edition["work"]["title"] == "Sans œuvre"
    assert service.get("/api/works/AXE20W").json()["title"] == "Sans œuvre"


def test_an_unknown_and_a_deleted_one(service: httpx2.Client) -> None:
    unknown = service.get("/api/isbn", params={"isbn": "9780441787548"})
    assert (unknown.status_code, unknown.json()["error"]) == (404, "Not found")
    deleted = service.get("/api/isbn", params={"isbn": "9780261102217"})
    assert (deleted.status_code, deleted.json()["error"]) == (410, "Gone")
    for answer in (unknown, deleted):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "query",
    ["", "isbn=", "isbn=hello", "isbn=9780140328720", "isbn=" + "9" * 1000, "isbn=978014%00328721", "isbn=%F0%9F%98%80",
     "isbn=%FF%FE", "isbn=9780140328721&isbn=0306406152", "isbn=9790001012345", "isbn=0000000000", "isbn=%zz",
     "ISBN=9780140328721", "isbn=978014032872", "isbn=1;drop+table+mirror.editions"],
)  # fmt: skip
def test_bad_input_is_named(service: httpx2.Client, query: str) -> None:
    answer = service.get(f"/api/isbn?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["errors"][0]["field"] == "isbn"
    assert len(document["errors"][0]["message"]) >= 8
    assert document["error"] == "Bad request"


def test_etag_and_not_modified(service: httpx2.Client) -> None:
    url = "/api/isbn?isbn=0140328726"
    first = service.get(url)
    assert "max-age" in first.headers["cache-control"]
    for known in (first.headers["etag"], "W/" + first.headers["etag"], '"x", ' + first.headers["etag"], "*"):
        again = service.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert service.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_a_body(service: httpx2.Client) -> None:
    for url in ("/api/isbn?isbn=0140328726", "/api/works/OL45804W", "/health"):
        answer = service.head(url)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == service.get(url).headers["content-length"]


def test_a_batch_keeps_the_order(service: httpx2.Client) -> None:
    isbns = ["0-14-032872-6", "rubbish", "9780441787548", "9780261102217", "9780140328721", "9780345242235"]
    answer = service.post("/api/isbn/batch", json={"isbns": isbns})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [item["isbn"] for item in results] == isbns
    assert [item["status"] for item in results] == ["found", "invalid", "missing", "deleted", "found", "found"]
    assert results[0]["edition"] == results[4]["edition"] == FOX
    assert "ISBN" in results[1]["message"]
    msgspec.json.decode(answer.content, type=BatchAnswer, strict=True)


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ('{"isbns": []}', "isbns", 400),
        ('{"isbns": ' + str(["0140328726"] * 1001).replace("'", '"') + "}", "isbns", 400),
        ('{"isbns": "0140328726"}', "isbns", 400),
        ('{"isbns": [1]}', "isbns", 400),
        ('{"isbns": [null]}', "isbns", 400),
        ('{"books": []}', "", 400),
        ("[]", "", 400),
        ('{"isbns": [', "body", 400),
        ("", "body", 400),
        ('{"isbns": ["\\ud800"]}', "body", 400),
        ("[" * 5000, "", 400),
        ('{"isbns": ["' + "9" * 1_100_000 + '"]}', "", 413),
    ],
)
def test_a_bad_batch_is_named(service: httpx2.Client, body: str, field: str, status: int) -> None:
    answer = service.post("/api/isbn/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in str(answer.json().get("errors", field))


def test_a_body_that_is_not_json_by_its_own_word(service: httpx2.Client) -> None:
    answer = service.post("/api/isbn/batch", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_every_valid_isbn_of_the_real_dumps_in_all_its_forms(real_service: httpx2.Client, fixtures_dir: Path) -> None:
    found = real_isbns(fixtures_dir)
    assert len(found) > 700
    forms = [form for isbn in found for form in written_forms(isbn)]
    for start in range(0, len(forms), 1000):
        batch = forms[start : start + 1000]
        results = real_service.post("/api/isbn/batch", json={"isbns": batch}).json()["results"]
        assert [item["isbn"] for item in results if item["status"] != "found"] == []
        assert all(stdnum_isbn.to_isbn13(stdnum_isbn.compact(form)) == item["edition"]["isbn13"]
                   for form, item in zip(batch, results, strict=True))  # fmt: skip
    for form in forms[:: len(forms) // 100]:
        assert real_service.get("/api/isbn", params={"isbn": form}).status_code == 200


def real_isbns(fixtures_dir: Path) -> list[str]:
    """Every valid ISBN-13 of edition lines with five columns, by an independent reader."""
    found: dict[str, None] = {}
    for path in sorted((fixtures_dir / "openlibrary" / "dump").glob("ol_dump_*.txt")):
        for line in path.read_text("utf-8").splitlines():
            columns = line.split("\t")
            if len(columns) == 5 and columns[0] == "/type/edition":
                record = json.loads(columns[4])
                for text in record.get("isbn_10", []) + record.get("isbn_13", []):
                    for part in text.split():
                        if stdnum_isbn.is_valid(part):
                            found[stdnum_isbn.to_isbn13(stdnum_isbn.compact(part))] = None
    return list(found)


def written_forms(isbn: str) -> list[str]:
    forms = [isbn, stdnum_isbn.format(isbn)]
    if isbn.startswith("978"):
        ten = stdnum_isbn.to_isbn10(isbn)
        forms += [ten, ten.lower(), stdnum_isbn.format(ten)]
    return forms


def test_a_large_batch_gives_what_each_gives_alone(real_service: httpx2.Client, fixtures_dir: Path) -> None:
    isbns = [str(isbn) for isbn in real_isbns(fixtures_dir)][:700]
    asked = [*isbns[::-1], "9790000000001", *isbns[:200]]
    results = real_service.post("/api/isbn/batch", json={"isbns": asked}).json()["results"]
    assert [item["isbn"] for item in results] == asked
    assert [item["edition"]["isbn13"] for item in results if item["status"] == "found"] == [*isbns[::-1], *isbns[:200]]
    for item in results[:700:70]:
        assert real_service.get("/api/isbn", params={"isbn": item["isbn"]}).json()["results"] == [item["edition"]]
