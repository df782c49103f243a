"""Request bodies: JSON by name and by content, refused by field."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from alexandria.api.problems import Problem, described
from alexandria.errors import BadInput

UNREAD = {
    413: described(Problem, description="The body is longer than 1 MiB"),
    415: described(Problem, description="The body is not declared as JSON"),
}
FAILED: Final = "alexandria.failed"  # in a scope: what went wrong with a request before the framework had it
LONGEST_NAME = 100  # characters of somebody's field name that an answer repeats
Shape = TypeVar("Shape")
_PLACE = re.compile(r"^(?P<why>.*?)(?: - at `\$\.?(?P<field>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<field>.*)`", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<field>[^`]*)`")


def json_body(shape: type) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """A check that runs before a handler whose `data` is a `shape`: the framework's own says less.

    It raises 415 for another content type and BadInput, with the field's path, for anything but a `shape`, and for a
    name that an object gives twice: one of the two values would be lost.
    """
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shape)

    async def check(request: Request[Any, Any, Any]) -> None:
        failed = request.scope.get(FAILED)
        if isinstance(failed, Exception):
            raise failed
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(status_code=415, detail="Send JSON, with Content-Type: application/json.")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(status_code=415, detail="Send the body as it is, without a Content-Encoding.")
        read_body(decoder, await request.body())

    return check


def read_body(decoder: msgspec.json.Decoder[Shape], body: bytes) -> Shape:
    """What a body says. Raises BadInput with the field's path."""
    if not body:
        raise BadInput("body", "is empty; send a JSON object")
    try:
        found = decoder.decode(body)
        _NAMES_ONCE.decode(body.decode())
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput("body", f"is not valid JSON: {error}") from None
    except RecursionError:
        raise BadInput("body", "is nested too deeply") from None
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput(name[:LONGEST_NAME] or "body", "is given more than once")
        found[name] = value
    return found


_NAMES_ONCE = json.JSONDecoder(object_pairs_hook=_each_once, parse_int=str, parse_float=str)


def _refused(text: str) -> BadInput:
    for pattern, message in ((_UNKNOWN, "is not a field that is known here"), (_MISSING, "is missing")):
        if named := pattern.search(text):
            return BadInput(named["field"][:LONGEST_NAME] or "body", message)
    found = _PLACE.match(text)
    return BadInput((found and found["field"]) or "body", found["why"] if found else text)
