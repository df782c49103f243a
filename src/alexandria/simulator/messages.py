"""Requests and answers as the providers see them, and the routes between."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

CONTROL = "/_control/"  # what the paths begin with that no provider has
JSON = "application/json"
HTML = "text/html; charset=utf-8"
_encode = msgspec.json.Encoder().encode


class Request(NamedTuple):
    """One request: the path as it was sent (percent-encoded), the query decoded, header names in lower case.

    `age`: seconds since its last byte came in, which a busy machine may let wait.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    age: float = 0.0

    def form(self) -> Mapping[str, str]:
        """The fields of a form in the body; empty when the body is none."""
        if self.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return {}
        return parse_query(self.body.decode("utf-8", "replace"))


class Response(NamedTuple):
    """One answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    media: str = JSON


class Route(NamedTuple):
    """A path that is answered, and by what: the handler is given what the groups of the pattern hold, decoded."""

    method: str
    pattern: re.Pattern[str]
    handler: Callable[..., Response]


def route(method: str, pattern: str, handler: Callable[..., Response]) -> Route:
    """A route; the pattern must fit the whole path."""
    return Route(method, re.compile(pattern), handler)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as a JSON answer."""
    return Response(status, _encode(value), headers or {})


def html_response(title: str, status: int = 200) -> Response:
    """A web page where JSON was expected, as proxies and consent pages are."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Response(status, page.encode(), {}, HTML)


def parse_query(text: str) -> dict[str, str]:
    """The parameters of a query string, the last of each name; `+` is a blank, and what is no UTF-8 is replaced."""
    found = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.replace("+", " ").partition("=")
            found[unquote(name)] = unquote(value)
    return found


def whole_number(text: str, default: int) -> int | None:
    """The number that a parameter gives: the default for "", None for what is none."""
    if not text:
        return default
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None
