"""The service with nothing but covers, put together as `api.app` does it, on the loop of a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from warnings import catch_warnings

import httpx2
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.exceptions import LitestarDeprecationWarning
from litestar.types import ASGIApp, Receive, Scope, Send

from alexandria.api import covers as routes
from alexandria.api.auth import demand_scope
from alexandria.api.door import Door
from alexandria.api.pictures import PREFIX, Gallery
from alexandria.api.problems import HANDLERS
from alexandria.catalog.lookup import Lookup
from alexandria.config import Settings
from alexandria.covers.service import Covers
from alexandria.db import Database
from alexandria.keys.ring import KeyRing
from tests.api.conftest import free_port


@asynccontextmanager
async def served(
    settings: Settings, database: Database, covers: Covers, *, through_framework: bool = False
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the service, which listens on this machine until the end of the block."""
    lookup, ring, port = Lookup(database), KeyRing(database, settings.internal_api_key), free_port()
    app = make_app(settings, database, covers, lookup, ring, through_framework)
    server = Server(app, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await _wait_for(client)
            yield client
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving
        await ring.close()
        await lookup.close()


async def _wait_for(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await client.get("/covers/x/large")
            except httpx2.TransportError:
                await asyncio.sleep(0.01)
            else:
                return


def make_app(
    settings: Settings, database: Database, covers: Covers, lookup: Lookup, ring: KeyRing, through_framework: bool
) -> ASGIApp:
    gallery = Gallery(covers, lookup)
    with catch_warnings(action="ignore", category=LitestarDeprecationWarning):
        framework = Litestar(routes.ROUTES, guards=[demand_scope], exception_handlers=HANDLERS, openapi_config=None)
    framework.state.update({"database": database, "lookup": lookup, "covers": covers, "gallery": gallery})
    door = Door(settings, ring, routes.ROUTES)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (admitted := await door.admit(scope, send)) is None:
            return
        if not through_framework and scope["path"].startswith(PREFIX) and scope["method"] == "GET":
            await gallery.serve(scope, receive, admitted)
        else:
            await framework(scope, receive, admitted)

    return app
