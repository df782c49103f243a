"""The heart: jobs in, what providers say about their records out, in steps that the worker writes and settles.

A handler does the asking and the thinking, with no transaction open. Editions whose next provider is ISBNdb share
one request; whoever it does not know, or knows too little about, goes on along its own chain, many at a time, each
within its provider's pace.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing

from alexandria.biblio.keys import Kind
from alexandria.db import Database, Transaction
from alexandria.enrichment.chain import begin
from alexandria.enrichment.course import Course
from alexandria.enrichment.link import Links, link, write_links
from alexandria.enrichment.miss import forget_misses, remember_misses
from alexandria.enrichment.sources import ISBNDB, Sources
from alexandria.enrichment.store import Storing, log_attempts, read_stated
from alexandria.errors import ProviderFailed
from alexandria.net.gate import Lane
from alexandria.queue.job import Job, Step
from alexandria.telemetry.traces import of_job

AT_ONCE = 16  # requests to one provider that wait for their turn at the same time; the others wait here
PATIENCE = 30.0  # seconds that a request waits for the pace
GROUP = 250  # jobs that are settled together at the most: thinking about more would hold up the others
GATHER = 0.2  # seconds that the first waits for others, to be settled with them


class Pipeline:
    """The handlers of the queue's kinds `edition`, `work` and `author`.

    `tell_picture` hears of pictures (ISBN, address) that cannot be had for long.
    """

    def __init__(
        self,
        database: Database,
        sources: Sources,
        *,
        patience: float = PATIENCE,
        tell_picture: Callable[[int, str], None] = lambda isbn, url: None,
    ) -> None:
        self._database, self._sources, self._patience = database, sources, patience
        self._tell_picture = tell_picture
        self._turns: dict[str, asyncio.Semaphore] = {}

    async def editions(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that settle each of the jobs for editions."""
        courses = await self._begin("edition", jobs)
        sharing = [course for course in courses if self._next(course) == ISBNDB]
        for lane in {course.job.lane for course in sharing}:
            group = [course for course in sharing if course.job.lane == lane]
            if len(group) > 1:
                await self._ask_together(group, lane)
        async with aclosing(self._finish("edition", courses)) as steps:
            async for step in steps:
                yield step

    async def works(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that settle each of the jobs for works."""
        async with aclosing(self._finish("work", await self._begin("work", jobs))) as steps:
            async for step in steps:
                yield step

    async def authors(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that settle each of the jobs for authors."""
        async with aclosing(self._finish("author", await self._begin("author", jobs))) as steps:
            async for step in steps:
                yield step

    async def _begin(self, kind: Kind, jobs: Sequence[Job]) -> list[Course]:
        async with self._database.transaction() as transaction:
            stated = await read_stated(transaction, kind, [job.key for job in jobs])
        return [
            Course(job, kind, begin(kind, job.lane, job.payload), stated[job.key], bool(job.payload.get("asked_for")))
            for job in jobs
        ]

    def _next(self, course: Course) -> str | None:
        return None if course.is_enough() else course.trail.next(self._sources.names(course.kind))

    # --- asking ------------------------------------------------------------------------------------------------

    async def _ask_together(self, courses: Sequence[Course], lane: Lane) -> None:
        """Nothing; ISBNdb was asked for all of them, in as few requests as possible."""
        begun = time.perf_counter()
        by_isbn = {course.job.key: course for course in courses}
        try:
            said = await self._sources.ask_isbndb(list(by_isbn), lane, self._patience)
        except ProviderFailed as error:
            for course in courses:
                course.fail(ISBNDB, error, _ms(begun))
            return
        for isbn, course in by_isbn.items():
            answer = said[isbn]
            if isinstance(answer, ProviderFailed):
                course.fail(ISBNDB, answer, _ms(begun))
            else:
                course.take(ISBNDB, answer, _ms(begun))

    async def _walk(self, course: Course) -> Course:
        """The course at its end: every provider was asked that can be, or enough is known."""
        while provider := self._next(course):
            async with self._turns.setdefault(provider, asyncio.Semaphore(AT_ONCE)):
                begun = time.perf_counter()
                ask = self._sources.asking(course.kind, provider)
                try:
                    with of_job(course.job.id):
                        said = await ask(course.job.key, course.fields, course.job.lane, self._patience)
                except ProviderFailed as error:
                    course.fail(provider, error, _ms(begun))
                else:
                    course.take(provider, said, _ms(begun))
        return course

    # --- ending ------------------------------------------------------------------------------------------------

    async def _finish(self, kind: Kind, courses: Sequence[Course]) -> AsyncGenerator[Step, None]:
        """Steps for courses as they end: at once for those that have, then in groups as the others do."""
        ended = [course for course in courses if self._next(course) is None]
        for group in _groups(ended):
            yield self._step(kind, group)
        walks = [asyncio.create_task(self._walk(course)) for course in courses if self._next(course) is not None]
        under_way = set(walks)
        try:
            while under_way:
                done, under_way = await _some(under_way)
                for group in _groups([task.result() for task in done]):
                    yield self._step(kind, group)
        finally:
            for task in walks:
                task.cancel()
            await asyncio.gather(*walks, return_exceptions=True)  # of several that failed one was told

    def _step(self, kind: Kind, courses: Sequence[Course]) -> Step:
        results = [course.result() for course in courses]
        for course in courses:
            for _, answer in course.answers:
                if answer.passing_cover:
                    self._tell_picture(course.job.key, answer.passing_cover.url)

        async def write(transaction: Transaction) -> None:
            await write_courses(transaction, kind, courses)
            if kind == "edition":
                unknown = [course.job.key for course in courses if self._is_miss(course)]
                await remember_misses(transaction, unknown)
                await forget_misses(transaction, [course.job.key for course in courses if course.writes])

        return Step(results, write)

    def _is_miss(self, course: Course) -> bool:
        """Whether everybody who can be asked was, answered, and does not know it."""
        return not course.is_known and self._sources.names(course.kind) <= set(course.trail.attempted)


async def write_courses(transaction: Transaction, kind: Kind, courses: Sequence[Course]) -> None:
    """Nothing; answers, links, fold and log of the courses are written."""
    writes = [write for course in courses for write in course.writes]
    said = {}
    if kind == "edition":
        said = {course.job.key: answers for course in courses if (answers := course.answers or course.told())}
    storing = Storing(transaction)
    await storing.add(writes)
    # from here on others wait who write about the same authors
    links = await link(transaction, said) if said else Links()
    await storing.add(links.writes)
    await storing.finish()
    await write_links(transaction, links)
    await log_attempts(transaction, [row for course in courses for row in course.log])


def _groups(courses: Sequence[Course]) -> Iterator[Sequence[Course]]:
    return (courses[start : start + GROUP] for start in range(0, len(courses), GROUP))


async def _some(tasks: set[asyncio.Task[Course]]) -> tuple[set[asyncio.Task[Course]], set[asyncio.Task[Course]]]:
    """The tasks that are done, at least one, and the others; several that end shortly one after another together."""
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    if pending:
        more, pending = await asyncio.wait(pending, timeout=GATHER)
        done |= more
    return done, pending


def _ms(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
