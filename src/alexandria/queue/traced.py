"""Handlers whose jobs go on with the trace in which they were enqueued.

Each job is a span, from its batch's beginning until it is settled, and so is the writing. What is asked for all of a
batch together stands in the trace of the first, which the others name.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any
from uuid import UUID

from alexandria.queue.job import Job, Result, Step, Work
from alexandria.telemetry import traces


def traced(work: Work) -> Work:
    """The same work, traced; for processes that trace."""

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        spans = _begin(work.kind, jobs)
        left = dict(spans)  # those that are not settled yet
        steps = work.handler(jobs)
        try:
            while (step := await _next(steps, spans)) is not None:
                asked = perf_counter()
                yield replace(step, results=[_carrying(result) for result in step.results])
                for result in step.results:  # whoever goes on has applied it
                    if span := left.pop(result.job.id, None):
                        _end(span, result, perf_counter() - asked)
        finally:
            for span in left.values():
                span.end()
            if isinstance(steps, AsyncGenerator):
                await steps.aclose()

    return replace(work, handler=handle)


def _begin(kind: str, jobs: Sequence[Job]) -> dict[UUID, Any]:
    """The spans of those jobs that come with a trace."""
    spans: dict[UUID, Any] = {}
    for job in jobs:
        if parent := traces.parent_of(job.payload):
            first = next(iter(spans.values()), None)
            named = {"job.id": str(job.id), "job.key": job.key, "job.attempt": job.attempts, "batch.jobs": len(jobs)}
            spans[job.id] = traces.begin(f"job {kind}", parent, first, **named)
    return spans


async def _next(steps: AsyncIterator[Step], spans: Mapping[UUID, Any]) -> Step | None:
    """The next step; what is done for it stands under the first of the spans, or under that of its job."""
    first = next(iter(spans.values()), None)
    if first is None:
        return await anext(steps, None)
    with traces.under(first, spans):
        return await anext(steps, None)


def _carrying(result: Result) -> Result:
    """The result, whose payload has the trace if the job's has: it may be tried again."""
    parent = traces.parent_of(result.job.payload)
    if parent is None or result.payload is None:
        return result
    return replace(result, payload={**result.payload, traces.PARENT: parent})


def _end(span: Any, result: Result, seconds: float) -> None:
    """Nothing; the job is settled, and its span has ended."""
    with traces.under(span):
        traces.note("store", seconds)
    span.set_attribute("job.outcome", type(result.outcome).__name__.lower())
    span.end()
