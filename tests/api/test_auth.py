"""Who may do what: every kind of key on every kind of route, before anything else of a request is looked at."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from litestar import get, post

from alexandria.api.app import ROUTES
from alexandria.api.auth import check_scopes, given_key, scope_of
from alexandria.api.problems import Problem
from alexandria.db import Database
from alexandria.keys.key import make_key
from alexandria.keys.store import create_key, revoke_key
from tests.api.conftest import free_port
from tests.waiting import until

ROOT = Path(__file__).parents[2]
BOOTSTRAP = "bootstrap-key-of-the-tests"
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


async def _make_keys(url: str) -> dict[str, str]:
    """A key of each kind, by what it is."""
    db = Database(url)
    await db.open()
    made = {scope: (await create_key(db, scope, scope))[0] for scope in ("read", "write", "admin")}
    made["revoked"] = (await create_key(db, "revoked", "admin"))[0]
    await revoke_key(db, made["revoked"].id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    made["expired"] = (await create_key(db, "expired", "admin", past))[0]
    await db.close()
    texts = {name: key.text for name, key in made.items()}
    flipped = texts["admin"][:-1] + ("b" if texts["admin"][-1] == "a" else "a")
    invented = {"unknown": make_key().text, "wrong secret": flipped, "rubbish": "rubbish", "empty": ""}
    return {**texts, **invented, "bootstrap": BOOTSTRAP}


@dataclass
class Guarded:
    """Two services on one database, one whose reads are open and one whose are not; what they said; keys by kind."""

    open: httpx2.Client
    closed: httpx2.Client
    url: str
    log: Path
    keys: dict[str, str]


@pytest.fixture(scope="module")
def guarded(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    url, log = session_database(), tmp_path_factory.mktemp("guarded") / "log"
    keys = asyncio.run(_make_keys(url))
    processes, clients = [], []
    for open_reads in ("true", "false"):
        process, client = _start(url, log, OPEN_READS=open_reads, INTERNAL_API_KEY=BOOTSTRAP, TRUSTED_PROXIES="::1")
        processes.append(process)
        clients.append(client)
    for client in clients:
        until(lambda client=client: _answers(client))  # type: ignore[misc]
    yield Guarded(clients[0], clients[1], url, log, keys)
    for client in clients:
        client.close()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)


def _start(url: str, log: Path, **settings: str) -> tuple[subprocess.Popen[bytes], httpx2.Client]:
    port = free_port()
    environ = {**os.environ, **{f"ALEXANDRIA_{name}": value for name, value in settings.items()}}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.guarded", str(port), url],
            cwd=ROOT, env=environ, stdout=output, stderr=output,
        )  # fmt: skip
    return process, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx2.TransportError:
        return False


# --- the matrix -----------------------------------------------------------------------------------------------

# method and path → what it needs, and what it answers to who has it
NEEDS = {
    "GET /api/isbn?isbn=0140328726": ("read", 404),  # the hot path, on an empty catalogue
    "HEAD /api/isbn?isbn=0140328726": ("read", 404),
    "GET /api/isbn": ("read", 400),
    "GET /api/stats": ("read", 200),
    "GET /api/works/rubbish": ("read", 400),
    "POST /api/isbn/batch": ("read", 415),
    "GET /nowhere": ("read", 404),
    "GET /guarded/reader": ("read", 200),
    "POST /guarded/writer": ("write", 415),
    "POST /guarded/unsaid": ("write", 200),
    "DELETE /guarded/admin/1": ("admin", 200),
    "DELETE /guarded/admin/x": ("admin", 404),
}
OPEN = ["GET /guarded/open", "GET /health", "HEAD /health", "GET /ready", "GET /docs", "GET /openapi.json"]
MAY = {
    "read": {"read"},
    "write": {"read", "write"},
    "admin": {"read", "write", "admin"},
    "bootstrap": {"read", "write", "admin"},
}
KINDS = ["none", "unknown", "wrong secret", "rubbish", "empty", "revoked", "expired", *MAY]


def expected(route: str, kind: str, open_reads: bool) -> int:
    """The status of a route to a kind of key."""
    need, status = NEEDS[route]
    if kind == "none":
        unrouted = status == 404 and need == "admin"  # such a path is none of any route
        return status if open_reads and (need == "read" or unrouted) else 401
    if kind not in MAY:
        return 401
    return status if need in MAY[kind] or status == 404 else 403


@pytest.mark.parametrize("how", ["X-API-Key", "Authorization"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("open_reads", [True, False], ids=["open", "closed"])
def test_every_kind_of_key_on_every_route(guarded: Guarded, open_reads: bool, kind: str, how: str) -> None:
    client = guarded.open if open_reads else guarded.closed
    headers = {}
    if kind != "none":
        headers[how] = guarded.keys[kind] if how == "X-API-Key" else f"Bearer {guarded.keys[kind]}".strip()
    got = {}
    for route in NEEDS:
        method, path = route.split()
        answer = client.request(method, path, headers=headers)
        got[route] = answer.status_code
        if answer.status_code in (401, 403):
            check_refusal(answer, kind)
    assert got == {route: expected(route, kind, open_reads) for route in NEEDS}
    for route in OPEN:
        method, path = route.split()
        assert client.request(method, path, headers=headers).status_code == 200, route


def check_refusal(answer: httpx2.Response, kind: str) -> None:
    """Asserts that it is the document, with the challenge that goes with it."""
    assert answer.headers["content-type"] == "application/problem+json"
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="alexandria"')
    if answer.status_code == 403:
        assert 'error="insufficient_scope", scope="' in challenge
    else:
        assert ('error="invalid_token"' in challenge) == (kind != "none")
        assert answer.headers["cache-control"] == "no-store"
    if answer.request.method != "HEAD":
        document = msgspec.json.decode(answer.content, type=Problem)
        assert document.error == ("Unauthorized" if answer.status_code == 401 else "Forbidden")


@pytest.mark.parametrize(("kind", "says"), [("revoked", "revoked"), ("expired", "expired"), ("empty", "empty"),
                                            ("wrong secret", "not known"), ("unknown", "not known")])  # fmt: skip
def test_what_is_wrong_with_a_key(guarded: Guarded, kind: str, says: str) -> None:
    answer = guarded.open.get("/api/stats", headers={"X-API-Key": guarded.keys[kind]})
    assert says in answer.json()["detail"]


def test_two_keys_are_none(guarded: Guarded) -> None:
    both = {"X-API-Key": guarded.keys["read"], "Authorization": f"Bearer {guarded.keys['admin']}"}
    assert guarded.open.get("/api/stats", headers=both).status_code == 401
    same = {"X-API-Key": guarded.keys["read"], "Authorization": f"bearer  {guarded.keys['read']}"}
    assert guarded.open.get("/api/stats", headers=same).status_code == 200


def test_a_password_for_a_proxy_is_no_key(guarded: Guarded) -> None:
    assert guarded.open.get("/api/stats", headers={"Authorization": "Basic bWU6eA=="}).status_code == 200
    assert guarded.closed.get("/api/stats", headers={"Authorization": "Basic bWU6eA=="}).status_code == 401


# --- before anything else -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"{", b'{"number": "x"}', b"[" * 5000],
    ids=["empty", "lacks", "broken", "wrong type", "deep"],
)
def test_the_key_comes_before_the_body(guarded: Guarded, content: bytes) -> None:
    def status(key: str | None) -> int:
        headers = {"Content-Type": "application/json"} | ({"X-API-Key": key} if key is not None else {})
        return guarded.open.post("/guarded/writer", content=content, headers=headers).status_code

    assert status(None) == 401
    assert status("rubbish") == 401
    assert status(guarded.keys["read"]) == 403
    assert status(guarded.keys["write"]) == 400


@pytest.mark.parametrize("path", ["/guarded/writer", "/guarded/unsaid", "/api/enrich/edition"])
def test_a_body_that_never_comes_is_not_waited_for(guarded: Guarded, path: str) -> None:
    url = guarded.open.base_url
    head = f"POST {path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 2000000\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "query",
    ["api_key={}", "isbn=0140328726&api_key={}", "apikey={}", "X-API-Key={}", "API_KEY={}", "access_token={}",
     "api%5Fkey={}", "%61pi_key={}", "api_key="],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/isbn", "/api/stats", "/nowhere", "/docs"])
def test_a_key_in_the_url_is_refused_and_not_repeated(guarded: Guarded, path: str, query: str) -> None:
    key = guarded.keys["admin"]
    answer = guarded.open.get(f"{path}?{query.format(key)}")
    assert answer.status_code == 400
    assert "X-API-Key" in answer.json()["detail"]
    assert key not in answer.text + str(answer.headers)
    assert key not in guarded.log.read_text()


def test_other_parameters_are_no_keys(guarded: Guarded) -> None:
    assert guarded.open.get("/api/stats?xapi_keys=1&api_key_of=2&my_api_key=3").status_code == 200


# --- who it is ------------------------------------------------------------------------------------------------


def test_a_handler_knows_who_asks(guarded: Guarded) -> None:
    def told(**headers: str) -> dict[str, Any]:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        found: dict[str, Any] = guarded.open.get("/guarded/reader", headers=named).json()
        found["scopes"] = set(found["scopes"])
        return found

    here = {"address": "127.0.0.1", "network": "127.0.0.1", "local": True}
    assert told() == {"key_id": None, "scopes": {"read"}, **here}
    assert told(X_API_Key=BOOTSTRAP) == {"key_id": "internal", "scopes": MAY["admin"], **here}
    key = guarded.keys["write"]
    assert told(X_API_Key=key) == {"key_id": key.split("_")[1], "scopes": MAY["write"], **here}
    closed = guarded.closed.get("/guarded/open").json()
    assert (closed["key_id"], closed["scopes"]) == (None, [])


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_who_is_passed_on_is_not_this_machine(guarded: Guarded, header: str) -> None:
    """A proxy on this machine that nobody named as trusted: it is not believed, and what it passes on is limited."""
    answer = guarded.open.get("/guarded/reader", headers={header: "192.0.2.1"})
    assert (answer.json()["address"], answer.json()["local"]) == ("127.0.0.1", False)
    assert answer.headers["ratelimit-policy"] == '"read";q=1200;w=2'
    assert "ratelimit" not in guarded.open.get("/guarded/reader").headers


def test_the_last_use_is_noted(guarded: Guarded, run_sql: RunSQL) -> None:
    def used() -> dict[str, bool]:
        rows = run_sql(guarded.url, "SELECT name, last_used_at IS NOT NULL FROM keys.api_keys")
        return {str(name): bool(is_used) for name, is_used in rows}

    assert guarded.open.get("/api/isbn?isbn=0140328726", headers={"X-API-Key": guarded.keys["read"]}).status_code == 404
    until(lambda: used()["read"])
    assert not used()["revoked"]
    assert not used()["expired"]


def test_what_only_keys_open_is_kept_in_no_shared_cache(guarded: Guarded, run_sql: RunSQL) -> None:
    run_sql(guarded.url, "INSERT INTO mirror.works VALUES (1, '2020-01-01', 1, null, '{}', 'A work')")
    for client, kept in ((guarded.open, "public"), (guarded.closed, "private")):
        answer = client.get("/api/works/OL1W", headers={"X-API-Key": guarded.keys["read"]})
        assert answer.status_code == 200
        assert answer.headers["cache-control"].split(",")[0] == kept


# --- secrets --------------------------------------------------------------------------------------------------


def test_no_key_is_in_a_log_or_an_answer(guarded: Guarded) -> None:
    """Failures of our own are logged, with all that leads to them; a key is not among it."""
    for kind in ("admin", "revoked", "wrong secret", "bootstrap"):
        key = guarded.keys[kind]
        for path in ("/guarded/broken", "/api/stats", f"/api/works/{'x' * 3}"):
            answer = guarded.closed.get(path, headers={"X-API-Key": key})
            assert key not in answer.text + str(answer.headers)
    assert guarded.open.get("/guarded/broken").status_code == 500
    until(lambda: "broken on purpose" in guarded.log.read_text())
    said = guarded.log.read_text()
    assert not [kind for kind, key in guarded.keys.items() if len(key) > 10 and key in said]
    assert not re.search(r"alx_\w+", said)


def test_a_database_that_is_away_is_no_wrong_key(guarded: Guarded, tmp_path: Path) -> None:
    process, client = _start("postgresql://me@127.0.0.1:1/x", tmp_path / "log", INTERNAL_API_KEY=BOOTSTRAP)
    try:
        until(lambda: _answers(client))
        answer = client.get("/guarded/reader", headers={"X-API-Key": guarded.keys["read"]})
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert client.get("/health", headers={"X-API-Key": guarded.keys["read"]}).status_code == 200
        assert client.get("/guarded/reader", headers={"X-API-Key": BOOTSTRAP}).json()["key_id"] == "internal"
    finally:
        client.close()
        process.terminate()
        process.wait(60)


# --- routes ---------------------------------------------------------------------------------------------------


def test_routes_that_write_say_so() -> None:
    """What a route that is not only read needs is written at the route, not left to a default."""
    unsaid = [route for route in ROUTES if not route.http_methods <= {"GET", "HEAD"} and "scope" not in route.opt]
    assert [str(route) for route in unsaid] == []
    assert {path for route in ROUTES if scope_of(route) == "open" for path in route.paths} == {
        "/health", "/ready", "/docs", "/openapi.json",
    }  # fmt: skip


def test_a_scope_that_is_none_stops_the_start() -> None:
    @post("/x", scope="wirte")
    async def wrong() -> None: ...

    with pytest.raises(ValueError, match="/x: there is no scope 'wirte'"):
        check_scopes([wrong])


def test_what_a_route_needs_that_says_nothing() -> None:
    @get("/x")
    async def reading() -> None: ...

    @post("/x")
    async def posting() -> None: ...

    assert (scope_of(reading), scope_of(posting)) == ("read", "write")


def test_the_openapi_document_says_which_key_is_needed(guarded: Guarded) -> None:
    opened, closed = (client.get("/openapi.json").json() for client in (guarded.open, guarded.closed))
    assert opened["components"]["securitySchemes"]["ApiKey"] == closed["components"]["securitySchemes"]["ApiKey"]
    assert opened["components"]["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"

    def needs(document: dict[str, Any], method: str, path: str) -> list[Any]:
        found: list[Any] = document["paths"][path][method]["security"]
        return found

    assert needs(opened, "get", "/health") == []
    assert needs(opened, "get", "/api/isbn") == [{}, {"ApiKey": ["read"]}, {"Bearer": ["read"]}]
    assert needs(closed, "get", "/api/isbn") == [{"ApiKey": ["read"]}, {"Bearer": ["read"]}]
    assert needs(opened, "delete", "/guarded/admin/{number}") == [{"ApiKey": ["admin"]}, {"Bearer": ["admin"]}]
    assert {"401", "403", "429"} <= opened["paths"]["/guarded/writer"]["post"]["responses"].keys()
    assert "scope `write`" in opened["paths"]["/guarded/writer"]["post"]["description"]
    assert "Needs a key with scope `write`" in guarded.open.get("/docs").text


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        ([(b"x-api-key", b" k ")], b"k"),
        ([(b"x-api-key", b"")], b""),
        ([(b"authorization", b"Bearer k")], b"k"),
        ([(b"authorization", b"bEARER   k")], b"k"),
        ([(b"authorization", b"Bearer")], b""),
        ([(b"authorization", b"Basic k")], None),
        ([(b"authorization", b"k")], None),
        ([(b"x-api-key", b"k"), (b"x-api-key", b"k")], b"k"),
        ([(b"x-api-key", b"k"), (b"x-api-key", b"l")], b""),
        ([(b"x-api-key", b"k"), (b"authorization", b"Basic l")], b"k"),
        ([(b"x-api-key", b"\xff\x00")], b"\xff\x00"),
    ],
)
def test_how_a_key_is_sent(headers: list[tuple[bytes, bytes]], key: bytes | None) -> None:
    assert given_key(headers) == key
