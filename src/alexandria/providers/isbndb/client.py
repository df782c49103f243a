"""Asks ISBNdb."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import msgspec

from alexandria.biblio.answers import EditionAnswer
from alexandria.biblio.dates import parse_date
from alexandria.biblio.isbn import isbn13
from alexandria.biblio.text import clean_line
from alexandria.config import ProviderSettings
from alexandria.errors import BadInput, ProviderFailed, Unauthorized
from alexandria.net.client import PATIENCE, Client
from alexandria.net.gate import Call, Lane
from alexandria.net.messages import Note, Reply, Request
from alexandria.net.verdict import TooSlow
from alexandria.providers.isbndb.batch_size import BatchSize
from alexandria.providers.isbndb.judge import TooMany, TooMuch, judge, judge_batch
from alexandria.providers.isbndb.profile import MOST_RESULTS, PAGE_SIZE
from alexandria.providers.isbndb.reading import read_batch, read_key, read_one, read_page
from alexandria.providers.isbndb.results import Allowance, Batch, Page
from alexandria.providers.provider import Found, NotFound

T = TypeVar("T")
LONGEST_TEXT = 150  # characters of a question
LARGEST = 16 << 20  # bytes of a batch's answer
MOST_HALVINGS = 3  # in a row: a host that is away must not cost a batch's units again and again
_TOO_LARGE = (TooMany, TooMuch, TooSlow)


class Isbndb:
    """ISBNdb's web API. Every method raises ProviderFailed and waits up to `patience` seconds for each request."""

    def __init__(self, client: Client, settings: ProviderSettings) -> None:
        self._client, self._settings = client, settings
        self._by_isbn = settings.batch_cost == "isbn"
        self._size = BatchSize(settings.batch)

    @property
    def batch_size(self) -> int:
        """How many ISBNs the next request of a batch will hold at most."""
        return self._size.now

    async def book(
        self, isbn: int, *, lane: Lane = "enrichment", patience: float = PATIENCE
    ) -> Found[EditionAnswer] | NotFound:
        """The book of an ISBN: one unit, found or not."""
        request = self._request(f"/book/{isbn13(isbn)}")
        return await self._client.ask(
            request, self._call("book", lane), partial(read_one, isbn=isbn), patience=patience
        )

    async def books(self, isbns: Sequence[int], *, lane: Lane = "enrichment", patience: float = PATIENCE) -> Batch:
        """What became of each ISBN, in as few requests as their answers allow.

        What was answered before a failure is kept. Raises the failure when nothing was answered.
        """
        waiting = list(dict.fromkeys(isbns))
        done = Batch({}, {})
        size, halvings = self._size.now, 0
        while waiting:
            part = waiting[: min(size, self._size.now)]
            try:
                found = await self._part(part, lane, patience)
            except ProviderFailed as failure:
                if isinstance(failure, _TOO_LARGE) and len(part) > 1:
                    self._size.failed(len(part))
                    size, halvings = len(part) // 2, halvings + 1
                    if halvings <= MOST_HALVINGS:
                        continue
                if not done.answers:
                    raise
                return Batch(done.answers, {**done.failures, **dict.fromkeys(waiting, failure)})
            done = Batch({**done.answers, **found.answers}, {**done.failures, **found.failures})
            waiting, halvings = waiting[len(part) :], 0
        if done.failures and not done.answers:
            raise next(iter(done.failures.values()))
        return done

    async def author_page(
        self, name: str, page: int = 1, *, lane: Lane = "harvest", patience: float = PATIENCE
    ) -> Page:
        """A page of up to 100 books of an author, for one unit. Page 1 is the first."""
        return await self._page(f"/author/{_path(name, 'name')}", {}, page, "author", lane, patience)

    async def search(
        self,
        title: str,
        author: str | None = None,
        page: int = 1,
        *,
        lane: Lane = "enrichment",
        patience: float = PATIENCE,
    ) -> Page:
        """A page of books that may be meant, without a judgement whether one of them is."""
        params = {"text": _text(title, "title")}
        if author and author.strip():
            params["author"] = _text(author, "author")
        return await self._page("/search/books", params, page, "search", lane, patience)

    async def published(self, when: str, page: int = 1, *, lane: Lane = "harvest", patience: float = PATIENCE) -> Page:
        """A page of the books published on a day (2026-11-22) or in a month (2026-11)."""
        date = parse_date(when)
        if date is None or date.iso != when or date.precision not in ("day", "month"):
            raise BadInput("when", "must be a day such as 2026-11-22, or a month such as 2026-11")
        return await self._page(f"/books/{when}", {"column": "date_published"}, page, "published", lane, patience)

    async def key(self, *, lane: Lane = "interactive", patience: float = PATIENCE) -> Allowance:
        """What ISBNdb says of our key and its allowance."""
        return await self._client.ask(self._request("/key"), self._call("key", lane), read_key, patience=patience)

    async def _part(self, part: Sequence[int], lane: Lane, patience: float) -> Batch:
        """One request of a batch. It is not sent again as it is: whatever makes it fail, each try is charged."""

        def read(reply: Reply) -> tuple[Batch, Note]:
            found, note = read_batch(reply, part, self._by_isbn)
            self._size.answered(len(part), note.found or 0, len(reply.body))
            return found, note

        request = self._request(
            "/books",
            method="POST",
            content=msgspec.json.encode({"isbns": [isbn13(isbn) for isbn in part]}),
            limit=LARGEST,
            attempts=1,
            judge=judge_batch,
        )
        call = self._call("books", lane, len(part) if self._by_isbn else 1, len(part))
        return await self._client.ask(request, call, read, patience=patience)

    async def _page(self, path: str, params: dict[str, str], page: int, kind: str, lane: Lane, patience: float) -> Page:
        if page < 1:
            raise BadInput("page", "the first page is 1")
        if page * PAGE_SIZE > MOST_RESULTS:
            return Page((), more=False)
        request = self._request(path, params={**params, "page": str(page), "pageSize": str(PAGE_SIZE)})
        read: Callable[[Reply], tuple[Page, Note]] = partial(read_page, page=page)
        return await self._client.ask(request, self._call(kind, lane), read, patience=patience)

    def _request(
        self,
        path: str,
        *,
        method: str = "GET",
        params: dict[str, str] | None = None,
        content: bytes | None = None,
        limit: int = LARGEST,
        attempts: int = 3,
        judge: Callable[[Reply], ProviderFailed | None] = judge,
    ) -> Request:
        key = self._settings.api_key
        if not key:
            raise Unauthorized(self._settings.bucket, "it needs a key: set ALEXANDRIA_ISBNDB_API_KEY")
        headers = {"Authorization": key}  # the bare key, without "Bearer"
        if content is not None:
            headers["Content-Type"] = "application/json"
        return Request(
            url=self._settings.url + path,
            method=method,
            params=params or {},
            headers=headers,
            content=content,
            timeout=self._settings.timeout,
            limit=limit,
            attempts=attempts,
            secrets=(key,),
            judge=judge,
        )

    def _call(self, kind: str, lane: Lane, units: int = 1, items: int = 1) -> Call:
        return Call(self._settings.bucket, lane, kind, units, items)


def _text(text: str, field: str) -> str:
    """A question as it may be asked: clean, not empty, not too long."""
    cleaned = clean_line(text, LONGEST_TEXT)
    if not any(character.isalnum() for character in cleaned):
        raise BadInput(field, "must hold a word")
    return cleaned


def _path(text: str, field: str) -> str:
    return quote(_text(text, field), safe="")
