"""`alexandria worker`: does what is queued, until a signal."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Collection, Sequence
from typing import Annotated

import typer

from alexandria.cli.api import Tied
from alexandria.cli.children import tie_to_parent
from alexandria.cli.running import check_store, open_database
from alexandria.cli.screen import Json, note, show_json
from alexandria.cli.up import DataDir, with_options
from alexandria.config import Settings, find_secrets, read_settings
from alexandria.db import Database, connect, require_current
from alexandria.errors import BadInput, DatabaseUnavailable
from alexandria.queue.job import Work

POOL = 16  # connections

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only jobs of this kind, such as edition or cover; may be repeated.")
]


Lease = Annotated[
    float | None,
    typer.Option(hidden=True, min=1, help="Seconds after which others take what a dead worker had; for tests."),
]


def worker(
    data_dir: DataDir = None, kind: Kinds = None, lease: Lease = None, tied: Tied = False, json: Json = False
) -> None:
    """Do what is queued, on a database that is current; as many of them as you like, on any machine.

    A signal lets it finish what it does, or hand it back, within ten seconds.
    """
    if tied:
        tie_to_parent()
    settings = with_options(read_settings(), None, None, data_dir)
    with open_database(settings) as url:
        check_store(settings)
        with contextlib.suppress(DatabaseUnavailable), connect(url) as connection:
            require_current(connection)  # a database that is away is waited for
        if json:
            show_json({"working": True})
        elif not tied:
            note("waiting for work")
        asyncio.run(work(settings, url, kind or [], lease))


async def work(settings: Settings, url: str, kinds: Collection[str] = (), lease: float | None = None) -> None:
    """Nothing; does jobs of these kinds, or of all, until SIGTERM or SIGINT. Raises BadInput for an unknown kind."""
    from alexandria.cli.standing import standing  # here, so that other commands start without all of it
    from alexandria.covers.pool import Decoders, processors
    from alexandria.queue.counted import counted
    from alexandria.queue.job import LEASE
    from alexandria.queue.traced import traced
    from alexandria.queue.worker import Worker
    from alexandria.telemetry.log import configure_logs
    from alexandria.telemetry.metrics import Metrics
    from alexandria.telemetry.traces import configure_traces, end_traces, is_on
    from alexandria.wiring import make_services

    configure_logs(find_secrets(settings), settings.log_format)
    configure_traces(settings.traces_url, "worker")
    database = Database(url, max_size=POOL, prepared=settings.pooler == "none", timeout_ms=60_000)
    await database.open()
    metrics = Metrics()
    decoders = Decoders(processors(), background=True)
    services = make_services(settings, database, decoders=decoders, metrics=metrics)
    try:
        works = [counted(each, metrics) for each in _chosen(services.works(), kinds)]
        works = [traced(each) for each in works] if is_on() else works
        running = Worker(database, works, settings.database_direct_url or url, lease=lease or LEASE)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.stop)
        gc.freeze()
        async with standing(settings, database, "worker", metrics):
            await running.run()
    finally:
        await services.close()
        await database.close()
        end_traces()


def _chosen(works: Sequence[Work], kinds: Collection[str]) -> Sequence[Work]:
    """The kinds of work that were asked for; without a wish, all."""
    known = {work.kind for work in works}
    if unknown := set(kinds) - known:
        raise BadInput("kind", f"{', '.join(sorted(unknown))} is none; there are {', '.join(sorted(known))}")
    return [work for work in works if not kinds or work.kind in kinds]
