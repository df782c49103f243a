"""Every route of the application with every kind of key: who gets in, and who is sent away before anything else.

The routes come from the application itself, those of the framework too, so that a new one without a line in the table
turns this red. What a kind of key means over HTTP, by header and on the hot path, is in test_auth.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from warnings import catch_warnings

import pytest
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp

import alexandria.api.app as application
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.keys.key import make_key
from alexandria.keys.store import create_key, revoke_key

BOOTSTRAP = "bootstrap-key-of-the-matrix"
WRONG = ("unknown", "revoked", "expired", "empty")
MAY = {
    "none": {"open"},
    **dict.fromkeys(WRONG, {"open"}),
    "read": {"open", "read"},
    "write": {"open", "read", "write"},
    "admin": {"open", "read", "write", "admin"},
    "bootstrap": {"open", "read", "write", "admin"},
}
EXAMPLES = {"str": "x", "int": "1", "uuid": str(UUID(int=1)), "path": "x"}
PARAMETER = re.compile(r"\{\w+:(\w+)\}")

NEEDS = {
    "GET /api/isbn": "read",
    "POST /api/isbn/batch": "read",
    "GET /api/editions/{key:str}": "read",
    "GET /api/works/{key:str}": "read",
    "GET /api/works/{key:str}/editions": "read",
    "GET /api/authors/{key:str}": "read",
    "GET /api/authors/{key:str}/works": "read",
    "GET /api/search": "read",
    "GET /api/search/combined": "read",
    "GET /api/autocomplete": "read",
    "GET /api/resolve/{scheme:str}/{id:str}": "read",
    "GET /api/external-ids/{type:str}/{key:str}": "read",
    "GET /api/recommendations/similar": "read",
    "POST /api/enrich/edition": "write",
    "POST /api/enrich/work": "write",
    "POST /api/enrich/author": "write",
    "DELETE /api/enrich/{kind:str}/{key:str}/answers/{provider:str}": "write",
    "DELETE /api/enrich/{kind:str}/{key:str}/locks/{field:str}": "write",
    "GET /api/explain/{kind:str}/{key:str}": "read",
    "POST /api/works/merge": "write",
    "POST /api/authors/merge": "write",
    "DELETE /api/works/merge/{merge_id:int}": "write",
    "DELETE /api/authors/merge/{merge_id:int}": "write",
    "POST /api/enrich/queue": "write",
    "POST /api/enrich/queue/batch": "write",
    "GET /api/enrich/status/{id:str}": "read",
    "GET /api/queue/status": "read",
    "POST /api/enrich/batch-direct": "write",
    "GET /covers/{isbn:str}/{size:str}": "read",
    "GET /covers/image/{hash:str}/{size:str}": "read",
    "GET /api/covers/status/{isbn:str}": "read",
    "POST /api/covers/queue": "write",
    "POST /api/covers/process": "write",
    "POST /api/covers/wrong": "write",
    "DELETE /api/covers/wrong/{isbn:str}": "write",
    "POST /api/authors/enrich-bibliography": "write",
    "POST /api/books/enrich-new-releases": "write",
    "GET /api/harvest/{id:str}": "read",
    "GET /api/quota/status": "read",
    "GET /api/stats": "read",
    "GET /api/alerts": "read",
    "GET /metrics": "read",
    "GET /health": "open",
    "GET /ready": "open",
    "GET /openapi.json": "open",
    "GET /docs": "open",
    # the framework's own document
    "GET /openapi": "read",
    "GET /openapi/openapi.json": "read",
    "GET /openapi/{path:str}": "read",
}
Told = dict[tuple[bool, str], dict[str, int]]


def make_app(url: str, *, open_reads: bool) -> tuple[ASGIApp, Litestar]:
    """The application, and the framework inside of it, which knows all routes."""
    made: list[Litestar] = []

    class Noted(Litestar):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    settings = {"OPEN_READS": str(open_reads).lower(), "INTERNAL_API_KEY": BOOTSTRAP}
    environ = {f"ALEXANDRIA_{name}": value for name, value in settings.items()}
    with catch_warnings(action="ignore", category=LitestarDeprecationWarning), pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "Litestar", Noted)
        app = application.create_app(Database(url), read_settings(environ, Path("nowhere")))
    return app, made[0]


def routes_of(framework: Litestar) -> Iterator[str]:
    """Every method and path that the framework leads somewhere; OPTIONS, which it answers by itself, apart."""
    for route in framework.routes:
        if isinstance(route, HTTPRoute):
            yield from (f"{method} {route.path}" for method in route.methods - {"OPTIONS"})


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[None]:
    """The application between its start and its end."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, inbox.get, outbox.put))
    for step in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{step}"})
        assert (await outbox.get())["type"] == f"lifespan.{step}.complete"
        if step == "startup":
            yield
    await task


