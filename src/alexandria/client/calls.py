"""What the client can be asked, as flows without IO: see `exchange`."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from alexandria.client import answers, google, protocol
from alexandria.client.errors import (
    ClientError,
    InvalidIsbn,
    LookupFailed,
    NotAllowed,
    StillPending,
    Unavailable,
    UnknownJob,
)
from alexandria.client.exchange import Exchange, Flow, Pause
from alexandria.client.isbn import isbn13
from alexandria.client.messages import ALEXANDRIA, GOOGLE_BOOKS, Host
from alexandria.client.models import EntityType, IsbnResult, JobStatus, NormalizedResponse, Queued, Written

SHARE: Final = 0.4  # of a lookup's time that Alexandria may use, so that some is left for Google Books
BATCH: Final = 4  # times as long as a single call may a request with a thousand ISBNs take
FIRST_LOOK: Final = 0.1  # seconds between two looks at a job, at first
LATER_LOOKS: Final = 2.0  # and at last

log = logging.getLogger("alexandria.client")


class Calls:
    """The flows. `offer` takes what was found elsewhere, at once and without ever raising."""

    def __init__(
        self,
        alexandria: protocol.Protocol,
        google_books: google.Google | None,
        exchanges: Mapping[Host, Exchange],
        timeout: float,
        offer: Callable[[NormalizedResponse], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alexandria, self._google, self._timeout = alexandria, google_books, timeout
        self._ask_alexandria = exchanges[ALEXANDRIA].ask
        self._ask_google = exchanges[GOOGLE_BOOKS].ask
        self._offer, self._clock = offer, clock
        self._warned = threading.Event()

    def lookup_isbn(self, text: str, timeout: float | None) -> Flow[NormalizedResponse | None]:
        isbn = isbn13(text)
        end = self._end(timeout)
        causes: list[ClientError] = []
        first = end if self._google is None else self._clock() + (end - self._clock()) * SHARE
        try:
            found = yield from self._ask_alexandria(self._alexandria.isbn(isbn), answers.read_isbn, first)
            if found:
                return found
        except ClientError as error:
            causes.append(self._noted(error))
        if self._google is not None:
            try:
                found = yield from self._from_google(isbn, end)
                if found:
                    return found
            except ClientError as error:
                causes.append(error)
        if causes:
            raise LookupFailed(isbn, causes) from causes[0]
        return None

    def lookup_isbns(self, texts: Sequence[str], fallback: int, timeout: float | None) -> Flow[list[IsbnResult]]:
        end = self._end(timeout if timeout is not None else self._timeout * BATCH)
        results = [_asked(text) for text in texts]
        places = [place for place, result in enumerate(results) if result.status != "invalid"]
        for start in range(0, len(places), protocol.MOST_ISBNS):
            part = places[start : start + protocol.MOST_ISBNS]
            said = yield from self._part([isbn13(results[place].isbn) for place in part], end)
            for place, answer in zip(part, said, strict=True):
                results[place] = IsbnResult(
                    isbn=results[place].isbn, status=answer.status, response=answer.response,
                    job_id=answer.job_id, message=answer.message,
                )  # fmt: skip
        unknown = [place for place in places if results[place].status != "found"]
        for place in unknown[: max(fallback, 0) if self._google else 0]:
            try:
                found = yield from self._from_google(isbn13(results[place].isbn), end)
            except ClientError:
                break
            if found:
                results[place] = IsbnResult(isbn=results[place].isbn, status="found", response=found)
        return results

    def work(self, key: str, timeout: float | None) -> Flow[NormalizedResponse | None]:
        return (yield from self._ask_alexandria(self._alexandria.work(key), answers.read_work, self._end(timeout)))

    def author(self, key: str, timeout: float | None) -> Flow[NormalizedResponse | None]:
        return (yield from self._ask_alexandria(self._alexandria.author(key), answers.read_author, self._end(timeout)))

    def search(self, timeout: float | None, **asked: str | int | None) -> Flow[NormalizedResponse]:
        request = self._alexandria.search(**asked)
        return (yield from self._ask_alexandria(request, answers.read_search, self._end(timeout)))

    def enrich(self, kind: EntityType, body: Mapping[str, Any], timeout: float | None) -> Flow[Written]:
        self._check_key("to write")
        request, read = self._alexandria.write(kind, body), partial(answers.read_written, kind=kind)
        return (yield from self._ask_alexandria(request, read, self._end(timeout)))

    def enqueue(
        self, kind: EntityType, key: str, priority: int, providers: Sequence[str] | None, timeout: float | None
    ) -> Flow[Queued]:
        self._check_key("to enqueue")
        request = self._alexandria.enqueue(kind, key, priority, providers)
        return (yield from self._ask_alexandria(request, answers.read_queued, self._end(timeout)))

    def job_status(self, job_id: str, timeout: float | None) -> Flow[JobStatus | None]:
        return (yield from self._ask_alexandria(self._alexandria.job(job_id), answers.read_job, self._end(timeout)))

    def wait_for(self, job_id: str, timeout: float) -> Flow[JobStatus]:
        """Goes on while Alexandria is away: it may come back, and the job with it."""
        end, pause = self._clock() + timeout, FIRST_LOOK
        said = "nobody could be asked"
        while True:
            try:
                job = yield from self.job_status(job_id, min(self._timeout, end - self._clock()))
                if job is None:
                    raise UnknownJob(f"there is no job {job_id}")
                if job.is_over:
                    return job
                said = f"it is {job.status}"
            except Unavailable as error:
                said = str(error)
            if self._clock() + pause >= end:
                raise StillPending(f"job {job_id} is not over after {timeout:g} s: {said}")
            yield Pause(pause)
            pause = min(pause * 1.5, LATER_LOOKS)

    def _from_google(self, isbn: str, end: float) -> Flow[NormalizedResponse | None]:
        assert self._google is not None
        read = partial(google.read_isbn, isbn=isbn, has_key=self._google.has_key)
        found = yield from self._ask_google(self._google.isbn(isbn), read, end)
        if found:
            self._offer(found)
        return found

    def _part(self, isbns: list[str], end: float) -> Flow[list[IsbnResult]]:
        """What up to a thousand ISBNs came to; all of them failed where Alexandria cannot be asked."""
        try:
            said = yield from self._ask_alexandria(self._alexandria.isbns(isbns), answers.read_isbns, end)
            if len(said) == len(isbns):
                return said
            message = f"{len(said)} answers to {len(isbns)} ISBNs"
        except ClientError as error:
            message = str(self._noted(error))
        return [IsbnResult(isbn=isbn, status="failed", message=message) for isbn in isbns]

    def _end(self, timeout: float | None) -> float:
        return self._clock() + (self._timeout if timeout is None else timeout)

    def _check_key(self, what: str) -> None:
        if not self._alexandria.has_key:
            raise NotAllowed(f"this needs a key with the scope write {what}: give the client an api_key")

    def _noted(self, error: ClientError) -> ClientError:
        """The error; one that somebody has to mend is logged, once."""
        if not isinstance(error, Unavailable) and not self._warned.is_set():
            self._warned.set()
            log.warning("Alexandria refuses to be asked, so lookups go elsewhere: %s", error)
        return error


def _asked(text: str) -> IsbnResult:
    try:
        isbn13(text)
    except InvalidIsbn as error:
        return IsbnResult(isbn=str(text)[:200], status="invalid", message=str(error))
    return IsbnResult(isbn=text, status="failed")
