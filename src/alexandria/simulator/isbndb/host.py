"""ISBNdb's host: keys, prices, limits and routes (providers.md 1).

Any bare key is good, unless it begins with `bad` or `inactive`. Every request costs a unit, but for `GET /key`, which
must answer when none is left (chosen: nothing documents it), and the update feed; `POST /books` costs one for each
distinct valid ISBN.
"""

from typing import Any, ClassVar

import msgspec

from alexandria.simulator.catalogue import numbers
from alexandria.simulator.covers.hosts import original_address
from alexandria.simulator.host import Host
from alexandria.simulator.isbndb import feed
from alexandria.simulator.isbndb.book import IMAGES, as_object, render_book
from alexandria.simulator.isbndb.paging import DEEPEST, Page, Refused, check_query, error, read_page
from alexandria.simulator.isbndb.search import find_books, keep_known, language_filter, search_books
from alexandria.simulator.messages import Request, Response, Route, json_response, route
from alexandria.simulator.wrong import replace_isbns, replace_name

_TEXTS = {
    400: "Bad request",
    401: "Bad credentials.",
    403: "This feature is not included in your plan",
    404: "Book not found",
    429: "Per minute quota exceeded, please try again later",
}
_USED_UP = "Daily quota exceeded, please try again later"
_KEY_PARAMETERS = ("key", "api_key", "apikey", "authorization")
_PLANS_WITH_FEED = ("premium", "pro", "enterprise")
_PLANS_WITH_PRICES = ("pro", "enterprise")


