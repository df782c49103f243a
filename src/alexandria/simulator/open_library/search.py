"""Searches: `/search.json`, whose documents are works, `/query.json`, and those by author and subject."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.messages import Response, json_response, whole_number
from alexandria.simulator.open_library import keys

STOP_WORDS = ("the", "and", "for")
_ISBNS = re.compile(r"isbn:\s*(?:\(([^)]*)\)|(\S+))")
_DEFAULT_FIELDS = (
    "author_key", "author_name", "cover_i", "ebook_access", "edition_count", "first_publish_year", "has_fulltext",
    "key", "language", "title",
)  # fmt: skip
Finder = Callable[[str], list[int]]


def search_works(catalogue: Catalogue, query: Mapping[str, str]) -> Response:
    """The works that `/search.json` finds."""
    text = query.get("q", "")
    if "q" in query and (len(text.strip()) < 3 or text.strip().lower() in STOP_WORDS):
        return json_response({"error": "Query too short"}, 422)
    found = _find(catalogue, query)
    limit, offset = window(query, default=100)
    page = whole_number(query.get("page", ""), 1) or 1
    start = offset or (page - 1) * limit
    works = _works_of(catalogue, found)
    docs = [_document(catalogue, *work, query.get("fields", "")) for work in list(works.items())[start : start + limit]]
    return json_response(
        {
            "numFound": len(works),
            "start": start,
            "numFoundExact": True,
            "num_found": len(works),
            "documentation_url": "https://openlibrary.org/dev/docs/api/search",
            "q": text,
            "offset": offset or None,
            "docs": docs,
        }
    )


def search_authors(catalogue: Catalogue, query: Mapping[str, str]) -> Response:
    """The authors of a name."""
    people = catalogue.people_named(query.get("q", ""))
    docs = [
        {
            "key": keys.olid("authors", person.number + (0 if person.is_stranger else keys.LIVE)),
            "name": person.name,
            "birth_date": str(person.born),
            "work_count": len(numbers.works_of(person.number)),
            "type": "author",
        }
        for person in people
    ]
    return json_response({"numFound": len(docs), "start": 0, "numFoundExact": True, "docs": docs})


def search_subjects(catalogue: Catalogue, query: Mapping[str, str]) -> Response:
    """The subjects whose name has the text in it."""
    text = query.get("q", "").lower()
    names = [name for name in catalogue.words.subjects if text and text in name.lower()]
    docs = [{"key": f"/subjects/{name.replace(' ', '_').lower()}", "name": name} for name in names]
    return json_response({"numFound": len(docs), "start": 0, "docs": docs})


def query_things(catalogue: Catalogue, known: Callable[[int], bool], query: Mapping[str, str]) -> Response:
    """The keys that `/query.json` finds, by type and one property; patterns are refused."""
    if any(name.endswith("~") for name in query):
        return json_response({"error": "pattern queries are not supported"}, 422)
    limit, offset = window(query, default=20)
    found: list[str] = []
    match query.get("type"):
        case "/type/edition":
            editions = [number for number in _find_editions(catalogue, query) if known(number)]
            found = [edition_key(catalogue, number) for number in editions]
        case "/type/work" if query.get("title"):
            works = dict.fromkeys(numbers.work_of(number) for number in catalogue.by_title(query["title"]))
            found = [keys.write("works", keys.LIVE + work) for work in works]
        case "/type/author" if query.get("name"):
            people = catalogue.people_named(query["name"])
            found = [keys.write("authors", each.number + (0 if each.is_stranger else keys.LIVE)) for each in people]
    return json_response([{"key": key} for key in found[offset : offset + limit]])


def window(query: Mapping[str, str], default: int) -> tuple[int, int]:
    """`limit` (1,000 at most) and `offset` of a query, the defaults where they are no numbers."""
    limit, offset = whole_number(query.get("limit", ""), default), whole_number(query.get("offset", ""), 0)
    return min(default if limit is None else limit, 1_000), offset or 0


def edition_key(catalogue: Catalogue, number: int) -> str:
    """The key of an edition's record."""
    return catalogue.sample.keys.get(numbers.isbn_of(number)) or keys.write("books", keys.LIVE + number)


def _find_editions(catalogue: Catalogue, query: Mapping[str, str]) -> list[int]:
    for name in ("isbn_13", "isbn_10", "isbn_"):
        if query.get(name):
            number = catalogue.number(query[name])
            return [] if number is None else [number]
    work = keys.parse(query.get("works", ""))
    if work and work.kind == "works" and 0 <= work.number - keys.LIVE < numbers.WORKS:
        return list(numbers.editions_of(work.number - keys.LIVE))
    return catalogue.by_title(query["title"]) if query.get("title") else []


