"""CORS by setting: on every answer, the hot path's and errors too, and a browser's question needs no key."""

from collections.abc import Callable

import httpx2
import pytest

from alexandria.api.cors import Cors
from tests.api.conftest import Start

PAGE = "https://books.example.org"
PATHS = ["/api/isbn?isbn=0140328726", "/api/isbn?isbn=x", "/api/stats", "/nowhere", "/api/works/x", "/health"]


def ask(client: httpx2.Client, path: str, origin: str, method: str = "POST") -> httpx2.Response:
    """What a browser asks before it sends something."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-api-key"}
    return client.options(path, headers=headers)


@pytest.fixture(scope="module")
def named(start_service: Start, session_database: Callable[[], str]) -> httpx2.Client:
    """A service for one page of others, that needs a key for everything."""
    return start_service(session_database(), cors_origins=f"{PAGE},http://127.0.0.1:5173", open_reads="false")


@pytest.mark.parametrize("path", PATHS)
def test_a_named_page_may_read_every_answer(named: httpx2.Client, path: str) -> None:
    answer = named.get(path, headers={"Origin": PAGE})
    assert answer.status_code == (200 if path == "/health" else 401)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "Origin" in answer.headers["vary"]
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example.org", PAGE + ".evil.org", "null", PAGE + ":8443", "*", ""])
def test_another_page_may_not(named: httpx2.Client, origin: str) -> None:
    for answer in (named.get(PATHS[0], headers={"Origin": origin}), ask(named, PATHS[0], origin)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["vary"] == "Origin"


def test_an_answer_to_no_page_is_not_kept_for_one(named: httpx2.Client) -> None:
    assert named.get(PATHS[0]).headers["vary"] == "Origin"


@pytest.mark.parametrize("path", PATHS)
def test_a_question_needs_no_key(named: httpx2.Client, path: str) -> None:
    answer = ask(named, path, PAGE)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert set(answer.headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "POST", "DELETE"}
    assert "X-API-Key" in answer.headers["access-control-allow-headers"]
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("origin", [PAGE.encode(), b"null", None])
def test_everybody_may(origin: bytes | None) -> None:
    cors = Cors(["*"])
    headers = dict(cors.headers(origin))
    assert headers[b"access-control-allow-origin"] == b"*"  # also to nobody: what is kept on the way is for all
    assert b"vary" not in headers
    question = cors.preflight(origin, b"POST")
    assert (question is None) == (origin is None)
    assert question is None or (b"access-control-allow-origin", b"*") in question


def test_without_the_setting_nobody_may() -> None:
    cors = Cors([])
    assert cors.headers(PAGE.encode()) == []
    assert cors.preflight(PAGE.encode(), b"POST") is None


def test_what_is_no_question(named: httpx2.Client) -> None:
    assert Cors(["*"]).preflight(PAGE.encode(), None) is None
    assert named.options("/health", headers={"Origin": PAGE}).headers["allow"] == "GET, OPTIONS"
