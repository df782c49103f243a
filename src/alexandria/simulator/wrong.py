"""Other questions than those asked, for providers that answer about the wrong book."""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from alexandria.biblio.isbn import hyphenate
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.catalogue.people import authors_named, name_of
from alexandria.simulator.messages import Request

_ISBN = re.compile(r"(?<![0-9A-Za-z])(?:97[89]-?)?[0-9](?:-?[0-9]){8}-?[0-9Xx](?![0-9A-Za-z])")
_OL_KEY = re.compile(r"\bOL(\d+)([MWA])\b", re.ASCII)
_ITEM = re.compile(r"\bQ(\d{11,12})\b", re.ASCII)  # those of the catalogue, not what they are instances of


def replace_isbns(catalogue: Catalogue, provider: str, request: Request) -> Request:
    """The request with the ISBN of another known book, in the same form, for each ISBN in it."""

    def other(match: re.Match[str]) -> str:
        number = catalogue.number(match[0])
        if number is None:
            return match[0]
        found = catalogue.another(provider, number)
        isbn, ten = numbers.isbns_of(found)
        thirteen = (hyphenate(isbn) if "-" in match[0] else None) or str(isbn)
        short = len(match[0].replace("-", "")) == 10 and ten is not None
        return f"{thirteen[3:-1].removeprefix('-')}{ten[-1]}" if short and ten else thirteen

    return _everywhere(request, _ISBN, other)


def replace_keys(request: Request) -> Request:
    """The request with the Open Library key three numbers on for each such key in it."""
    return _everywhere(request, _OL_KEY, lambda match: f"OL{int(match[1]) + 3}{match[2]}")


def replace_items(request: Request) -> Request:
    """The request with the item three numbers on for each item of the catalogue in it."""
    return _everywhere(request, _ITEM, lambda match: f"Q{int(match[1]) + 3}")


def replace_name(catalogue: Catalogue, request: Request, before: str) -> Request:
    """The request with the next author for the one whose name stands in its path behind `before`."""
    head, found, name = request.path.partition(before)
    authors = authors_named(unquote(name).replace("_", " "), catalogue.words) if found else []
    if not authors:
        return request
    return request._replace(path=f"{head}{before}{quote(name_of(authors[0] + 1, catalogue.words))}")


def _everywhere(request: Request, pattern: re.Pattern[str], other: Callable[[re.Match[str]], str]) -> Request:
    return request._replace(
        path=pattern.sub(other, request.path),
        query={name: pattern.sub(other, value) for name, value in request.query.items()},
        body=pattern.sub(other, request.body.decode("utf-8", "replace")).encode(),
    )
