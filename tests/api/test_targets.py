"""Writing under keys that became others at Open Library: it lands where readers look."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.api.conftest import LIBRARY, Start

KEY = "k" * 32
NAMELESS = dumps.line("edition", 22, title="Before there were ISBNs", publishers=["Old & Sons"])


@pytest.fixture(scope="module")
def writer(
    start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A client with a key, on a service over the small library."""
    url = session_database()
    load_dumps(url, [dumps.write(tmp_path_factory.mktemp("library") / "library.txt", [*LIBRARY, NAMELESS])])
    service = start_service(url, internal_api_key=KEY)
    with httpx2.Client(base_url=service.base_url, headers={"X-API-Key": KEY}, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "name", "key", "home"),
    [
        ("work", "title", "OL1W", "OL45804W"),
        ("work", "title", "AXE1W", "OL45804W"),
        ("author", "name", "OL99A", "OL34184A"),
    ],
)
def test_a_merged_key_leads_to_what_it_became(writer: httpx2.Client, kind: str, name: str, key: str, home: str) -> None:
    body = {f"{kind}_key": key, name: "Told"}
    told = writer.post(f"/api/enrich/{kind}", json=body)
    assert (told.status_code, told.json()["key"], told.json()[name]) == (201, home, "Told")
    for each in (key, home):
        assert writer.get(f"/api/{kind}s/{each}").json()[name] == "Told"
        explained = writer.get(f"/api/explain/{kind}/{each}").json()
        assert (explained["key"], explained["fields"][name]["value"]) == (home, "Told")
    assert writer.delete(f"/api/enrich/{kind}/{key}/answers/user").json() == {"fields_updated": [name]}
    assert writer.get(f"/api/{kind}s/{home}").json()[name] != "Told"
    assert writer.delete(f"/api/enrich/{kind}/{key}/answers/user").status_code == 404


def test_an_edition_told_to_be_of_a_merged_work(writer: httpx2.Client) -> None:
    told = writer.post("/api/enrich/edition", json={"isbn": "9780804429573", "work_key": "OL2W"}).json()
    assert told["work"]["key"] == "OL45804W"
    assert told["work"]["title"] == "Fantastic Mr Fox"


def test_explaining_by_key_isbn_and_merged_key(writer: httpx2.Client) -> None:
    answers = [writer.get(f"/api/explain/edition/{key}").json() for key in ("OL1M", "OL30M", "9780140328721")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["fields"]["title"]["provider"] == "open-library"


def test_explaining_an_edition_without_an_isbn(writer: httpx2.Client) -> None:
    told = writer.get("/api/explain/edition/OL22M").json()
    assert told["key"] == "OL22M"
    assert {name: field["value"] for name, field in told["fields"].items()} == {
        "title": "Before there were ISBNs", "work_key": "AXE22W", "publisher": "Old & Sons",
        "publishers": ["Old & Sons"]}  # fmt: skip


@pytest.mark.parametrize("key", ["works/OL45804W", "%2Fworks%2FOL45804W", "/works/OL45804W"])
def test_a_key_as_open_library_writes_it_can_be_explained(writer: httpx2.Client, key: str) -> None:
    assert writer.get("/".join(("/api/explain/work", key))).json()["key"] == "OL45804W"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("edition/OL31M", 410), ("edition/9780261102217", 410), ("work/OL80W", 410),
        ("edition/9783161484100", 404), ("edition/OL999M", 404), ("work/OL999W", 404), ("book/OL1M", 404),
        ("edition/x", 400), ("work/OL1M", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_explained(writer: httpx2.Client, path: str, status: int) -> None:
    answer = writer.get(f"/api/explain/{path}")
    assert (answer.status_code, answer.json()["status"]) == (status, status)
