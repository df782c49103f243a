"""The client for event loops: the same as `Client`, awaited."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar, Unpack

from alexandria.client.async_wire import AsyncWire
from alexandria.client.exchange import Flow, drive_async
from alexandria.client.messages import ALEXANDRIA
from alexandria.client.models import (
    AuthorFields,
    ClientHealth,
    EditionFields,
    EntityType,
    IsbnResult,
    JobStatus,
    NormalizedResponse,
    Queued,
    WorkFields,
    Written,
)
from alexandria.client.shell import LINGER, Shell
from alexandria.client.task_giver import TaskGiver

T = TypeVar("T")


class AsyncClient(Shell):
    """Asks Alexandria, and Google Books where it fails, in one event loop of asyncio.

    async with AsyncClient("http://127.0.0.1:8000", api_key) as client:
        found = await client.lookup_isbn("978-0-14-032872-1")

    Everything else is as `Client` says.
    """

    def _connect(self) -> None:
        self._wire = AsyncWire()
        self._giver = TaskGiver(self._protocol, self._exchanges[ALEXANDRIA], self._waiting, self._drive)
        self._calls = self._calls_with(self._giver)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Nothing; what waits to be given back gets two seconds, then all connections are closed."""
        if not self._is_closed:
            self._is_closed = True
            await self._giver.close(LINGER)
            await self._wire.close()

    async def flush(self, timeout: float = 10.0) -> bool:
        """Whether everything found elsewhere was given to Alexandria (or refused), within so many seconds."""
        return await self._giver.flush(timeout)

    def health(self) -> ClientHealth:
        """How both hosts and what waits stand, from what was seen; nobody is asked."""
        return self._health_with(self._giver)

    async def lookup_isbn(self, isbn: str, *, timeout: float | None = None) -> NormalizedResponse | None:
        """The edition of an ISBN from Alexandria, else from Google Books; None where both say that they have none.

        What Google Books knows is given to Alexandria later. Raises InvalidIsbn, and LookupFailed where nobody found
        it and one of the two could not be asked.
        """
        return await self._run(self._calls.lookup_isbn(isbn, timeout))

    async def lookup_isbns(
        self, isbns: Sequence[str], *, fallback: int = 10, timeout: float | None = None
    ) -> list[IsbnResult]:
        """What each of any number of ISBNs came to, in order; a thousand go in one request.

        Of those that Alexandria does not have, Google Books is asked for `fallback`. Raises nothing for hosts that
        fail: see the `status` of each.
        """
        return await self._run(self._calls.lookup_isbns(isbns, fallback, timeout))

    async def search(
        self,
        q: str | None = None,
        *,
        title: str | None = None,
        author: str | None = None,
        language: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        timeout: float | None = None,
    ) -> NormalizedResponse:
        """A page of what Alexandria finds for words in any field (`q`), or by `title` and `author`.

        Its `next` is the `cursor` of the page after it.
        """
        asked = {"title": title, "author": author, "language": language, "limit": limit, "cursor": cursor}
        return await self._run(self._calls.search(timeout, q=q, **asked))

    async def work(self, key: str, *, timeout: float | None = None) -> NormalizedResponse | None:
        """The work with a key such as OL45804W; None where there is none."""
        return await self._run(self._calls.work(key, timeout))

    async def author(self, key: str, *, timeout: float | None = None) -> NormalizedResponse | None:
        """The author with a key such as OL34184A; None where there is none."""
        return await self._run(self._calls.author(key, timeout))

    async def enrich_edition(
        self, isbn: str, *, timeout: float | None = None, **fields: Unpack[EditionFields]
    ) -> Written:
        """The edition after what you know of it was written; the same again changes nothing."""
        return await self._run(self._calls.enrich("edition", {"isbn": isbn, **fields}, timeout))

    async def enrich_work(
        self, work_key: str, title: str, *, timeout: float | None = None, **fields: Unpack[WorkFields]
    ) -> Written:
        """The work after what you know of it was written."""
        return await self._run(self._calls.enrich("work", {"work_key": work_key, "title": title, **fields}, timeout))

    async def enrich_author(
        self, author_key: str, name: str, *, timeout: float | None = None, **fields: Unpack[AuthorFields]
    ) -> Written:
        """The author after what you know of them was written."""
        return await self._run(
            self._calls.enrich("author", {"author_key": author_key, "name": name, **fields}, timeout)
        )

    async def enqueue(
        self,
        entity_type: EntityType,
        entity_key: str,
        *,
        priority: int = 5,
        providers_to_try: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Queued:
        """The job by which Alexandria asks its providers about a record; the same one while it is active."""
        return await self._run(self._calls.enqueue(entity_type, entity_key, priority, providers_to_try, timeout))

    async def job_status(self, job_id: str, *, timeout: float | None = None) -> JobStatus | None:
        """How far a job is; None where there is no such job."""
        return await self._run(self._calls.job_status(job_id, timeout))

    async def wait_for(self, job_id: str, *, timeout: float = 60.0) -> JobStatus:
        """The job once it is over, even if Alexandria is away meanwhile. Raises StillPending, UnknownJob."""
        return await self._run(self._calls.wait_for(job_id, timeout))

    async def _run(self, flow: Flow[T]) -> T:
        self._check_open()
        return await self._drive(flow)

    async def _drive(self, flow: Flow[T]) -> T:
        return await drive_async(flow, self._wire.send, asyncio.sleep)
