"""The failure matrix: what each fault of a provider's server becomes for whoever asked.

A column is a call of a provider; a row is a fault; a cell is the typed outcome. `test_failures` holds ISBNdb and Google
Books to theirs against a real server; `table` writes the matrix for the documentation.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from tests.net.server import Answer, json_answer

FAULTS: Final = {
    "nobody listens": "the connection is refused",
    "time-out": "no answer",
    "reset": "the connection is reset before the answer",
    "reset in the body": "the connection is reset in the middle of it",
    "slow drip": "one byte after another, for ever",
    "truncated": "the body ends before its time",
    "empty": "200 without a body",
    "HTML": "200 with a web page",
    "another shape": "200 with JSON of another kind",
    "401": "our key is not accepted",
    "403": "we may not do this",
    "404": "its own words for: not known",
    "404 page": "a web page that says 404: a wrong address",
    "429 a second": "too fast, in words only",
    "429 a second, told": "too fast, with a header that says when to ask again",
    "429 a day": "the day is used up, in words only",
    "429 a day, told": "the day is used up, with headers that say so",
    "429 bare": "429 without words and headers",
    "500": "it broke",
    "503": "it is away",
    "503, told": "it is away, with Retry-After",
    "wrong book": "a book that was not asked for",
}


class Row(NamedTuple):
    """One cell of the matrix. `outcome` is the name of a type; `again` whether `retry_at` says when to ask again."""

    provider: str
    call: str
    fault: str
    outcome: str
    again: str = ""


def rows(provider: str, call: str, outcomes: Mapping[str, str]) -> list[Row]:
    """One column, from outcomes such as "Throttled" or "Throttled, told"."""
    return [
        Row(provider, call, fault, outcome.partition(", ")[0], outcome.partition(", ")[2])
        for fault, outcome in outcomes.items()
    ]


def table(cells: Iterable[Row]) -> str:
    """The matrix as a table for the documentation: faults down, calls across."""
    found = {(row.provider, row.call, row.fault): f"`{row.outcome}`" for row in cells}
    columns = list(dict.fromkeys(key[:2] for key in found))
    lines = ["| Fault |" + "".join(f" {provider}: {call} |" for provider, call in columns)]
    lines.append("| --- |" + " --- |" * len(columns))
    for fault, meaning in FAULTS.items():
        cells_of = "".join(f" {found.get((*column, fault), '')} |" for column in columns)
        lines.append(f"| {fault}: {meaning} |{cells_of}")
    return "\n".join(lines)


def on_the_wire(body: bytes) -> dict[str, Answer]:
    """What goes wrong in the same way with every provider, where `body` would have been right."""
    page = b"<!doctype html><title>Hello</title>"
    soon = (datetime.now(UTC) + timedelta(minutes=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return {
        "time-out": Answer(fault="silent"),
        "reset": Answer(fault="reset"),
        "reset in the body": Answer(body, fault="reset in the body"),
        "slow drip": Answer(body, fault="drip"),
        "truncated": Answer(body, fault="cut"),
        "empty": Answer(b""),
        "HTML": Answer(page, content_type="text/html; charset=utf-8"),
        "another shape": json_answer({"hello": ["world"]}),
        "401": json_answer({}, 401),
        "403": json_answer({}, 403),
        "404 page": Answer(page, 404, content_type="text/html"),
        "429 a second, told": json_answer({}, 429, Retry_After="60"),
        "429 bare": Answer(b"", 429),
        "500": Answer(page, 500, content_type="text/html"),
        "503": Answer(b"", 503),
        "503, told": Answer(b"", 503, {"Retry-After": soon}),
    }


_ISBNDB: Final = {
    "nobody listens": "Unavailable",
    "time-out": "Unavailable",
    "reset": "Unavailable",
    "reset in the body": "Unavailable",
    "slow drip": "Unavailable",
    "truncated": "Malformed",
    "empty": "Malformed",
    "HTML": "Malformed",
    "another shape": "Malformed",
    "401": "Unauthorized",
    "403": "Unauthorized",
    "404": "NotFound",
    "404 page": "Malformed",
    "429 a second": "Throttled",
    "429 a second, told": "Throttled, told",
    "429 a day": "QuotaExhausted, told",
    "429 a day, told": "QuotaExhausted, told",
    "429 bare": "Throttled",
    "500": "Unavailable",
    "503": "Unavailable",
    "503, told": "Unavailable, told",
    "wrong book": "Malformed",
}
_GOOGLE: Final = _ISBNDB | {
    "404": "Malformed",  # a list of volumes is never missing, so that is a wrong address
    "wrong book": "NotFound",  # it is known to answer with another book when it does not have the one
}

ROWS: Final = [
    *rows("isbndb", "book", _ISBNDB),
    *rows("isbndb", "books", _ISBNDB | {"404": "Malformed"}),  # a batch leaves out what it does not know
    *rows("isbndb", "author page", {**_ISBNDB, "404": "Page", "wrong book": "Page"}),
    *rows("google-books", "by isbn", _GOOGLE),
    *rows("google-books", "search", {**_GOOGLE, "wrong book": "tuple"}),
]
