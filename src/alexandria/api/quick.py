"""POST /api/enrich/edition, the usual write, around the framework, which takes a fifth of such a request's time.

What is not usual is left to the framework: a caller who may not, another content type, a body that is packed. What goes
wrong on the way is told to it, too, and raised again within it, so every refusal is made in one place.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from alexandria.api.auth import caller_in
from alexandria.api.bodies import FAILED, read_body
from alexandria.api.watch import note_route
from alexandria.api.writing import EditionWrite

PATH: Final = "/api/enrich/edition"
NEEDED: Final = "write"
_DECODER: Final = msgspec.json.Decoder(EditionWrite)

WriteEdition = Callable[[str, EditionWrite], Awaitable[tuple[int, bytes]]]  # by whom, what: status and body


def is_usual(scope: Any, limit: int) -> bool:
    """Whether a request is a write that may go around the framework; its body has at most so many bytes, as it says."""
    if scope["path"] != PATH or scope["method"] != "POST" or NEEDED not in caller_in(scope).scopes:
        return False
    types = 0
    for name, value in scope["headers"]:
        if name == b"content-type":
            if value != b"application/json":
                return False
            types += 1
        elif name == b"content-encoding" or (
            name == b"content-length" and not (len(value) < 10 and value.isdigit() and int(value) <= limit)
        ):
            return False
    return types == 1 and caller_in(scope).key_id is not None


async def serve(
    write: WriteEdition, framework: ASGIApp, limit: int, scope: Scope, receive: Receive, send: Send
) -> None:
    """Nothing; a usual request was answered."""
    note_route(scope, PATH)
    caller = caller_in(scope)
    assert caller.key_id is not None
    try:
        status, body = await write(caller.key_id, read_body(_DECODER, await _receive_all(receive, limit)))
    except Exception as error:  # answered by the framework as any other
        failed: Any = {**scope, FAILED: error}
        await framework(failed, receive, send)
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _receive_all(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises HTTPException, and what `receive` raises for one that breaks off."""
    body = bytearray()
    while True:
        message: Any = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            raise HTTPException(status_code=413, detail="Request Entity Too Large")
        if not message.get("more_body", False):
            return bytes(body)
