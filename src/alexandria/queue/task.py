"""Handlers for jobs of which there is one at a time: a function that does all of it and says what it did."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from alexandria.queue.job import Done, Handler, Job, Result, Step

Task = Callable[[], Awaitable[Mapping[str, Any]]]


def handle_alone(task: Task) -> Handler:
    """A handler that does the task once for all the jobs it is given; its result is theirs."""

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        done = Done(await task())
        yield Step([Result(job, done) for job in jobs])

    return handle
