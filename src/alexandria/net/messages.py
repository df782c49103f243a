"""What is asked and what is answered: one request, its reply, and the reply's JSON as a shape of ours."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from alexandria.biblio.text import clean_line
from alexandria.errors import Malformed, ProviderFailed

T = TypeVar("T")
LARGEST = 8 << 20  # bytes of a body, unpacked
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole and unpacked; header names in lower case. `url` is fit to be shown, `received_at` is UTC."""

    bucket: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime
    secrets: tuple[str, ...] = field(default=(), repr=False)


Judge = Callable[[Reply], ProviderFailed | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask. `timeout` bounds one attempt from the connection to the last byte, in seconds; `limit` its body.

    `redirects` None: a redirect is an answer like any other; else it is followed to the same host and to those named.
    `secrets` are hidden from every message, and headers that hold one do not follow to another host. `judge` says what
    an answer from status 400 on means where it is not what `verdict` says (None: it is).
    """

    url: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    timeout: float = 15.0
    limit: int = LARGEST
    attempts: int = 3
    redirects: Collection[str] | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    judge: Judge | None = field(default=None, repr=False)


class Note(NamedTuple):
    """What an answer says for the ledger: units it charged, items it knew, units left of the day."""

    charged: int | None = None
    found: int | None = None
    remaining: int | None = None


def decode(reply: Reply, shape: type[T]) -> T:
    """The JSON of an answer as a `shape`. Raises Malformed for another status, content type or shape."""
    if not 200 <= reply.status < 300:
        raise Malformed(reply.bucket, f"{reply.url} answers {reply.status}, which is no answer to this question")
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not (kind.endswith(("/json", "+json"))):
        raise Malformed(reply.bucket, f"{reply.url} answers with {clean_line(kind, 60)} instead of JSON")
    return read_json(reply, reply.body, shape)


def read_json(reply: Reply, body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """A piece of an answer's JSON as a `shape`. Raises Malformed, without a word of the content."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise Malformed(reply.bucket, f"{reply.url} answers what it does not document ({reason})") from None


def words_of(reply: Reply) -> str:
    """What an answer says in its usual places for errors: one short line without secrets, often empty."""
    try:
        body = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return clean_line(hide(_words(body), reply.secrets), _LONGEST_WORDS)


def _words(body: Any) -> str:
    """The first text among the names that errors have; `error` may be an object with such names of its own."""
    if isinstance(body, dict):
        for name in ("message", "errorMessage", "error", "error_description", "detail", "title"):
            found = body.get(name)
            if isinstance(found, dict):
                found = found.get("message")
            if isinstance(found, str) and found:
                return found
    return ""


def hide(text: str, secrets: Collection[str]) -> str:
    """The text with "…" for each secret."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text
