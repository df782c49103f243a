"""The service with its pages, over a database in which something of everything lies; some of it is hostile."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from warnings import catch_warnings

import httpx2
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.exceptions import LitestarDeprecationWarning
from litestar.types import ASGIApp

from alexandria.api.app import create_app
from alexandria.config import read_settings
from alexandria.dashboard.site import Site
from alexandria.db import Database
from alexandria.keys.store import create_key
from tests.api.conftest import free_port
from tests.conftest import RunSQL
from tests.pools import opened
from tests.waiting import until

HOSTILE = "<script>alert('x')</script>"
BOOTSTRAP = "a-bootstrap-key-of-ours"
DEAD = "01890000-0000-7000-8000-000000000001"
_FILL = f"""
do $$
declare hostile text := $t${HOSTILE}$t$;
begin
    insert into queue.tallies (kind, lane, minute, active, completed, dead)
    values (hostile, 'enrichment', now(), 1, 5, 1), ('edition', 'enrichment', now(), 3, 40, 3);
    insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts,
                                created_at, finished_at, error)
    select ('01890000-0000-7000-8000-00000000000' || n)::uuid, case when n = 4 then hostile else 'edition' end,
           9780140328720 + n, 'enrichment', 5, '{{}}', '{{}}', 'dead', 5, 5, now(), now(), hostile || ' secret reason'
    from generate_series(1, 4) n;
    insert into enriched.log (kind, id, provider, source, operation, success, fields_updated, error)
    values ('edition', 9780140328721, hostile, 'abcdefghij', 'fetch', false, array[hostile],
            hostile || ' secret reason');
    insert into harvest.campaigns (kind, title, signature, parameters, state, is_planned, created_by, planned, done)
    values ('authors', hostile, 'x', '{{"type": "authors", "first": 1, "last": 10}}', 'running', true, 'abcdefghij',
            10, 3);
    insert into harvest.steps (campaign_id, number, key, name, state)
    select 1, n, n, hostile, case when n < 4 then 'done' else 'pending' end from generate_series(1, 10) n;
    insert into quota.windows (bucket, began_at, resets_at, interactive, harvest)
    values ('isbndb', date_trunc('day', now(), 'UTC'), date_trunc('day', now(), 'UTC') + interval '1 day', 100, 300);
    insert into quota.breakers (bucket, failures, openings, opened_at, open_until, reason)
    values ('isbndb', 5, 1, now(), now() + interval '1 hour', hostile || ' secret reason');
    insert into ops.history (minute, queue, quota)
    select date_trunc('minute', now()) - make_interval(mins => n),
           jsonb_build_object(hostile, jsonb_build_array(n, 1, 1000 - n, 0, 0)), jsonb_build_object('isbndb', 400)
    from generate_series(0, 600) n;
end $$"""
_CSRF = re.compile(r'name="csrf" value="(\w+)"')


@dataclass(frozen=True, slots=True)
class World:
    """A database with its keys, and a service on it that anybody may read."""

    url: str
    admin: str
    reader: str
    client: httpx2.Client

    def browser(self, **headers: str) -> httpx2.Client:
        """Somebody else's browser."""
        return httpx2.Client(base_url=self.client.base_url, headers=headers, timeout=60)


@contextmanager
def serving(url: str, **settings: str) -> Iterator[httpx2.Client]:
    """A client of the whole application over a database, with settings by name, in a thread of this process."""
    environ = {f"ALEXANDRIA_{name.upper()}": value for name, value in settings.items()}
    port = free_port()
    with catch_warnings(action="ignore", category=LitestarDeprecationWarning):
        app = create_app(Database(url, max_size=4), read_settings(environ), make_site=Site)
    running: list[tuple[asyncio.AbstractEventLoop, Server]] = []
    thread = threading.Thread(target=lambda: asyncio.run(_serve(app, port, running)))
    thread.start()
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        until(lambda: _answers(client))
        yield client
    loop, server = running[0]
    loop.call_soon_threadsafe(server.stop)
    thread.join(60)


async def _serve(app: ASGIApp, port: int, running: list[tuple[asyncio.AbstractEventLoop, Server]]) -> None:
    server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False)
    running.append((asyncio.get_running_loop(), server))
    await server.serve()


def _answers(client: httpx2.Client) -> bool:
    with suppress(httpx2.TransportError):
        return client.get("/health").status_code == 200
    return False


@pytest.fixture(scope="module")
def world(session_database: Callable[[], str], run_sql: RunSQL) -> Iterator[World]:
    url = session_database()
    run_sql(url, _FILL)
    admin, reader = asyncio.run(_make_keys(url))
    proxies = {"trusted_proxies": "127.0.0.1"}  # so that a test may come from anywhere
    with serving(url, internal_api_key=BOOTSTRAP, **proxies) as client:
        yield World(url, admin, reader, client)


async def _make_keys(url: str) -> tuple[str, str]:
    async with opened(url) as database:
        admin, _ = await create_key(database, "who may", "admin")
        reader, _ = await create_key(database, "who may not", "read")
    return admin.text, reader.text


@pytest.fixture
def browser(world: World) -> Iterator[httpx2.Client]:
    """A browser in which nobody is logged in."""
    with world.browser() as client:
        yield client


@pytest.fixture
def operator(world: World, browser: httpx2.Client) -> httpx2.Client:
    """A browser in which an operator is logged in."""
    answer = log_in(browser, world.admin)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return browser


def log_in(client: httpx2.Client, key: str, **more: Any) -> httpx2.Response:
    """The answer to a key in the form."""
    csrf = csrf_in(client.get("/login", **more))
    return client.post("/login", data={"csrf": csrf, "key": key, "next": "/"}, **more)


def csrf_in(page: httpx2.Response) -> str:
    """The token that the forms of a page send."""
    found = _CSRF.search(page.text)
    assert found, page.text
    return found[1]


def act(client: httpx2.Client, path: str, **fields: str) -> str:
    """What the first page says after a button was pressed."""
    answer = client.post(path, data={"csrf": csrf_in(client.get("/")), **fields})
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"].partition("#")[0])
    told = re.search(r'<p class="notice" role="status">(.*?)</p>', page.text)
    assert told, page.text
    return told[1]
