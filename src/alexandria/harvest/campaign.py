"""Campaigns: started, paused, resumed, cancelled, and told about.

A campaign's work is jobs of two kinds: `harvest` (key: the campaign) makes the list of its steps, `harvest-step` (key:
the step) does one of them page by page. Starting and resuming enqueue what is missing; a step that ends puts the next
one under way. So nothing has to watch it, and what is enqueued twice is one job.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from alexandria.db import Database, Transaction, load_statements
from alexandria.errors import AlexandriaError
from alexandria.harvest.plan import Parameters, eta_seconds, kind_of, title_of
from alexandria.queue.job import NewJob
from alexandria.queue.store import enqueue_in

SQL = load_statements(__package__)
PLAN: Final = "harvest"  # the kind of the job that makes steps
STEP: Final = "harvest-step"
AT_ONCE: Final = 8  # steps of a campaign under way: more than the pace of a plan keeps busy
PRIORITY: Final = 3
ATTEMPTS: Final = 12  # of a job: workers may be killed under it
SHOWN: Final = 20  # failures that are told
State = Literal["planning", "running", "paused", "done", "cancelled"]
_HEAD: Final = (
    "id", "kind", "title", "state", "is_planned", "units", "pages", "editions", "new", "updated", "known",
    "waits_until", "reason", "created_by", "created_at", "ended_at",
)  # fmt: skip
_DECODER: Final[msgspec.json.Decoder[Parameters]] = msgspec.json.Decoder(Parameters)


class NoCampaign(AlexandriaError):
    """There is no campaign of that number."""


class WrongState(AlexandriaError):
    """What is asked of a campaign does not go with its state."""


@dataclass(frozen=True, slots=True)
class Started:
    """A campaign's number, and whether it is new: the same one is not started twice at a time."""

    id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed, or was not done to its end, and why. `key` is an author's number, or a month as 202611."""

    key: int
    name: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a campaign stands.

    `steps` are authors or months; until `is_planned` there will be more. `units` are those of requests that were
    answered; `editions` were on the pages, of which so many were new, updated, known. `waits_until` and `reason`: what
    it waits for. `eta_seconds`: None where nothing tells.
    """

    id: int
    kind: str
    title: str
    state: State
    is_planned: bool
    units: int
    pages: int
    editions: int
    new: int
    updated: int
    known: int
    waits_until: datetime | None
    reason: str | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    steps: int
    pending: int
    active: int
    done: int
    failed: int
    skipped: int
    editions_per_unit: float | None
    units_per_minute: float
    eta_seconds: float | None
    failures: tuple[Failure, ...] = ()


def decode(text: str) -> Parameters:
    """What a campaign is about, as `start` wrote it."""
    return _DECODER.decode(text)


async def start(database: Database, parameters: Parameters, by: str) -> Started:
    """The campaign about this, new or active already; its work is enqueued."""
    text = msgspec.json.encode(parameters, order="sorted").decode()
    params = {
        "kind": kind_of(parameters), "title": title_of(parameters), "signature": text, "parameters": text, "by": by,
    }  # fmt: skip
    async with database.transaction() as transaction:
        row = None
        while row is None:  # it ended between the two halves of the statement
            row = await transaction.fetch_one(SQL["add_campaign"], params)
        await enqueue_in(transaction, [plan_job(row[0])])
    return Started(row[0], row[1])


async def pause(database: Database, id: int) -> None:
    """Nothing; the campaign goes no further than the pages that are on their way. Raises NoCampaign, WrongState."""
    await _set(database, id, "paused", ("planning", "running"), "paused")


async def cancel(database: Database, id: int) -> None:
    """Nothing; as `pause`, for good. What was stored stays. Raises NoCampaign, WrongState."""
    await _set(database, id, "cancelled", ("planning", "running", "paused"), "cancelled")


async def resume(database: Database, id: int) -> None:
    """Nothing; the campaign goes on at the pages where it stopped. Raises NoCampaign, WrongState.

    One that runs is pushed: whatever it lacks is enqueued again.
    """
    await _set(database, id, "running", ("planning", "running", "paused"), None)


async def push_all(database: Database) -> int:
    """How many campaigns run; whatever they lack is enqueued again."""
    rows = await database.fetch(SQL["list_running"])
    async with database.transaction() as transaction:
        for id, _, _ in rows:
            await _push(transaction, id)
    return len(rows)


async def _set(database: Database, id: int, state: State, before: Sequence[State], reason: str | None) -> None:
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(SQL["lock_campaign"], {"id": id})
        if row is None:
            raise NoCampaign(f"there is no campaign {id}; see `alexandria harvest status`")
        params = {"id": id, "state": state, "reason": reason, "from": list(before)}
        if not await transaction.fetch(SQL["set_state"], params):
            raise WrongState(f"campaign {id} is {row[1]}")
        if state == "running":
            await _push(transaction, id)


async def _push(transaction: Transaction, id: int) -> None:
    """Nothing; the jobs of a campaign are enqueued, those that are already stay as they are."""
    active = [step for (step,) in await transaction.fetch(SQL["list_active"], {"id": id})]
    await enqueue_in(transaction, [plan_job(id), *map(step_job, active)])


def plan_job(id: int) -> NewJob:
    """The job that makes steps of a campaign; asked for while it runs it runs again."""
    return NewJob(PLAN, id, PRIORITY, "harvest", most_attempts=ATTEMPTS, again=True)


def step_job(id: int) -> NewJob:
    """The job of a step."""
    return NewJob(STEP, id, PRIORITY, "harvest", most_attempts=ATTEMPTS)


async def find_campaign(database: Database, id: int) -> Status:
    """How a campaign stands, with what failed. Raises NoCampaign."""
    rows = await database.fetch(SQL["find_campaigns"], {"id": id, "limit": 1})
    if not rows:
        raise NoCampaign(f"there is no campaign {id}; see `alexandria harvest status`")
    failures = await database.fetch(SQL["find_failures"], {"id": id, "limit": SHOWN})
    return _status(rows[0], tuple(Failure(*row) for row in failures))


async def list_campaigns(database: Database, limit: int = 20) -> list[Status]:
    """The newest campaigns first."""
    return [_status(row) for row in await database.fetch(SQL["find_campaigns"], {"id": None, "limit": limit})]


def _status(row: Sequence[Any], failures: tuple[Failure, ...] = ()) -> Status:
    *head, seconds, pending, active, done, failed, skipped = row
    named: dict[str, Any] = dict(zip(_HEAD, head, strict=True))
    units, seen = named["units"], named["editions"]
    left = pending + active
    ended = named["ended_at"] is not None
    return Status(
        **named,
        steps=left + done + failed + skipped,
        pending=pending,
        active=active,
        done=done,
        failed=failed,
        skipped=skipped,
        editions_per_unit=round(seen / units, 2) if units else None,
        units_per_minute=round(units * 60 / seconds, 2) if seconds else 0.0,
        eta_seconds=None if ended else eta_seconds(done + failed, left, seconds),
        failures=failures,
    )
