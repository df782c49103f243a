"""The ASGI application: routes, problem documents, OpenAPI; the hot path goes around the framework."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from alexandria import __version__
from alexandria.api import (
    covers,
    crosswalk,
    direct,
    enrich,
    harvest,
    isbn,
    metrics,
    operations,
    queue,
    quick,
    quota,
    recommendations,
    records,
    search,
)  # fmt: skip
from alexandria.api.auth import caller_in, demand_scope
from alexandria.api.door import Door
from alexandria.api.missing import Misses
from alexandria.api.patience import hurried
from alexandria.api.pictures import PREFIX, Gallery
from alexandria.api.problems import HANDLERS
from alexandria.api.watch import watched
from alexandria.api.writing import EditionWrite
from alexandria.catalog.lookup import Lookup, Outcome
from alexandria.config import Settings
from alexandria.db import Database
from alexandria.enrichment.miss import Queued
from alexandria.enrichment.writer import Writer
from alexandria.keys.ring import KeyRing
from alexandria.ops.board import Board
from alexandria.ops.processes import Heart
from alexandria.telemetry.metrics import Metrics
from alexandria.telemetry.traces import end_traces
from alexandria.wiring import Services, make_services

BODY_LIMIT = 1 << 20
FOLDER = re.compile(r"^(/api/(?:editions|works|authors|(?:explain|enrich)/\w+)/)/?(?:books|editions|works|authors)/")
ROUTES = [
    isbn.get_isbn,
    isbn.post_batch,
    records.get_edition,
    records.get_work,
    records.get_work_editions,
    records.get_author,
    records.get_author_works,
    *search.ROUTES,
    *crosswalk.ROUTES,
    recommendations.get_similar,
    *enrich.ROUTES,
    *queue.ROUTES,
    *direct.ROUTES,
    *covers.ROUTES,
    *harvest.ROUTES,
    quota.get_quota_status,
    operations.get_stats,
    operations.get_health,
    operations.get_ready,
    operations.get_openapi,
    operations.get_docs,
    *metrics.ROUTES,
]


class Site(Protocol):
    """Pages for people, which are no part of the API: an ASGI application, and which addresses are its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def serves(self, path: str) -> bool: ...


AskFor = Callable[[Any, int], Awaitable[Outcome | Queued]]  # what is done about an ISBN that is not here, for a scope
MakeSite = Callable[[Services, KeyRing, Lookup, AskFor], Site]


def create_app(
    database: Database,
    settings: Settings,
    routes: Sequence[HTTPRouteHandler] = ROUTES,
    make_site: MakeSite | None = None,
) -> ASGIApp:
    """The application over a database that it opens and closes, with pages for people if there are any."""
    counted = Metrics()
    counted.read_pool = database.count_connections
    heart = Heart(database, "api", counted, settings.data_dir)
    lookup = Lookup(database, counted)
    ring = KeyRing(database, settings.internal_api_key)
    services = make_services(settings, database, metrics=counted)
    misses = Misses(services)
    gallery = Gallery(services.covers, lookup)

    async def ask_for(scope: Scope, number: int) -> Outcome | Queued:
        return await isbn.answer_miss(lookup, misses, scope, number, {})

    site = make_site(services, ring, lookup, ask_for) if make_site else None

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        await database.open()
        try:
            async with heart.beating():
                yield
        finally:
            await ring.close()
            await services.close()
            await lookup.close()
            await database.close()
            end_traces()

    framework = Litestar(
        routes,
        lifespan=[lifespan],
        guards=[demand_scope],
        exception_handlers=HANDLERS,
        request_max_body_size=BODY_LIMIT,
        openapi_config=OpenAPIConfig(
            title="Alexandria",
            version=__version__,
            description="A book catalogue: by ISBN in milliseconds, by key, by work and author.",
            use_handler_docstrings=True,
            path="/openapi",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
    )
    framework.state.update(
        {
            "database": database,
            "lookup": lookup,
            "writer": Writer(database),
            "settings": settings,
            "misses": misses,
            "services": services,
            "covers": services.covers,
            "gallery": gallery,
            "policies": services.policies,
            "metrics": counted,
            "board": Board(database, heart, services.policies),
        }
    )
    door = Door(settings, ring, routes, site.serves) if site else Door(settings, ring, routes)
    app = _around(framework, lookup, misses, gallery, door, site, settings.patience)
    return watched(app, counted, routes, {PREFIX: f"{PREFIX}{{isbn}}/{{size}}"})


def _around(
    framework: Litestar,
    lookup: Lookup,
    misses: Misses,
    gallery: Gallery,
    door: Door,
    site: Site | None,
    patience: float,
) -> ASGIApp:
    """The framework, with the door, the hot paths and the pages in front of it and HEAD answered like GET."""
    may_write = any(route.path == quick.PATH for route in framework.routes)

    async def write_edition(source: str, told: EditionWrite) -> tuple[int, bytes]:
        return await enrich.write_told(framework.state, source, told)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await framework(scope, receive, send)
        elif scope["method"] == "HEAD":
            await app(_as_get(scope), receive, _without_body(send))
        elif (admitted := await door.admit(scope, send)) is None:
            return  # answered
        elif scope["path"] == isbn.PATH and scope["method"] == "GET":
            await isbn.serve(lookup, misses, scope, receive, admitted)
        elif scope["path"].startswith(PREFIX) and scope["method"] == "GET":
            await gallery.serve(scope, receive, admitted)
        elif may_write and quick.is_usual(scope, BODY_LIMIT):
            await quick.serve(write_edition, framework, BODY_LIMIT, scope, hurried(receive, patience), admitted)
        elif site and site.serves(scope["path"]):
            await site(_from_caller(scope), hurried(receive, patience), admitted)
        else:
            await framework(_without_folder(scope), hurried(receive, patience), admitted)

    return app


def _without_folder(scope: HTTPScope) -> Any:
    """The scope for a key asked for as Open Library writes it, `/api/works/%2Fworks%2FOL1W`, as for the bare key."""
    path = FOLDER.sub(r"\1", scope["path"])
    return scope if path == scope["path"] else {**scope, "path": path, "raw_path": path.encode()}


def _from_caller(scope: HTTPScope) -> Any:
    """The scope as if the caller had come without a proxy between."""
    return {**scope, "client": (caller_in(scope).network, 0)}


def _as_get(scope: HTTPScope) -> Any:
    return {**scope, "method": "GET"}


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
