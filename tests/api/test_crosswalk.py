"""Identifiers both ways over HTTP."""

from collections.abc import Callable

import httpx2
import pytest

from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.api.conftest import LIBRARY, Start

KEY = {"X-API-Key": "k" * 32}
MORE = [
    dumps.line("work", 500, 1, title="Shared numbers", authors=[{"author": {"key": "/authors/OL34184A"}}]),
    dumps.edition(500, 500, "9780439708180", 1, identifiers={"goodreads": ["1507552"], "amazon": ["B00ABC1234"]},
                  oclc_numbers=["57215622"], lccn=["85-2 "], ocaid="fantasticMrFox00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def service(
    start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> httpx2.Client:
    url = session_database()
    load_dumps(url, [dumps.write(tmp_path_factory.mktemp("library") / "library.txt", [*LIBRARY, *MORE])])
    return start_service(url, internal_api_key="k" * 32)


def keys(service: httpx2.Client, path: str) -> list[str | None]:
    answer = service.get(f"/api/resolve/{path}")
    assert answer.status_code == 200, answer.text
    return [each["key"] for each in answer.json()["results"]]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("goodreads/1507552", ["OL1M", "OL500M"]),
        ("goodreads/1507552-fantastic-mr-fox", ["OL1M", "OL500M"]),
        ("GoodReads/1507552", ["OL1M", "OL500M"]),
        ("oclc/57215622", ["OL500M"]),
        ("oclc/ocm57215622", ["OL500M"]),
        ("lccn/85000002", ["OL500M"]),
        ("amazon/b00abc1234", ["OL500M"]),
        ("internet_archive/fantasticMrFox00", ["OL500M"]),
        ("viaf/108159131", ["OL34184A"]),
        ("isbn/0140328726", ["OL1M"]),
        ("isbn/9780306406157", ["OL12M", "OL13M", "OL11M", "OL10M"]),
        ("isbn/9780345242235", ["OL1M"]),
        ("olid/OL1W", ["OL45804W"]),
        ("olid/OL99A", ["OL34184A"]),
        ("olid/OL30M", ["OL1M"]),
    ],
)
def test_resolve(service: httpx2.Client, path: str, expected: list[str]) -> None:
    found = keys(service, path)
    assert sorted(map(str, found)) == sorted(expected)
    if path.startswith("isbn"):
        assert found == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("goodreads/1", 404),
        ("internet_archive/FANTASTICMRFOX00", 404),  # its case tells items apart
        ("isbn/9780261102217", 404),  # deleted
        ("olid/OL80W", 404),
        ("isbn/123", 400),
        ("oclc/abc", 400),
        ("%00/1", 400),
        ("goodreads/%00", 400),
        ("goodreads/'%20or%201=1", 400),
        ("madeup/it's%20\\%20here", 404),
        ("goodreads/" + "9" * 5_000, 400),
    ],
)
def test_what_nobody_carries(service: httpx2.Client, path: str, status: int) -> None:
    assert service.get(f"/api/resolve/{path}").status_code == status


def test_the_identifiers_of_records(service: httpx2.Client) -> None:
    def told(path: str) -> dict[str, list[str]]:
        answer = service.get(f"/api/external-ids/{path}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["identifiers"])

    edition = told("edition/OL500M")
    assert edition == {
        "amazon": ["B00ABC1234"], "goodreads": ["1507552"], "isbn13": ["9780439708180"], "lccn": ["85000002"],
        "ocaid": ["fantasticMrFox00"], "oclc": ["57215622"], "open_library": ["OL500M"],
    }  # fmt: skip
    assert told("edition/9780439708180") == edition
    assert told("work/OL500W") == {**edition, "open_library": ["OL500W"]}
    assert told("author/OL99A") == {"open_library": ["OL34184A"], "viaf": ["108159131"]}
    for path, status in (("edition/OL9M", 404), ("work/OL80W", 410), ("edition/9780261102217", 404), ("shelf/1", 404)):
        assert service.get(f"/api/external-ids/{path}").status_code == status, path


def test_learned_identifiers_count(service: httpx2.Client) -> None:
    for isbn in ("9780140328721", "9780262033848"):
        body = {"isbn": isbn, "title": "Known"}
        assert service.post("/api/enrich/edition", json=body, headers=KEY).status_code in (200, 201)
    assert keys(service, "isbn/9780262033848") == [None]
    told = service.get("/api/external-ids/edition/9780262033848").json()
    assert (told["key"], told["identifiers"]["isbn13"]) == ("9780262033848", ["9780262033848"])
