"""Request bodies: JSON by name and by content, refused by field."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from alexandria.errors import BadInput

_PLACE = re.compile(r"^(?P<why>.*?)(?: - at `\$\.?(?P<field>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<field>.*)`")


def json_body(shape: type) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """A check that runs before a handler whose `data` is a `shape`: the framework's own says less.

    It raises 415 for another content type and BadInput, with the field's path, for anything but a `shape`.
    """
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shape)

    async def check(request: Request[Any, Any, Any]) -> None:
        if not request.headers.get("content-type", "").lower().startswith("application/json"):
            raise HTTPException(status_code=415, detail="Send JSON, with Content-Type: application/json.")
        body = await request.body()
        if not body:
            raise BadInput("body", "is empty; send a JSON object")
        try:
            decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _refused(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInput("body", f"is not valid JSON: {error}") from None
        except RecursionError:
            raise BadInput("body", "is nested too deeply") from None

    return check


def _refused(text: str) -> BadInput:
    found = _PLACE.match(text)
    unknown = _UNKNOWN.search(text)
    field = unknown["field"] if unknown else (found and found["field"]) or "body"
    return BadInput(field, "is not a field that is known here" if unknown else found["why"] if found else text)
