"""Every error as an RFC 9457 problem document with a short `error` member; bad input names its fields."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Send

from alexandria.errors import BadInput, DatabaseUnavailable

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER = "2"  # seconds; a restarted database is back within a few
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}

log = structlog.get_logger(__name__)
_PARAMETER = re.compile(r"parameter '(\w+)'")


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of a request."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document; `errors` only for bad input, `resource` only where a key or ISBN was asked for."""

    status: int
    title: str
    error: str
    detail: str
    type: str = "about:blank"
    errors: list[FieldError] = []


class Refused(Exception):
    """The caller may not do this (now): the document that says why, and its headers."""

    def __init__(self, document: Problem, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(document.detail)
        self.document = document
        self.headers = headers


class NotFound(Exception):
    """There is no such record."""


class Gone(Exception):
    """The record was deleted."""


class Conflict(Exception):
    """What is asked for does not go with what is there."""


def problem(status: int, detail: str, error: str | None = None, errors: list[FieldError] | None = None) -> Problem:
    """The document for a status; `error` is the short text, by default the status's title."""
    title = TITLES.get(status, "Error")
    return Problem(status=status, title=title, error=error or title, detail=detail, errors=errors or [])


def bad_input(error: BadInput) -> Problem:
    """The document for one refused field."""
    return problem(400, str(error), errors=[FieldError(error.field, error.message)])


def answer(document: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The document as a response."""
    return Response(
        msgspec.json.encode(document),
        status_code=document.status,
        media_type=PROBLEM_JSON,
        headers=headers or {},
    )


async def send_problem(send: Send, document: Problem, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Nothing; the document as a plain ASGI answer."""
    body = msgspec.json.encode(document)
    own = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": document.status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def on_refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    """401 or 403, with what the caller lacks."""
    return answer(error.document, {name.decode(): value.decode() for name, value in error.headers})


def on_bad_input(request: Request[Any, Any, Any], error: BadInput) -> Response[bytes]:
    """400 with the field and why."""
    return answer(bad_input(error))


def on_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """400 with every field that the framework refused."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [FieldError(str(item.get("key") or "body"), str(item.get("message"))) for item in extra]
    if not errors:
        parameter = _PARAMETER.search(error.detail)
        errors = [FieldError(parameter[1] if parameter else "body", error.detail.split(" for ")[0])]
    return answer(problem(400, "; ".join(f"{item.field}: {item.message}" for item in errors), errors=errors))


def on_not_found(request: Request[Any, Any, Any], error: NotFound) -> Response[bytes]:
    """404 with what was asked for."""
    return answer(problem(404, str(error)))


def on_gone(request: Request[Any, Any, Any], error: Gone) -> Response[bytes]:
    """410: it existed, Open Library deleted it."""
    return answer(problem(410, str(error)))


def on_conflict(request: Request[Any, Any, Any], error: Conflict) -> Response[bytes]:
    """409 with what stands against it."""
    return answer(problem(409, str(error)))


def on_database_away(request: Request[Any, Any, Any], error: DatabaseUnavailable) -> Response[bytes]:
    """503 with Retry-After; the service recovers by itself."""
    return answer(database_away(), {"Retry-After": RETRY_AFTER})


def database_away() -> Problem:
    """The document for a database that cannot be reached."""
    return problem(503, "The database cannot be reached right now; try again in a moment.")


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Whatever else the framework refuses, in our shape."""
    status = error.status_code
    detail = error.detail if status < 500 else "Something went wrong on our side; it was logged."
    return answer(problem(status, detail or TITLES.get(status, "Error")), error.headers or None)


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """500 without details for the caller; the log has them."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return answer(problem(500, "Something went wrong on our side; it was logged."))


HANDLERS: dict[int | type[Exception], Any] = {
    BadInput: on_bad_input,
    Refused: on_refused,
    ValidationException: on_validation,
    NotFound: on_not_found,
    Gone: on_gone,
    Conflict: on_conflict,
    DatabaseUnavailable: on_database_away,
    HTTPException: on_http,
    Exception: on_anything,
}


def described(model: type, description: str = "", media: str = "application/json") -> ResponseSpec:
    """How the OpenAPI document shows an answer of a shape."""
    media = PROBLEM_JSON if issubclass(model, Problem) else media
    return ResponseSpec(
        model, description=description or (model.__doc__ or ""), generate_examples=False, media_type=media
    )
