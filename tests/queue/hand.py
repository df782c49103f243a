"""A worker as a process of its own, for tests that kill it: `python -m tests.queue.hand URL MODE`, until SIGTERM.

`quick`: settles small batches and notes each in public.effects. `slow`: never comes to an end. `deadly`: dies by
SIGKILL of any batch with the key 13. Its lease is a second, its grace two.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence

from alexandria.db import Database, Statement, Transaction
from alexandria.queue.job import Done, Job, NewJob, Result, Step, Work
from alexandria.queue.worker import Worker
from alexandria.telemetry.log import configure_logs

NOTE = Statement("note", "insert into public.effects (key, token) values (%(key)s, %(token)s)", "One effect of a job.")


async def quick(jobs: Sequence[Job]) -> AsyncIterator[Step]:
    for start in range(0, len(jobs), 5):
        part = jobs[start : start + 5]
        await asyncio.sleep(0.05)

        async def write(transaction: Transaction, part: Sequence[Job] = part) -> None:
            for job in part:
                await transaction.execute(NOTE, {"key": job.key, "token": job.token})

        follow = [NewJob("after", job.key, most_attempts=50) for job in part if job.kind == "edition"]
        yield Step([Result(job, Done()) for job in part], write if follow else None, follow)


async def slow(jobs: Sequence[Job]) -> AsyncIterator[Step]:
    await asyncio.sleep(3600)
    yield Step([])


async def deadly(jobs: Sequence[Job]) -> AsyncIterator[Step]:
    if any(job.key == 13 for job in jobs):
        os.kill(os.getpid(), signal.SIGKILL)
    yield Step([Result(job, Done()) for job in jobs])


async def main(url: str, mode: str) -> None:
    handler = {"quick": quick, "slow": slow, "deadly": deadly}[mode]
    database = Database(url, max_size=8)
    await database.open()
    works = [Work("edition", handler, batch=10, concurrency=2), Work("after", quick, batch=50)]
    worker = Worker(database, works, url, lease=1.0, grace=2.0)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    print("ready", flush=True)  # noqa: T201
    await worker.run()
    await database.close()


if __name__ == "__main__":
    configure_logs()
    asyncio.run(main(*sys.argv[1:]))