class Isbndb(Host):
    """api2.isbndb.com."""

    name: ClassVar[str] = "isbndb"
    bucket: ClassVar[str] = "isbndb"

    def list_routes(self) -> list[Route]:
        return [
            route("POST", "/books", self._books_by_isbn),
            route("GET", "/book/([^/]+)", self._book),
            route("GET", "/author/([^/]+)", self._author),
            route("GET", "/books/([^/]+)", self._books),
            route("GET", "/key", self._key),
            route("GET", "/search/books", self._search_books),
            route("GET", "/authors/([^/]+)", self._authors),
            route("GET", "/publisher/([^/]+)", self._publisher),
            route("GET", "/publishers/([^/]+)", self._publishers),
            route("GET", "/subject/([^/]+)", self._subject),
            route("GET", "/subjects/([^/]+)", self._subjects),
            route("GET", "/search/(authors|publishers|subjects)", self._search_names),
            route("GET", "/stats", self._stats),
            route("GET", "/feeds/books/updates", self._updates),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        text = _USED_UP if daily and status == 429 else _TEXTS.get(status, "Internal server error")
        headers = self._rate_headers(daily=daily) if status == 429 else {}
        return error(status, text, {**headers, "Retry-After": "5"} if status == 503 else headers)

    def wrong(self, request: Request) -> Request:
        return replace_name(self.catalogue, replace_isbns(self.catalogue, "isbndb", request), "/author/")

    def refuse(self, request: Request) -> Response | None:
        key = request.headers.get("authorization", "")
        in_query = any(name.lower() in _KEY_PARAMETERS for name in request.query)
        if key and not in_query and " " not in key and not key.startswith(("bad", "inactive")):
            return None
        self.meter.violate("auth", "a key in the query" if in_query else "no key that is good")
        if not key or in_query:
            return error(401, "Full authentication is required to access this resource.")
        return error(401, "Api key is not active" if key.startswith("inactive") else "Bad credentials.")

    def answer(self, request: Request) -> tuple[str, Response]:
        try:
            name, response = super().answer(request)
        except Refused as refused:
            name, response = "bad_request", error(refused.status, refused.text)
        return name, response._replace(headers={**self._rate_headers(), **response.headers})

    def _rate_headers(self, *, daily: bool = False) -> dict[str, str]:
        limits = self.meter.limits
        if not limits.headers or not limits.rate or not limits.daily:
            return {}
        minute = int(limits.rate * 60)
        left = max(minute - self.meter.in_last_minute(), 0)
        day = max(limits.daily - self.meter.spent_today(), 0)
        wait = int(self.clock.seconds_left()) + 1
        used_up = f'"daily";r=0;t={wait}' if daily or not day else f'"rate";r={left};t={0 if left else 1}'
        return {
            "ratelimit-policy": f'"rate";q={minute};w=60, "daily";q={limits.daily};w=86400',
            "ratelimit": used_up,
        }

    def _book(self, request: Request, text: str) -> Response:
        prices = request.query.get("with_prices") == "1"
        if prices and self.meter.limits.plan not in _PLANS_WITH_PRICES:
            raise Refused(_TEXTS[403], 403)
        self.meter.spend(1)
        number = self.catalogue.number(text)
        if number is None or not self.catalogue.knows("isbndb", number):
            return error(404, _TEXTS[404])
        return json_response({"book": self._book_of(number, prices=prices)})

    def _book_of(self, number: int, *, prices: bool = False) -> dict[str, Any]:
        """The book, with an address of its original picture that does not work for long."""
        images, edition = self.urls.get("isbndb_pictures", IMAGES), self.catalogue.edition(number)
        book = render_book(self.catalogue, edition, prices=prices, images=images)
        original = original_address(images, str(edition.isbn), self.clock.now().timestamp())
        return {**book, "image_original": original} if edition.bits & 3 else book

    def _books_by_isbn(self, request: Request) -> Response:
        asked = _asked(request)
        most = self.meter.limits.batch
        if most and len(asked) > most:
            raise Refused(f"only {most} ISBNs can be asked for at once")
        valid = dict.fromkeys(number for text in asked if (number := self.catalogue.number(text)) is not None)
        self.meter.spend(len(valid))
        known = [number for number in valid if self.catalogue.knows("isbndb", number)]
        known.sort(key=lambda number: number * 0x9E3779B1 & 0xFFFFFFFF)  # in no order
        data: Any = self._render(known)
        if data and known[0] % 32 == 7:
            data = as_object(data)
        response = json_response({"total": len(known), "requested": len(valid), "data": data})
        largest = self.meter.limits.answer_bytes
        return self.failure(500) if largest and len(response.body) > largest else response

    def _books(self, request: Request, text: str) -> Response:
        page = read_page(request.query)
        found = find_books(self.catalogue, check_query(text), request.query)
        self.meter.spend(1)
        return self._page(found, page, "books", {})

    def _search_books(self, request: Request) -> Response:
        page = read_page(request.query)
        for text in request.query.values():
            check_query(text)
        found = search_books(self.catalogue, request.query)
        self.meter.spend(1)
        return self._page(found, page, "data", {}, numbered=False)

    def _author(self, request: Request, name: str) -> Response:
        both = {"name": name} if len(name) % 2 else {}
        return self._named(request, self.catalogue.by_author(check_query(name)), {"author": name, **both})

    def _publisher(self, request: Request, name: str) -> Response:
        word = "publisher" if len(name) % 2 else "name"
        return self._named(request, self.catalogue.by_publisher(check_query(name)), {word: name})

    def _subject(self, request: Request, name: str) -> Response:
        found = keep_known(self.catalogue, self.catalogue.by_subject(check_query(name)), [])
        self.meter.spend(1)
        return json_response({"subject": name, "books": self._render(found[:20])})

    def _named(self, request: Request, found: list[int], head: dict[str, Any]) -> Response:
        page = read_page(request.query)
        self.meter.spend(1)
        known = keep_known(self.catalogue, found, language_filter(request.query))
        return self._page(known, page, "books", head) if known else error(404, "Not Found")

    def _page(
        self, found: list[int], page: Page, name: str, head: dict[str, Any], *, numbered: bool = True
    ) -> Response:
        paging = {"page": page.number, "page_size": page.size} if numbered else {}
        books = self._render(page.of(found[:DEEPEST]))
        return json_response({**head, "total": min(len(found), DEEPEST), name: books, **paging})

    def _render(self, found: Any) -> list[dict[str, Any]]:
        return [self._book_of(number) for number in found]

    def _authors(self, request: Request, text: str) -> Response:
        return self._names(request, "authors", [person.name for person in self.catalogue.people_named(text)])

    def _publishers(self, request: Request, text: str) -> Response:
        return self._names(request, "publishers", self._publisher_names(text))

    def _subjects(self, request: Request, text: str) -> Response:
        return self._names(request, "subjects", self._subject_names(text))

    def _search_names(self, request: Request, what: str) -> Response:
        text = request.query.get("text", request.query.get("q", ""))
        people = [person.name for person in self.catalogue.people_named(text)]
        return self._names(
            request,
            "data",
            {"authors": people, "publishers": self._publisher_names(text), "subjects": self._subject_names(text)}[what],
        )

    def _names(self, request: Request, word: str, names: list[str]) -> Response:
        page = read_page(request.query)
        self.meter.spend(1)
        start = (page.number - 1) * page.size
        return json_response({"total": len(names), word: names[start : start + page.size]})

    def _publisher_names(self, text: str) -> list[str]:
        return [name for name in self.catalogue.words.publishers if text.lower() in name.lower()] if text else []

    def _subject_names(self, text: str) -> list[str]:
        return [name for name in self.catalogue.words.subjects if text.lower() in name.lower()] if text else []

    def _stats(self, request: Request) -> Response:
        self.meter.spend(1)
        words = self.catalogue.words
        return json_response(
            {
                "books": numbers.EDITIONS,
                "authors": numbers.AUTHORS,
                "publishers": len(words.publishers),
                "subjects": len(words.subjects),
            }
        )

    def _key(self, request: Request) -> Response:
        limits, spent = self.meter.limits, self.meter.spent_today()
        total = limits.daily or 1_000_000
        plan = {
            "total": total,
            "spent": spent,
            "left": max(total - spent, 0),
            "key_spent": spent,
            "limited_by": "subject",
        }
        host = request.headers.get("host", "")
        return json_response({"api_host": f"http://{host}", "plan_name": limits.plan, "plan_limit": plan})

    def _updates(self, request: Request) -> Response:
        if self.meter.limits.plan not in _PLANS_WITH_FEED:
            raise Refused(_TEXTS[403], 403)
        return json_response(feed.read(self.catalogue, self.clock, request.query))


def _asked(request: Request) -> list[str]:
    """The ISBNs of a batch, from JSON or from a form. Raises Refused."""
    form = request.form()
    if "isbns" in form:
        return [text.strip() for text in form["isbns"].split(",")]
    try:
        found = msgspec.json.decode(request.body, type=_Batch).isbns
    except msgspec.MsgspecError:
        raise Refused("isbns must be a list of ISBNs") from None
    if not found:
        raise Refused("isbns must not be empty")
    return found


class _Batch(msgspec.Struct):
    isbns: list[str]
