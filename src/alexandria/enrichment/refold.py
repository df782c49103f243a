"""Folding again: after the mirror changed, and linking what was ours to what Open Library has got meanwhile."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby

from alexandria.biblio.keys import Kind
from alexandria.db import Transaction, load_statements
from alexandria.enrichment.merging import Mergeable
from alexandria.enrichment.store import refold
from alexandria.queue.entities import REFOLDS
from alexandria.queue.job import Done, Job, Result, Step

SQL = load_statements(__package__)
_RECORDS: Mapping[str, Kind] = {job: record for record, job in REFOLDS.items()}


async def refold_jobs(jobs: Sequence[Job]) -> AsyncIterator[Step]:
    """Steps that fold records again: editions (by ISBN), works or authors, as the kinds of the jobs say."""
    for kind, group in groupby(sorted(jobs, key=lambda job: job.kind), key=lambda job: job.kind):
        yield _step(_RECORDS[kind], list(group))


def _step(kind: Kind, jobs: Sequence[Job]) -> Step:
    ids = [job.key for job in jobs]

    async def write(transaction: Transaction) -> None:
        if kind == "edition":
            await refold(transaction, kind, ids)
            await relink(transaction, ids)
        else:
            await refold(transaction, kind, await follow_upstream(transaction, kind, ids))

    return Step([Result(job, Done()) for job in jobs], write)


async def relink(transaction: Transaction, isbns: Sequence[int]) -> None:
    """Nothing; works of ours whose edition Open Library has under a work of its own show as that one from now on."""
    await transaction.fetch(SQL["lock_merges"])
    rows = await transaction.fetch(SQL["find_relinks"], {"isbns": list(isbns)})
    for ours, theirs in rows:
        await transaction.fetch(SQL["lock_works"], {"ids": [ours]})
        await _lead(transaction, "work", ours, theirs, "relink")


async def follow_upstream(transaction: Transaction, kind: Mergeable, ids: Sequence[int]) -> list[int]:
    """The records to fold: these, and those that Open Library merged some of them into.

    What was said about a merged one is said about the other from now on; what the same source said about both stays.
    Records that somebody merged by hand stay as they are.
    """
    params = {"kind": kind, "ids": list(ids)}
    if not await transaction.fetch(SQL["find_upstream"], params):
        return list(ids)
    await transaction.fetch(SQL["lock_merges"])
    pairs = await transaction.fetch(SQL["find_upstream"], params)
    together = sorted({*ids, *(theirs for _, theirs in pairs)})
    await transaction.fetch(SQL[f"lock_{kind}s"], {"ids": together})
    for ours, theirs in pairs:
        await transaction.execute(SQL["move_answers"], {"kind": kind, "from_id": ours, "into_id": theirs})
        await _lead(transaction, kind, ours, theirs, "open-library")
    return together


async def _lead(transaction: Transaction, kind: Mergeable, ours: int, theirs: int, by: str) -> None:
    """Nothing; one record, which is locked, shows as the other."""
    await transaction.fetch(SQL["insert_merge"], {"kind": kind, "from_id": ours, "into_id": theirs, "by": by})
    await transaction.execute(SQL[f"set_{kind}_target"], {"id": ours, "into_id": theirs})
    await transaction.execute(SQL["log_merge"], {"kind": kind, "id": ours, "by": by, "operation": "merge"})
