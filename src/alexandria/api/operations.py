"""Whether the service lives and is ready, what it holds, and how to talk to it."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

import msgspec
from litestar import Request, Response, get

from alexandria.api.models import Health, Ready, Stats
from alexandria.api.openapi import describe
from alexandria.api.problems import Problem, described
from alexandria.catalog.stats import read_stats
from alexandria.ops.freshness import read_freshness

AWAY = {503: described(Problem, description="The database is away; Retry-After says when to ask again")}
OK = msgspec.json.encode(Health("ok"))


@get("/health", summary="Is the process alive?", scope="open", tags=["Operations"], responses={200: described(Health)})
async def get_health() -> Response[bytes]:
    """Ok, whatever the database does."""
    return Response(OK, media_type="application/json")


@get(
    "/ready",
    summary="Can it answer?",
    scope="open",
    tags=["Operations"],
    responses={200: described(Ready), **AWAY},
)
async def get_ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Ok when the database answers; and how far the mirror is behind, which is no reason not to be ready."""
    found = await read_freshness(request.app.state.database)
    ready = Ready("ok", found.mirror_age, found.changes_lag, found.gaps, found.behind)
    return Response(msgspec.json.encode(ready), media_type="application/json")


@get(
    "/api/stats",
    summary="What the catalogue holds",
    tags=["Operations"],
    responses={200: described(Stats), **AWAY},
)
async def get_stats(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Row counts and freshness, from maintained counters."""
    stats = await read_stats(request.app.state.database)
    return Response(msgspec.json.encode(stats), media_type="application/json")


@get("/openapi.json", scope="open", include_in_schema=False)
async def get_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document, for machines."""
    return Response(_kept(request, "json", msgspec.json.encode), media_type="application/json")


@get("/docs", scope="open", include_in_schema=False)
async def get_docs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document as a page that needs no internet."""
    return Response(_kept(request, "page", lambda document: render_docs(document).encode()), media_type="text/html")


def _kept(request: Request[Any, Any, Any], form: str, make: Callable[[dict[str, Any]], bytes]) -> bytes:
    """The document in a form, made once: it takes a tenth of a second, in which nobody else is answered."""
    state = request.app.state
    kept: dict[str, bytes] = state.setdefault("documents", {})
    if form not in kept:
        kept[form] = make(describe(request.app, open_reads=state.settings.open_reads))
    return kept[form]


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; }
h2 { margin-top: 2.5rem; } section { border-top: 1px solid #8886; padding: .5rem 0 1rem; }
.method { font-weight: 700; color: #0a7; } th, td { text-align: left; padding: .1rem 1rem .1rem 0; }
details pre { overflow: auto; background: #8881; padding: .75rem; border-radius: .4rem; }
"""


def render_docs(schema: dict[str, Any]) -> str:
    """The page for an OpenAPI document: every operation with its parameters and answers, by tag."""
    sections: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                tag = (operation.get("tags") or ["Other"])[0]
                sections.setdefault(tag, []).append(_operation(method, path, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in sections.items())
    models = "".join(
        f"<details><summary><code>{escape(name)}</code></summary>"
        f"<pre>{escape(json.dumps(model, indent=2))}</pre></details>"
        for name, model in schema.get("components", {}).get("schemas", {}).items()
    )
    info = schema["info"]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style><h1>{escape(info['title'])} "
        f"<small>{escape(info['version'])}</small></h1><p>{escape(info.get('description') or '')}</p>"
        f"<p>For machines: <a href='/openapi.json'><code>/openapi.json</code></a></p>"
        f"{body}<h2>Shapes</h2>{models}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td>"
        f"<td>{escape(item.get('description') or '')}</td></tr>"
        for item in operation.get("parameters") or ()
    )
    replies = "".join(
        f"<tr><td><code>{escape(str(status))}</code></td><td>{escape(reply.get('description') or '')}</td></tr>"
        for status, reply in operation["responses"].items()
    )
    return (
        f"<section><h3><span class=method>{method.upper()}</span> <code>{escape(path)}</code></h3>"
        f"<p>{escape(operation.get('summary') or '')}. {escape(operation.get('description') or '')}</p>"
        f"<table>{parameters}</table><table>{replies}</table></section>"
    )
