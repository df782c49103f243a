"""`python -m bench.hand URL BATCH`: a worker whose handler settles every job at once, until SIGTERM."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence

from alexandria.db import Database
from alexandria.queue.job import Done, Job, Result, Step, Work
from alexandria.queue.worker import Worker
from alexandria.telemetry.log import configure_logs

KIND = "bench"
CONCURRENCY = 3  # batches in one worker: while one is settled, another one is claimed
_TRIED = {"providers_to_try": ["isbndb"], "providers_attempted": ["isbndb"], "providers_succeeded": ["isbndb"]}


async def settle_at_once(jobs: Sequence[Job]) -> AsyncIterator[Step]:
    """One step that settles all of them, each with a payload as enrichment writes it."""
    yield Step([Result(job, Done(), _TRIED) for job in jobs])


async def main(url: str, batch: int) -> None:
    database = Database(url, max_size=CONCURRENCY + 2)
    await database.open()
    worker = Worker(database, [Work(KIND, settle_at_once, batch, CONCURRENCY)], url)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await worker.run()
    await database.close()


if __name__ == "__main__":
    configure_logs()  # on stderr: nobody reads the rest of stdout
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
