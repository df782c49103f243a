"""How the cover of one ISBN stands: what is stored, what came of the last search, whether one is under way."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from alexandria.covers.pipeline import KIND
from alexandria.covers.store import SQL, Attempt, Cover, find_attempts, find_covers
from alexandria.db import Database

Status = Literal["stored", "pending", "processing", "missing", "refused", "later", "unknown"]


@dataclass(frozen=True, slots=True)
class CoverState:
    """All of it; `job_id` is that of the search that waits or runs."""

    isbn: int
    status: Status
    cover: Cover | None = None
    attempt: Attempt | None = None
    job_id: UUID | None = None


async def read_state(database: Database, isbn: int) -> CoverState:
    """How the cover of an ISBN stands."""
    cover = (await find_covers(database, [isbn])).get(isbn)
    attempt = (await find_attempts(database, [isbn])).get(isbn)
    job = await database.fetch_one(SQL["find_active_job"], {"kind": KIND, "isbn": isbn})
    status: Status
    if cover:
        status = "stored"
    elif job:
        status = "processing" if job[1] else "pending"
    else:
        status = attempt.state if attempt else "unknown"
        status = "missing" if status == "stored" else status  # it was marked wrong since
    return CoverState(isbn, status, cover, attempt, job[0] if job else None)
