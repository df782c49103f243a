"""What is known of jobs: one by its id, the newest or oldest of a sort, how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from alexandria.db import Database, load_statements

State = Literal["pending", "running", "completed", "not_found", "dead", "dropped"]
Status = Literal["pending", "processing", "completed", "failed"]
ACTIVE: tuple[State, ...] = ("pending", "running")
FINISHED: tuple[State, ...] = ("completed", "not_found", "dead", "dropped")
_STATUS: Mapping[State, Status] = {"pending": "pending", "running": "processing", "completed": "completed"}
_SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as it is told about, active or finished.

    `run_at`: when an active one is due, or its lease ends. `error`: why it failed, or was not done the last time.
    """

    id: UUID
    kind: str
    key: int
    lane: str
    priority: int
    state: State
    payload: Mapping[str, Any]
    result: Mapping[str, Any]
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    run_at: datetime | None
    error: str | None

    @property
    def status(self) -> Status:
        """The state as the API tells it: failed is what nobody knows, what is dead, and what was dropped."""
        return _STATUS.get(self.state, "failed")

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None

    @property
    def retry_count(self) -> int:
        """How often it was tried in vain and then again."""
        return self.attempts if self.state == "pending" else max(self.attempts - 1, 0)


@dataclass(frozen=True, slots=True)
class KindCounts:
    """How a kind of job stands: `pending` ones, `running` ones, since when the first is due, when the next one will be.

    `completed`, `not_found` and `dead`: how many became so in the last ten minutes.
    """

    kind: str
    pending: int
    running: int
    due_since: datetime | None
    next_at: datetime | None
    completed: int
    not_found: int
    dead: int


async def find(database: Database, job_id: UUID, *, now: datetime | None = None) -> JobStatus | None:
    """The job with an id, active or finished; None when there is none."""
    row = await database.fetch_one(_SQL["find_job"], {"id": job_id, "now": now})
    return _status(row) if row else None


async def find_states(database: Database, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these jobs that are over."""
    return {row[0] for row in await database.fetch(_SQL["find_over"], {"ids": list(ids)})}


async def list_jobs(
    database: Database,
    states: Sequence[State],
    kind: str | None = None,
    limit: int = 50,
    *,
    now: datetime | None = None,
) -> list[JobStatus]:
    """Up to `limit` jobs in these states: active ones from the oldest on, then finished ones from the newest back."""
    found: list[JobStatus] = []
    params: dict[str, Any] = {"kind": kind, "now": now}
    if active := set(states) & set(ACTIVE):
        leased = None if len(active) == 2 else "running" in active
        rows = await database.fetch(_SQL["list_active"], params | {"leased": leased, "limit": limit})
        found += map(_status, rows)
    if finished := [state for state in states if state in FINISHED]:
        more = {"kind": kind, "states": finished, "limit": limit - len(found)}
        found += map(_status, await database.fetch(_SQL["list_finished"], more))
    return found


async def counts(database: Database, *, now: datetime | None = None) -> list[KindCounts]:
    """How each kind of job stands that there ever was; no job is counted for it, so it costs next to nothing."""
    return [KindCounts(*row) for row in await database.fetch(_SQL["count_jobs"], {"now": now})]


async def count_dead(database: Database) -> dict[str, int]:
    """How many jobs lie dead, by kind."""
    return {kind: number for kind, number in await database.fetch(_SQL["count_dead"])}


def _status(row: Sequence[Any]) -> JobStatus:
    id, kind, key, lane, priority, state, payload, result, *rest = row
    told = msgspec.json.decode(payload), msgspec.json.decode(result)
    return JobStatus(id, kind, key, lane, priority, state, *told, *rest)