def _find(catalogue: Catalogue, query: Mapping[str, str]) -> list[int]:
    asked = " ".join([query.get("q", ""), f"isbn:{query['isbn']}" if query.get("isbn") else ""])
    match = _ISBNS.search(asked)
    if match:
        words = (match[1] or match[2]).replace(" OR ", " ").split()
        found: Iterable[int] = (number for word in words if (number := catalogue.number(word)) is not None)
    elif query.get("title") and query.get("author"):
        found = catalogue.by_both(query["title"], query["author"])
    else:
        finders: dict[str, Finder] = {
            "q": catalogue.by_text,
            "title": catalogue.by_title,
            "author": catalogue.by_author,
            "author_key": lambda text: _by_author_key(catalogue, text),
            "subject": catalogue.by_subject,
            "publisher": catalogue.by_publisher,
        }
        found = next((find(query[name]) for name, find in finders.items() if query.get(name)), [])
    return [number for number in found if catalogue.knows("open_library", number)]


def _by_author_key(catalogue: Catalogue, text: str) -> list[int]:
    key = keys.parse(text)
    if key is None or key.kind != "authors":
        return []
    if not keys.LIVE <= key.number < keys.OLD:
        return catalogue.by_author(catalogue.stranger(key.number).name)
    if key.number - keys.LIVE >= numbers.AUTHORS:
        return []
    return [number for work in numbers.works_of(key.number - keys.LIVE) for number in numbers.editions_of(work)]


def _works_of(catalogue: Catalogue, found: Iterable[int]) -> dict[str, list[int]]:
    """The key of each work of these editions, with the editions that are shown of it."""
    works: dict[str, list[int]] = {}
    for number in found:
        edition = catalogue.sample.keys.get(numbers.isbn_of(number))
        if edition:
            own = catalogue.sample.records[edition].get("works") or [{"key": edition}]
            works.setdefault(own[0]["key"], []).append(number)
        else:
            work = numbers.work_of(number)
            known = [each for each in numbers.editions_of(work) if catalogue.knows("open_library", each)]
            works[keys.write("works", keys.LIVE + work)] = known
    return works


def _document(catalogue: Catalogue, key: str, found: list[int], fields: str) -> dict[str, Any]:
    editions = [catalogue.edition(number) for number in found]
    isbns = [text for each in editions for text in (str(each.isbn), each.isbn10) if text]
    first = editions[0]
    whole: dict[str, Any] = {
        "key": key,
        "title": first.title,
        "author_key": _author_keys(catalogue, first.number),
        "author_name": list(first.authors),
        "edition_key": [edition_key(catalogue, each.number).removeprefix("/books/") for each in editions],
        "edition_count": len(editions),
        "isbn": isbns,
        "publisher": sorted({each.publisher for each in editions}),
        "language": sorted({each.language for each in editions}),
        "publish_date": [str(each.year) for each in editions],
        "publish_year": sorted({each.year for each in editions}),
        "first_publish_year": min(each.year for each in editions),
        "number_of_pages_median": first.pages,
        "subject": list(first.subjects),
        "ebook_access": "no_ebook",
        "has_fulltext": False,
        **({"cover_i": 10_000_000 + first.work % 10_000_000} if first.work % 4 else {}),
    }
    if fields == "*":
        return whole
    wanted = fields.split(",") if fields else _DEFAULT_FIELDS
    document = {name: whole[name] for name in wanted if name in whole}
    if any(name.partition(".")[0] == "editions" for name in wanted):
        document["editions"] = _best_edition(catalogue, first.number)
    return document


def _author_keys(catalogue: Catalogue, number: int) -> list[str]:
    edition = catalogue.sample.keys.get(numbers.isbn_of(number))
    if edition is None:
        return [keys.olid("authors", keys.LIVE + author) for author in numbers.authors_of(numbers.work_of(number))]
    return [each["key"].removeprefix("/authors/") for each in catalogue.sample.records[edition].get("authors", [])]


def _best_edition(catalogue: Catalogue, number: int) -> dict[str, Any]:
    edition = catalogue.edition(number)
    isbns = [text for text in (str(edition.isbn), edition.isbn10) if text]
    doc = {"key": edition_key(catalogue, number), "title": edition.title, "isbn": isbns, "language": [edition.language]}
    return {"numFound": 1, "start": 0, "numFoundExact": True, "docs": [doc]}
