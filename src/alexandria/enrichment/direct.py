"""Many ISBNs at once, while the caller waits: known ones cost nothing, the rest goes in as few requests as possible."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alexandria.db import Database
from alexandria.enrichment.now import hand_back_all
from alexandria.enrichment.pipeline import Pipeline
from alexandria.enrichment.sources import ISBNDB, Sources
from alexandria.queue.batch import apply_step
from alexandria.queue.job import Done, Job, NewJob, Snooze, StaleLease
from alexandria.queue.store import claim_now

SECONDS = 60.0  # for a thousand ISBNs
Came = Literal["found", "not_found", "queued"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What asking for so many ISBNs costs: units of ISBNdb's day, and requests."""

    units: int
    requests: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of each ISBN, what it cost, and when there is quota again where it was used up."""

    came: Mapping[int, Came]
    cost: Cost
    resets_at: datetime | None


def cost_of(sources: Sources, count: int) -> Cost:
    """What a batch of so many unknown ISBNs costs before it is asked."""
    size = sources.batch_size
    if not count or not size:
        return Cost(0, 0)
    requests = -(-count // size)
    return Cost(count * sources.units_per_isbn or requests, requests)


async def ask_directly(database: Database, pipeline: Pipeline, sources: Sources, isbns: Sequence[int]) -> Asked:
    """What became of each ISBN, asked of ISBNdb in the interactive lane; what did not end goes on in the workers.

    Raises DatabaseUnavailable.
    """
    payload = {"providers_to_try": [ISBNDB]} if sources.batch_size else {}
    claims = await claim_now(database, [NewJob("edition", isbn, 9, "interactive", payload) for isbn in isbns])
    ours = {claim.id: claim for claim in claims if isinstance(claim, Job)}
    came: dict[int, Came] = dict.fromkeys(isbns, "queued")
    asked, resets_at = 0, None
    waiting = dict(ours)
    try:
        async with asyncio.timeout(SECONDS):
            async for step in pipeline.editions(list(ours.values())):
                await apply_step(database, step)
                for result in step.results:
                    waiting.pop(result.job.id, None)
                    asked += ISBNDB in (result.payload or {}).get("providers_attempted", ())
                    if isinstance(result.outcome, Done):
                        came[result.job.key] = "found" if result.outcome.found else "not_found"
                    elif isinstance(result.outcome, Snooze):
                        resets_at = max(filter(None, (resets_at, result.outcome.until)))
    except (TimeoutError, StaleLease):
        pass
    finally:
        await hand_back_all(database, waiting.values())
    return Asked(came, cost_of(sources, asked), resets_at)
