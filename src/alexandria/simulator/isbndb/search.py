"""ISBNdb's searches: which editions a query finds, and the filters of `GET /books/{query}`."""

import re
from collections.abc import Callable, Mapping

from alexandria.simulator.catalogue import Catalogue, Edition
from alexandria.simulator.isbndb.book import ISO_639_3
from alexandria.simulator.isbndb.paging import Refused

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
Keeps = Callable[[Edition], bool]


def find_books(catalogue: Catalogue, text: str, query: Mapping[str, str]) -> list[int]:
    """The numbers of the editions that `GET /books/{query}` finds. Raises Refused.

    Without `shouldMatchAll=1` the index is generous: two books of others follow those that fit.
    """
    finders: dict[str, Callable[[str], list[int]]] = {
        "": catalogue.by_text,
        "title": catalogue.by_title,
        "author": catalogue.by_author,
        "date_published": catalogue.by_date,
        "subjects": catalogue.by_subject,
    }
    column = query.get("column", "")
    if column not in finders:
        raise Refused(f"column must be one of {', '.join(name for name in finders if name)}")
    found = finders[column](text)
    keeps = [*_date_filters(query), *language_filter(query)]
    known = keep_known(catalogue, found, keeps)
    if known and column in ("", "title") and query.get("shouldMatchAll") != "1":
        nearby = catalogue.another("isbndb", known[-1])
        known += [nearby, catalogue.another("isbndb", nearby)]
    return known


def search_books(catalogue: Catalogue, query: Mapping[str, str]) -> list[int]:
    """The numbers of the editions that fit every parameter of `GET /search/books`."""
    finders: dict[str, Callable[[str], list[int]]] = {
        "isbn": lambda text: _one(catalogue, text),
        "isbn13": lambda text: _one(catalogue, text),
        "author": catalogue.by_author,
        "text": catalogue.by_text,
        "subject": catalogue.by_subject,
        "publisher": catalogue.by_publisher,
    }
    found: list[int] | None = None
    for name, find in finders.items():
        if query.get(name):
            fitting = find(query[name])
            among = set(fitting)
            found = fitting if found is None else [number for number in found if number in among]
    return keep_known(catalogue, found or [], [])


def keep_known(catalogue: Catalogue, numbers: list[int], keeps: list[Keeps]) -> list[int]:
    """Those of the editions that ISBNdb knows and that pass every filter."""
    known = [number for number in numbers if catalogue.knows("isbndb", number)]
    if not keeps:
        return known
    return [number for number in known if all(keep(catalogue.edition(number)) for keep in keeps)]


def _one(catalogue: Catalogue, text: str) -> list[int]:
    number = catalogue.number(text)
    return [] if number is None else [number]


def language_filter(query: Mapping[str, str]) -> list[Keeps]:
    """The filter of a `language` parameter, if there is one: the three-letter code, exactly."""
    wanted = query.get("language")
    return [lambda edition: ISO_639_3.get(edition.language) == wanted] if wanted else []


def _date_filters(query: Mapping[str, str]) -> list[Keeps]:
    year, first, last = (query.get(name, "") for name in ("year", "publishedFrom", "publishedTo"))
    if year and (first or last):
        raise Refused("year cannot be combined with publishedFrom or publishedTo")
    for name, text in (("publishedFrom", first), ("publishedTo", last)):
        if text and not _DATE.fullmatch(text):
            raise Refused(f"{name} must be YYYY, YYYY-MM or YYYY-MM-DD")
    keeps: list[Keeps] = []
    if year:
        keeps.append(lambda edition: str(edition.year) == year)
    if first:
        keeps.append(lambda edition: _day(edition) >= first)
    if last:
        keeps.append(lambda edition: _day(edition)[: len(last)] <= last)
    return keeps


def _day(edition: Edition) -> str:
    return f"{edition.year}-{edition.month:02}-{edition.day:02}"
