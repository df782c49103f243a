"""The real application with a few more routes: one for each scope, which tell who asks.

Run as `python -m tests.api.guarded PORT DATABASE_URL`, with settings in the environment.
"""

import os
import sys
from typing import Any

import msgspec
from granian import Granian
from granian.constants import Interfaces
from litestar import Request, delete, get, post
from litestar.types import ASGIApp

from alexandria.api.app import ROUTES, create_app
from alexandria.api.auth import Caller, caller_of
from alexandria.api.bodies import json_body
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.telemetry.log import configure_logs


class Body(msgspec.Struct, forbid_unknown_fields=True):
    number: int


@get("/guarded/open", scope="open")
async def tell_anybody(request: Request[Any, Any, Any]) -> Caller:
    return caller_of(request)


@get("/guarded/reader")
async def tell_reader(request: Request[Any, Any, Any]) -> Caller:
    return caller_of(request)


@post("/guarded/writer", scope="write", status_code=200, before_request=json_body(Body))
async def tell_writer(request: Request[Any, Any, Any], data: Body) -> Caller:
    return caller_of(request)


@post("/guarded/unsaid", status_code=200)
async def tell_unsaid(request: Request[Any, Any, Any]) -> Caller:
    return caller_of(request)


@delete("/guarded/admin/{number:int}", scope="admin", status_code=200)
async def tell_admin(request: Request[Any, Any, Any], number: int) -> Caller:
    return caller_of(request)


@get("/guarded/broken")
async def fail(request: Request[Any, Any, Any]) -> None:
    raise RuntimeError("broken on purpose")


MORE = [tell_anybody, tell_reader, tell_writer, tell_unsaid, tell_admin, fail]


def create() -> ASGIApp:
    configure_logs()
    return create_app(Database(os.environ["GUARDED_DATABASE"]), read_settings(), [*ROUTES, *MORE])


if __name__ == "__main__":
    os.environ["GUARDED_DATABASE"] = sys.argv[2]
    Granian(
        "tests.api.guarded:create", factory=True, address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI
    ).serve()