async def status(app: ASGIApp, route: str, key: str | None) -> int:
    """What the application answers to a request without a body and with this key."""
    method, path = route.split()
    path = PARAMETER.sub(lambda match: EXAMPLES[match[1]], path)
    headers = [(b"host", b"127.0.0.1")] + ([(b"x-api-key", key.encode())] if key is not None else [])
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return int(messages[0]["status"])


async def make_keys(url: str) -> Mapping[str, str | None]:
    """A key of each kind."""
    database = Database(url)
    await database.open()
    made = {scope: (await create_key(database, scope, scope))[0] for scope in ("read", "write", "admin")}
    made["revoked"] = (await create_key(database, "revoked", "admin"))[0]
    await revoke_key(database, made["revoked"].id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    made["expired"] = (await create_key(database, "expired", "admin", past))[0]
    await database.close()
    texts = {kind: key.text for kind, key in made.items()}
    return {**texts, "none": None, "unknown": make_key().text, "empty": "", "bootstrap": BOOTSTRAP}


async def ask_all(url: str) -> Told:
    """The status of every route, by whether reads are open and the kind of key."""
    keys = await make_keys(url)
    told: Told = {}
    for open_reads in (True, False):
        app, framework = make_app(url, open_reads=open_reads)
        routes = sorted(routes_of(framework))
        async with running(app):
            for kind in MAY:
                told[open_reads, kind] = {route: await status(app, route, keys[kind]) for route in routes}
    return told


@pytest.fixture(scope="module")
def told(session_database: Callable[[], str]) -> Told:
    return asyncio.run(ask_all(session_database()))


def test_every_route_has_a_line() -> None:
    _, framework = make_app("postgresql://nobody@127.0.0.1:1/nothing", open_reads=True)
    assert set(routes_of(framework)) == set(NEEDS)


@pytest.mark.parametrize("kind", MAY)
@pytest.mark.parametrize("open_reads", [True, False], ids=["open", "closed"])
def test_who_gets_in(told: Told, open_reads: bool, kind: str) -> None:
    may = MAY[kind] | ({"read"} if open_reads and kind == "none" else set())
    refusal = 401 if kind == "none" or kind in WRONG else 403
    found = {route: _class(code) for route, code in told[open_reads, kind].items()}
    assert found == {route: "in" if need in may else str(refusal) for route, need in NEEDS.items()}


def _class(code: int) -> str:
    """`in` for whoever was let in, though what they asked for may be wrong or missing."""
    return str(code) if code in (401, 403) or code >= 500 else "in"


def test_those_let_in_reach_the_route(told: Told) -> None:
    """No line of the table is kept by an answer that every path gets: what writes looks at its body, keys are read."""
    reached = told[True, "admin"]
    assert {code for route, code in reached.items() if route.startswith("POST")} == {415}
    assert {code for route, code in reached.items() if "{key:str}" in route} <= {400, 404}
    assert not [route for route, code in reached.items() if code == 405]
