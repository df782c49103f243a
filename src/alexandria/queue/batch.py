"""Some jobs of one kind, run by their handler: its steps applied, its errors turned into what becomes of each job."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog

from alexandria.db import Database
from alexandria.errors import AlexandriaError, DatabaseUnavailable, Malformed, ProviderFailed
from alexandria.queue.job import Failed, Job, Result, StaleLease, Step, Work, pause_after
from alexandria.queue.store import enqueue_in, settle_in, settle_ours
from alexandria.telemetry import traces

TRIES = 3  # of a step that fails although the database answers
PAUSE = 1.0  # seconds between them, and between looks whether the database is back
WHILE_AWAY = 5.0  # seconds that jobs wait whose handler could not reach the database
LATER = 300.0  # seconds, when a provider does not say when to ask again

log = structlog.get_logger(__name__)


class StepFailed(AlexandriaError):
    """What a handler said cannot be written, though the database answers; its cause says why."""


class NothingSaid(AlexandriaError):
    """A handler ended without an outcome for one of its jobs."""


class Batch:
    """Jobs that one worker runs together. `left` are those that are not settled yet."""

    def __init__(self, database: Database, work: Work, jobs: Sequence[Job]) -> None:
        self.left: dict[UUID, Job] = {job.id: job for job in jobs}
        self._database, self._work, self._jobs = database, work, jobs
        self._error: Exception = NothingSaid("its handler said nothing about it")

    async def run(self) -> None:
        """Nothing; every job is settled, or somebody else's. When it is cancelled, `left` are still the caller's."""
        try:
            await self._follow_handler()
        except Exception as error:
            self._error = error
        if self.left:
            self._tell()
            await self._settle_rest()

    async def _follow_handler(self) -> None:
        """Nothing; all that the handler says is applied. Raises what it raises."""
        steps = self._work.handler(self._jobs)
        try:
            while True:
                async with asyncio.timeout(self._work.longest):
                    step = await anext(steps, None)
                if step is None:
                    return
                await self._apply(step)
        finally:
            if isinstance(steps, AsyncGenerator):
                await steps.aclose()

    async def _apply(self, step: Step) -> None:
        """Nothing; the step is applied, or some of its leases were lost: then the others will be tried again."""
        try:
            await apply_step(self._database, step)
        except StaleLease as error:
            self._error = error
            over = error.ids
        else:
            over = frozenset(result.job.id for result in step.results)
        for job_id in over:
            self.left.pop(job_id, None)

    async def _settle_rest(self) -> None:
        """Nothing; the jobs that are left wait for their next attempt, as the error demands."""
        company = len(self._jobs) > 1
        results = [Result(job, failed(self._error, job.attempts, company)) for job in self.left.values()]
        while self.left:
            try:
                async with self._database.transaction() as transaction:
                    await settle_ours(transaction, results)
            except DatabaseUnavailable:
                await asyncio.sleep(PAUSE)
            else:
                self.left.clear()

    def _tell(self) -> None:
        about = {"kind": self._work.kind, "jobs": len(self.left), "of": len(self._jobs)}
        if isinstance(self._error, ProviderFailed | StaleLease | DatabaseUnavailable):
            log.warning("jobs not done", error=str(self._error), **about)
        else:
            log.error("jobs not done", exc_info=self._error, **about)


async def apply_step(database: Database, step: Step) -> None:
    """Nothing; what the step writes, settles and enqueues has happened. Waits for a database that is away.

    Raises StaleLease when a job is not the caller's any more, StepFailed and whatever `write` raises: then nothing
    has happened.
    """
    tries = 0
    while True:
        try:
            with traces.child("store"):
                await _write(database, step)
            return
        except DatabaseUnavailable as error:
            tries += await _answers(database)
            if tries == TRIES:
                raise StepFailed("what was found could not be written; the log of the worker says why") from error
            await asyncio.sleep(PAUSE)


async def _write(database: Database, step: Step) -> None:
    async with database.transaction() as transaction:
        if step.write:
            await step.write(transaction)
        await enqueue_in(transaction, step.follow)
        await settle_in(transaction, step.results)


async def _answers(database: Database) -> bool:
    try:
        await database.ping()
    except DatabaseUnavailable:
        return False
    return True


def failed(error: Exception, attempts: int, company: bool) -> Failed:
    """What becomes of a job whose handler raised, alone or in `company` of others, one of which may be the reason.

    What is not the job's fault costs no attempt: a provider that did not answer, a database that was away.
    """
    match error:
        case StaleLease():
            return Failed(0.0, "others of its batch took too long", free=True)
        case ProviderFailed(retry_at=retry_at) if not isinstance(error, Malformed):
            pause = (retry_at - datetime.now(UTC)).total_seconds() if retry_at else LATER
            return Failed(max(pause, PAUSE), str(error), free=True)
        case DatabaseUnavailable():
            return Failed(WHILE_AWAY, "the database was away", free=True)
    return Failed(pause_after(attempts), _words(error), alone=company or None)


def _words(error: Exception) -> str:
    """The error as everybody may read it: a job's status is open, a stranger's error is for the log."""
    if isinstance(error, AlexandriaError):
        return str(error)
    if isinstance(error, TimeoutError):
        return "it took too long"
    return f"unexpected {type(error).__name__}; the log of the worker says where"
