"""Alexandria's HTTP as requests: what is asked, and where. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from alexandria.client.errors import BadRequest
from alexandria.client.messages import ALEXANDRIA, USER_AGENT, Request
from alexandria.client.models import CoverSize, EntityType

MOST_ISBNS: Final = 1_000  # in one request
_SEARCHES: Final = {"q": "/api/search/combined", "title": "/api/search", "author": "/api/search"}


class Protocol:
    """Builds requests to the Alexandria at an address."""

    def __init__(self, base_url: str, api_key: str | None) -> None:
        self.base_url, self.has_key = base_url, api_key is not None
        key = (("X-API-Key", api_key),) if api_key else ()
        self._headers = (("User-Agent", USER_AGENT), ("Accept", "application/json"), *key)

    def isbn(self, isbn: str) -> Request:
        return self._get(f"/api/isbn?isbn={isbn}")

    def isbns(self, isbns: Sequence[str]) -> Request:
        return self._post("/api/isbn/batch", {"isbns": list(isbns)})

    def work(self, key: str) -> Request:
        return self._get(f"/api/works/{_segment(key)}")

    def author(self, key: str) -> Request:
        return self._get(f"/api/authors/{_segment(key)}")

    def search(self, **asked: str | int | None) -> Request:
        """A search by exactly one of `q` and `title` and/or `author`. Raises BadRequest for another number."""
        given = {name: value for name, value in asked.items() if value not in (None, "")}
        paths = {path for name, path in _SEARCHES.items() if name in given}
        if len(paths) != 1:
            raise BadRequest(
                "search for `q`, or for `title` and `author` or one of the two", {"q": "one way, not both"}
            )
        return self._get(f"{paths.pop()}?{urlencode(given)}")

    def write(self, kind: EntityType, body: Mapping[str, Any]) -> Request:
        said = {name: value for name, value in body.items() if value is not None}
        return self._post(f"/api/enrich/{kind}", said)

    def enqueue(self, kind: EntityType, key: str, priority: int, providers: Sequence[str] | None) -> Request:
        """Not repeatable: a job that has ended in between would be asked for twice."""
        body: dict[str, Any] = {"entity_type": kind, "entity_key": key, "priority": priority}
        if providers is not None:
            body["providers_to_try"] = list(providers)
        return self._post("/api/enrich/queue", body, repeatable=False)

    def job(self, job_id: str) -> Request:
        return self._get(f"/api/enrich/status/{_segment(job_id)}")

    def cover_url(self, isbn: str, size: CoverSize) -> str:
        """Where the cover is, if there is one: 404 where there is none."""
        if size not in ("large", "medium", "small"):
            raise BadRequest(f"a cover's size is large, medium or small, not {size!r}", {"size": "unknown"})
        return f"{self.base_url}/covers/{isbn}/{size}"

    def _get(self, target: str) -> Request:
        return Request(ALEXANDRIA, "GET", self.base_url + target, self._headers)

    def _post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = True) -> Request:
        try:
            content = msgspec.json.encode(body)
        except (TypeError, ValueError, OverflowError, UnicodeError) as error:
            raise BadRequest(f"cannot be written as JSON: {error}", {}) from None
        headers = (*self._headers, ("Content-Type", "application/json"))
        return Request(ALEXANDRIA, "POST", self.base_url + path, headers, content, repeatable)


def _segment(text: str) -> str:
    """A key as one segment of a path, without the folder in front. Raises BadRequest for what would lead elsewhere."""
    key = text.strip().rpartition("/")[2] if isinstance(text, str) else ""
    if key in ("", ".", ".."):
        raise BadRequest(f"not a key: {text!r}", {"key": "is empty"})
    return quote(key, safe="")
