"""The refresh in a process of its own: it takes hours and all processors, and must end when its job is given up."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any

from alexandria.errors import AlexandriaError, DatabaseUnavailable, DumpRefused, LoadFailed
from alexandria.mirror.published import NotPublished
from alexandria.queue.job import Done, Handler, Job, Outcome, Result, Snooze, Step
from alexandria.sync.refresh import Source, read_live, refresh_mirror

TOMORROW = timedelta(days=1)  # after a dump that is not there yet, or not to be believed
SOON = timedelta(seconds=30)  # when the database went away: what was loaded is kept
LATER = timedelta(minutes=10)  # when anything else went wrong
GRACE = 5.0  # seconds between asking it to end and ending it


class RefreshFailed(AlexandriaError):
    """The refresh ended without doing what it should, and why; the mirror serves as before. `again`: when to try."""

    def __init__(self, message: str, again: timedelta) -> None:
        super().__init__(message)
        self.again = again


def refresh_handler(url: str, source: Source) -> Handler:
    """A handler that refreshes the mirror if there is one: the first load is for a person to start."""

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        outcome: Outcome
        if not (await asyncio.to_thread(read_live, url))[1]:
            outcome = Done({"reason": "no mirror is loaded; `alexandria mirror refresh` loads the first"}, found=False)
        else:
            try:
                outcome = Done(await refresh_apart(url, source))
            except RefreshFailed as error:
                outcome = Snooze(datetime.now(UTC) + error.again, str(error))
        yield Step([Result(job, outcome) for job in jobs])

    return handle


async def refresh_apart(url: str, source: Source) -> dict[str, Any]:
    """The date of the dump that serves, whether it is new, and what is new in it. Raises RefreshFailed.

    When the caller is cancelled, the process ends; another run goes on where it was.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_refresh, args=(theirs, url, source), name="refresh")
    process.start()
    theirs.close()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
        said: dict[str, Any] = ours.recv() if ours.poll() else {"error": "its process died; the log says why"}
    finally:
        loop.remove_reader(process.sentinel)
        if process.is_alive():
            process.terminate()
            process.join(GRACE)
            process.kill()
        process.join()
        ours.close()
    if "error" in said:
        raise RefreshFailed(said["error"], said.get("again", LATER))
    return said


def _refresh(pipe: Pipe, url: str, source: Source) -> None:
    """The life of the process: one refresh, and what came of it. It ends with the worker that started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        done = refresh_mirror(url, source)
        pipe.send({"date": done.date, "is_new": done.is_new, **done.differences})
    except AlexandriaError as error:
        pipe.send({"error": str(error), "again": when_again(error)})


def when_again(error: AlexandriaError) -> timedelta:
    """How long to wait after an error before the refresh is tried again."""
    if isinstance(error, NotPublished | DumpRefused):
        return TOMORROW
    return SOON if isinstance(error, DatabaseUnavailable | LoadFailed) else LATER


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
