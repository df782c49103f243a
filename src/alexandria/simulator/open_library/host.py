"""Open Library's host: who may ask how fast, and routes (providers.md 5).

A User-Agent with an e-mail address or web page in it is identified: three requests a second. None at all is anonymous:
one. A name without contact is refused.
"""

from typing import Any, ClassVar

import msgspec

from alexandria.sample.words import CODES
from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.clock import Clock
from alexandria.simulator.faults import Fault
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.messages import Request, Response, Route, html_response, json_response, route
from alexandria.simulator.meter import Meter
from alexandria.simulator.open_library import keys
from alexandria.simulator.open_library.bibkeys import read_books
from alexandria.simulator.open_library.changes import Changes, moment
from alexandria.simulator.open_library.recent import bend, is_kind, list_changes, one_change
from alexandria.simulator.open_library.records import Records
from alexandria.simulator.open_library.search import (
    edition_key,
    query_things,
    search_authors,
    search_subjects,
    search_works,
    window,
)
from alexandria.simulator.wrong import replace_isbns, replace_keys

_ADVICE = "Too Many Requests. Consider using https://openlibrary.org/developers/dumps."
_PERIOD, _KIND = r"(\d{4}(?:/\d\d){0,2})", r"([a-z][a-z_-]*)"


class OpenLibrary(Host):
    """openlibrary.org."""

    name: ClassVar[str] = "open_library"
    bucket: ClassVar[str] = "open_library"

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        self._changes = Changes(catalogue, clock)
        self._records = Records(catalogue, self._changes)
        super().__init__(catalogue, clock, meter)

    def list_routes(self) -> list[Route]:
        return [
            route("GET", r"/isbn/([^/]+)\.json", self._isbn),
            route("GET", r"(/(?:books|works|authors)/OL\d+[MWA])\.json", self._record),
            route("GET", "/api/get_many", self._get_many),
            route("GET", "/search.json", self._search),
            route("GET", r"/api/books(\.json)?", self._api_books),
            route("GET", r"/works/(OL\d+W)/editions\.json", self._editions),
            route("GET", r"/authors/(OL\d+A)/works\.json", self._works),
            route("GET", r"/works/(OL\d+W)/(ratings|bookshelves)\.json", self._counts),
            route("GET", r"/query\.json", self._query),
            route("GET", r"/search/(authors|subjects)\.json", self._search_names),
            route("GET", r"/(subjects|publishers)/([^/]+)\.json", self._listing),
            route("GET", r"/languages\.json", self._languages),
            route("GET", r"/recentchanges\.json", self._recent),
            route("GET", rf"/recentchanges/{_PERIOD}\.json", self._recent),
            route("GET", rf"/recentchanges/{_PERIOD}/{_KIND}\.json", self._recent),
            route("GET", rf"/recentchanges/{_KIND}\.json", self._recent_kind),
            route("GET", rf"/recentchanges/{_PERIOD}/{_KIND}/(\d+)\.json", self._change),
            route("GET", r"/recentchanges/goto/(\d+)", self._goto),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        if status == 429:
            return json_response({"status": 429, "message": _ADVICE}, 429)
        return json_response({"error": "notfound"}, 404) if status == 404 else html_response(f"Error {status}", status)

    def wrong(self, request: Request) -> Request:
        return replace_keys(replace_isbns(self.catalogue, self.name, request))

    def ask_otherwise(self, request: Request, fault: Fault) -> Request:
        return request._replace(query=bend(request.query, fault))

    def refuse(self, request: Request) -> Response | None:
        return (
            html_response("403 Forbidden", 403)
            if request.headers.get("user-agent") and not has_contact(request)
            else None
        )

    def own_rate(self, request: Request) -> float | None:
        return None if has_contact(request) else 1.0

    def answer(self, request: Request) -> tuple[str, Response]:
        self.meter.spend(1)
        return super().answer(request)

    def _isbn(self, request: Request, text: str) -> Response:
        number = self.catalogue.number(text)
        key = None if number is None else self._records.key_of_isbn(number)
        if key is None:
            return json_response({"error": "notfound", "key": f"/isbn/{text}"}, 404)
        return Response(302, b"", {"Location": f"{key}.json"}, "text/plain")

    def _record(self, request: Request, key: str) -> Response:
        record = self._records.get(key)
        if record is None:
            return json_response({"error": "notfound", "key": key}, 404)
        if request.query.get("m") == "history":
            return self._history(request, key, int(record["revision"]))
        asked = request.query.get("v", "")
        if asked.isdecimal() and int(asked[:9]) < record["revision"]:
            record = {**record, "revision": int(asked[:9])}
        return json_response(record)

    def _history(self, request: Request, key: str, newest: int) -> Response:
        limit, offset = window(request.query, default=20)
        revisions = range(newest - offset, max(newest - offset - limit, 0), -1)
        items = [
            {"key": key, "revision": each, "action": "update", "author": None, "comment": None, "ip": None}
            for each in revisions
        ]
        return json_response(items)

    def _get_many(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(request.query.get("keys", ""), type=list[str])
        except msgspec.MsgspecError:
            return json_response({"status": "error", "message": "keys must be a JSON list"}, 400)
        found = {key: record for key in asked if (record := self._records.get(key)) is not None}
        return json_response({"status": "ok", "result": found})

    def _search(self, request: Request) -> Response:
        return search_works(self.catalogue, request.query)

    def _api_books(self, request: Request, ending: str | None) -> Response:
        return read_books(self.catalogue, self._records, request.query, as_json=ending is not None)

    def _editions(self, request: Request, olid: str) -> Response:
        key = f"/works/{olid}"
        parsed = keys.parse(key)
        if parsed and 0 <= parsed.number - keys.LIVE < numbers.WORKS:
            known = [each for each in numbers.editions_of(parsed.number - keys.LIVE) if self._knows(each)]
            return self._entries(request, key, "editions", [edition_key(self.catalogue, each) for each in known])
        found = [
            edition
            for edition, record in self.catalogue.sample.records.items()
            if {"key": key} in record.get("works", [])
        ]
        return self._entries(request, key, "editions", found)

    def _works(self, request: Request, olid: str) -> Response:
        key = f"/authors/{olid}"
        parsed = keys.parse(key)
        if parsed and 0 <= parsed.number - keys.LIVE < numbers.AUTHORS:
            works = numbers.works_of(parsed.number - keys.LIVE)
            return self._entries(request, key, "works", [keys.write("works", keys.LIVE + work) for work in works])
        found = [
            work
            for work, record in self.catalogue.sample.records.items()
            if work.startswith("/works/") and any(_author_key(each) == key for each in record.get("authors", []))
        ]
        return self._entries(request, key, "works", found)

    def _entries(self, request: Request, key: str, what: str, found: list[str]) -> Response:
        limit, offset = window(request.query, default=50)
        parent = "work" if what == "editions" else "author"
        links = {"self": f"{key}/{what}.json", parent: key}
        if offset + limit < len(found):
            links["next"] = f"{key}/{what}.json?limit={limit}&offset={offset + limit}"
        entries = [self._records.get(each) for each in found[offset : offset + limit]]
        return json_response({"links": links, "size": len(found), "entries": [each for each in entries if each]})

    def _knows(self, edition: int) -> bool:
        return self.catalogue.knows(self.name, edition)

    def _counts(self, request: Request, olid: str, what: str) -> Response:
        number = int(olid[2:-1])
        if what == "bookshelves":
            return json_response({"counts": {"want_to_read": number % 90, "currently_reading": 1, "already_read": 2}})
        return json_response({"summary": {"average": 1 + number % 9 / 2, "count": number % 50}, "counts": {}})

    def _query(self, request: Request) -> Response:
        return query_things(self.catalogue, self._knows, request.query)

    def _search_names(self, request: Request, what: str) -> Response:
        return (search_authors if what == "authors" else search_subjects)(self.catalogue, request.query)

    def _listing(self, request: Request, what: str, name: str) -> Response:
        text = name.replace("_", " ")
        find = self.catalogue.by_subject if what == "subjects" else self.catalogue.by_publisher
        works = list(dict.fromkeys(numbers.work_of(number) for number in find(text)))
        limit, offset = window(request.query, default=12)
        shown = [self._records.get(keys.write("works", keys.LIVE + each)) for each in works[offset : offset + limit]]
        listed = [{"key": each["key"], "title": each["title"]} for each in shown if each]
        return json_response({"key": f"/{what}/{name}", "name": text, "work_count": len(works), "works": listed})

    def _languages(self, request: Request) -> Response:
        return json_response([{"key": f"/languages/{code}", "code": code, "name": code} for code in CODES])

    def _recent(self, request: Request, period: str | None = None, kind: str | None = None) -> Response:
        if kind is not None and not is_kind(kind):
            return self.failure(404)
        return list_changes(self._changes, period, kind, request.query) or self.failure(404)

    def _recent_kind(self, request: Request, kind: str) -> Response:
        return self._recent(request, None, kind)

    def _change(self, request: Request, period: str, kind: str, text: str) -> Response:
        change = one_change(self._changes, text)
        return json_response(change._asdict()) if change and change.kind == kind else self.failure(404)

    def _goto(self, request: Request, text: str) -> Response:
        change = one_change(self._changes, text)
        if change is None:
            return self.failure(404)
        day = moment(int(change.id))[:10].replace("-", "/")
        return Response(303, b"", {"Location": f"/recentchanges/{day}/{change.kind}/{change.id}"}, "text/plain")


def _author_key(reference: Any) -> str | None:
    author = reference.get("author")
    return author.get("key") if isinstance(author, dict) else author
