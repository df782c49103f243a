"""The words of the queue: a job, what may become of it, and who knows how to do it. Pure."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from alexandria.errors import AlexandriaError
from alexandria.net.gate import Lane

if TYPE_CHECKING:  # it brings the driver, which nothing here needs
    from alexandria.db import Transaction

__all__ = [
    "LANES", "LEASE", "MOST_ATTEMPTS", "Dead", "Done", "Failed", "Handler", "Job", "Lane", "NewJob", "Offered",
    "Outcome", "QueueFull", "Result", "Retry", "Snooze", "StaleLease", "Step", "Work", "merge_same", "pause_after",
]  # fmt: skip

LANES: Final[tuple[Lane, ...]] = ("anonymous", "covers", "harvest", "enrichment", "interactive")  # the last one wins
LEASE: Final = 30.0  # seconds
MOST_ATTEMPTS: Final = 5
RETRY_AFTER: Final = 30  # seconds, when the queue is full
_PAUSES: Final = (10.0, 60.0, 300.0, 1_800.0)  # seconds after the first failure, the second, …


class StaleLease(AlexandriaError):
    """The lease of these jobs was lost: another worker has them, or they are over. Nothing was settled."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        shown = ", ".join(map(str, ids[:3])) + (", …" if len(ids) > 3 else "")
        super().__init__(f"the lease of {len(ids)} job{'s' if len(ids) > 1 else ''} was lost: {shown}")
        self.ids = frozenset(ids)


class QueueFull(AlexandriaError):
    """Too many jobs wait already; none of the new ones was taken. Again after `retry_after` seconds."""

    def __init__(self, most: int, lane: str | None = None) -> None:
        whose = f"jobs of the lane {lane}" if lane else "jobs"
        super().__init__(f"the queue is full: {most:,} {whose} wait; try again in {RETRY_AFTER} seconds")
        self.retry_after = RETRY_AFTER


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is to be done: `kind` names the handler, `key` the record (an ISBN-13 or a key's number).

    Only one job of a kind and key is active at a time. One that is asked for while it runs has been done already,
    unless `again` says that what it read may have changed: then it runs once more.
    """

    kind: str
    key: int
    priority: int = 5  # 1 to 10, 10 first
    lane: Lane = "enrichment"
    payload: Mapping[str, Any] = field(default_factory=dict)
    run_at: datetime | None = None  # not before; None: now
    most_attempts: int = MOST_ATTEMPTS
    again: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """The job that an enqueued one became: a new one, or the same that was active already, maybe running."""

    id: UUID
    is_new: bool
    is_running: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job under a lease. `attempts` counts this one; `token` is that of the lease."""

    id: UUID
    kind: str
    key: int
    lane: Lane
    priority: int
    payload: Mapping[str, Any]
    attempts: int
    token: int
    created_at: datetime
    alone: bool = False  # it may have broken a batch
    lapses: int = 0  # leases in a row that ended with nothing said

    @property
    def is_deadly(self) -> bool:
        """Whether it may be what kills workers: twice in a row nothing was heard of who ran it."""
        return self.lapses > 1


@dataclass(frozen=True, slots=True)
class Done:
    """The question is answered: `found`, or nobody knows it."""

    result: Mapping[str, Any] = field(default_factory=dict)
    found: bool = True


@dataclass(frozen=True, slots=True)
class Retry:
    """It went wrong: again at a time. Costs an attempt; after the last one the job is dead."""

    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """It could not be tried: again at a time. Costs no attempt."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """It will never work as it is. The job is kept, and can be replayed."""

    reason: str


Outcome = Done | Retry | Snooze | Dead


@dataclass(frozen=True, slots=True)
class Failed:
    """What a worker makes of an error: again after `pause` seconds by the database's clock.

    `free`: costs no attempt. `alone`: from now on without others, or with them; None leaves that as it is.
    """

    pause: float
    error: str
    free: bool = False
    alone: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job; `payload`, when given, takes the place of the job's."""

    job: Job
    outcome: Outcome | Failed
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Some of a batch, done: what is to be written, settled and enqueued, all of it in one transaction or nothing.

    `write` runs again when its transaction did not commit, so it must have no effect but through the transaction.
    """

    results: Sequence[Result]
    write: Callable[["Transaction"], Awaitable[None]] | None = None
    follow: Sequence[NewJob] = ()


Handler = Callable[[Sequence[Job]], AsyncIterator[Step]]


@dataclass(frozen=True, slots=True)
class Work:
    """Who does the jobs of a kind: so many in one batch, so many batches at a time in one worker.

    `handler` does the asking and thinking, without a transaction, and yields steps that settle each job once. It may
    take `longest` seconds for each step.
    """

    kind: str
    handler: Handler
    batch: int = 1
    concurrency: int = 1
    longest: float = 600.0


def pause_after(attempts: int) -> float:
    """Seconds to wait after a failure, the longer the more there were: ten seconds to half an hour."""
    return _PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1]


def merge_same(jobs: Sequence[NewJob]) -> list[NewJob]:
    """The jobs in ascending order, each kind and key once, with the highest priority and lane that was asked for."""
    found: dict[tuple[str, int], NewJob] = {}
    for job in jobs:
        held = found.get((job.kind, job.key))
        found[job.kind, job.key] = _merged(held, job) if held else job
    return [found[name] for name in sorted(found)]


def _merged(first: NewJob, second: NewJob) -> NewJob:
    return NewJob(
        first.kind,
        first.key,
        priority=max(first.priority, second.priority),
        lane=max(first.lane, second.lane, key=LANES.index),
        payload=first.payload,
        run_at=min(first.run_at, second.run_at) if first.run_at and second.run_at else None,
        most_attempts=first.most_attempts,
        again=first.again or second.again,
    )
