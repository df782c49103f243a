"""Folding again: after the mirror changed, and linking what was ours to what Open Library has got meanwhile."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby

from alexandria.biblio.keys import Kind
from alexandria.db import Transaction, load_statements
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
        await refold(transaction, kind, ids)
        if kind == "edition":
            await relink(transaction, ids)

    return Step([Result(job, Done()) for job in jobs], write)


async def relink(transaction: Transaction, isbns: Sequence[int]) -> None:
    """Nothing; works of ours whose edition Open Library has under a work of its own show as that one from now on."""
    await transaction.fetch(SQL["lock_merges"])
    rows = await transaction.fetch(SQL["find_relinks"], {"isbns": list(isbns)})
    for ours, theirs in rows:
        params = {"kind": "work", "from_id": ours, "into_id": theirs, "by": "relink"}
        await transaction.fetch(SQL["insert_merge"], params)
        await transaction.fetch(SQL["lock_works"], {"ids": [ours]})
        await transaction.execute(SQL["set_work_target"], {"id": ours, "into_id": theirs})
        await transaction.execute(SQL["log_merge"], {"kind": "work", "id": ours, "by": "relink", "operation": "merge"})
