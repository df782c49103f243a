"""`alexandria scheduler`: enqueues what is due by schedule, until a signal."""

import asyncio
import contextlib
import signal

from alexandria.cli.api import Tied
from alexandria.cli.children import tie_to_parent
from alexandria.cli.running import open_database
from alexandria.cli.screen import Json, note, show_json
from alexandria.cli.up import DataDir, with_options
from alexandria.config import Settings, find_secrets, read_settings
from alexandria.db import Database, connect, require_current
from alexandria.errors import DatabaseUnavailable


def scheduler(data_dir: DataDir = None, tied: Tied = False, json: Json = False) -> None:
    """Enqueue what is due by schedule, on a database that is current; several of them do each thing once.

    Workers do the jobs. What was due while none ran is made up for once.
    """
    if tied:
        tie_to_parent()
    settings = with_options(read_settings(), None, None, data_dir)
    with open_database(settings) as url:
        with contextlib.suppress(DatabaseUnavailable), connect(url) as connection:
            require_current(connection)  # a database that is away is waited for
        if json:
            show_json({"scheduling": True})
        elif not tied:
            note("watching the clock")
        asyncio.run(schedule(settings, url))


async def schedule(settings: Settings, url: str) -> None:
    """Nothing; fires what is due until SIGTERM or SIGINT."""
    from alexandria.cli.standing import standing  # here, so that other commands start without all of it
    from alexandria.ops.ticks import Scheduler
    from alexandria.telemetry.log import configure_logs
    from alexandria.telemetry.metrics import Metrics

    configure_logs(find_secrets(settings), settings.log_format)
    database = Database(url, max_size=4, prepared=settings.pooler == "none")
    await database.open()
    running = Scheduler(database)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    try:
        async with standing(settings, database, "scheduler", Metrics()):
            await running.run()
    finally:
        await database.close()
