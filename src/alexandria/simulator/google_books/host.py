"""Google's host: keys, errors and routes (providers.md 2).

Any key is good, as parameter `key` or header `X-Goog-Api-Key`, unless it begins with `bad`. Without one the project of
all anonymous callers is asked, whose day is used up.
"""

from typing import Any, ClassVar

from alexandria.sample.plan import scatter
from alexandria.simulator.catalogue import Edition
from alexandria.simulator.google_books.partial import BadFields, parse_fields, select
from alexandria.simulator.google_books.query import find_editions
from alexandria.simulator.google_books.volume import PICTURES, TWO_LETTERS, edition_of_volume, render_volume
from alexandria.simulator.host import Host
from alexandria.simulator.messages import Request, Response, Route, json_response, route, whole_number
from alexandria.simulator.wrong import replace_isbns

LARGEST_PAGE = 40
_KEY_HELP = "API key not valid. Please pass a valid API key."
_LOCATION = "Cannot determine user location for geographically restricted operation."
_QUOTA = "Quota exceeded for quota metric 'Queries' and limit 'Queries per {}' of service 'books.googleapis.com'."
_REASONS = {
    400: ("badRequest", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("unknownLocation", _LOCATION),
    404: ("notFound", "The volume ID could not be found."),
    500: ("backendError", "Backend Error"),
    503: ("backendFailed", "Service temporarily unavailable."),
}


class GoogleBooks(Host):
    """www.googleapis.com."""

    name: ClassVar[str] = "google_books"
    bucket: ClassVar[str] = "google_books"
    prefix: ClassVar[str] = "/books/v1"

    def list_routes(self) -> list[Route]:
        return [
            route("GET", "/books/v1/volumes", self._volumes),
            route("GET", "/books/v1/volumes/([^/]+)", self._volume),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        if status == 429:
            return _quota_error("day" if daily else "minute")
        reason, message = _REASONS.get(status, ("backendError", "Backend Error"))
        return error(status, reason, message)

    def wrong(self, request: Request) -> Request:
        return replace_isbns(self.catalogue, self.name, request)

    def refuse(self, request: Request) -> Response | None:
        key = request.query.get("key") or request.headers.get("x-goog-api-key", "")
        if key and not key.startswith("bad"):
            return None
        self.meter.violate("auth", "a wrong key" if key else "no key")
        return error(400, "keyInvalid", _KEY_HELP) if key else _quota_error("day")

    def _volumes(self, request: Request) -> Response:
        query = request.query
        start = whole_number(query.get("startIndex", ""), 0)
        size = whole_number(query.get("maxResults", ""), 10)
        self.meter.spend(1)
        if not query.get("q", "").strip():
            return error(400, "queryRequired", "Missing query.", location="q")
        if start is None or size is None or size > LARGEST_PAGE:
            return error(400, "badRequest", f"Values must be within the range: [0, {LARGEST_PAGE}]")
        found = self._ordered(find_editions(self.catalogue, query["q"]), request)
        base = _base(request)
        lite = query.get("projection") == "lite"
        items = [
            self._render(self.catalogue.edition(number), base, alone=False, lite=lite)
            for number in found[start : start + size]
        ]
        answer: dict[str, Any] = {"kind": "books#volumes", "totalItems": _estimate(len(found), start)}
        if items or (not found and scatter(len(query["q"]), 32) % 10 == 0):  # rarely an empty list
            answer["items"] = items
        return _selected(answer, request)

    def _volume(self, request: Request, text: str) -> Response:
        self.meter.spend(1)
        number = edition_of_volume(text, self.catalogue.seed)
        if number is None or not self.catalogue.knows(self.name, number):
            return self.failure(404)
        lite = request.query.get("projection") == "lite"
        edition = self.catalogue.edition(number)
        return _selected(self._render(edition, _base(request), alone=True, lite=lite), request)

    def _render(self, edition: Edition, base: str, *, alone: bool, lite: bool) -> dict[str, Any]:
        pictures = self.urls.get("google_books_pictures", PICTURES)
        return render_volume(self.catalogue, edition, base, alone=alone, lite=lite, pictures=pictures)

    def _ordered(self, found: list[int], request: Request) -> list[int]:
        """The newest first when asked for; a language asked for is a hint: its books come first, others follow."""
        language = request.query.get("langRestrict")
        editions = [self.catalogue.edition(number) for number in found] if len(found) > 1 else []
        if editions and request.query.get("orderBy") == "newest":
            editions.sort(key=lambda edition: (-edition.year, -edition.month, -edition.day))
        if editions and language:
            editions.sort(key=lambda edition: TWO_LETTERS.get(edition.language, "en")[:2] != language)
        return [edition.number for edition in editions] or found


def error(status: int, reason: str, message: str, *, location: str = "") -> Response:
    """The error body."""
    place = {"locationType": "parameter", "location": location} if location else {}
    inner = {"message": message, "domain": "global", "reason": reason, **place}
    return json_response({"error": {"code": status, "message": message, "errors": [inner]}}, status)


def _quota_error(window: str) -> Response:
    message = _QUOTA.format(window)
    limit = "defaultPerDayPerProject" if window == "day" else "defaultPerMinutePerProject"
    metadata = {"service": "books.googleapis.com", "quota_limit": limit, "quota_location": "global"}
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
            "metadata": metadata,
        }
    ]
    errors = [{"message": message, "domain": "global", "reason": "rateLimitExceeded"}]
    body = {"code": 429, "message": message, "errors": errors, "status": "RESOURCE_EXHAUSTED", "details": details}
    return json_response({"error": body}, 429)


def _base(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}{GoogleBooks.prefix}"


def _estimate(found: int, start: int) -> int:
    """An estimate of the number of hits that changes from page to page."""
    return found if found < 3 else found * (90 + scatter(start, 33) % 40) // 100


def _selected(answer: dict[str, Any], request: Request) -> Response:
    if not request.query.get("fields"):
        return json_response(answer)
    try:
        return json_response(select(answer, parse_fields(request.query["fields"])))
    except BadFields:
        return error(400, "invalidParameter", "Invalid field selection", location="fields")
