"""Handlers whose outcomes are counted."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from time import perf_counter

from alexandria.queue.job import Dead, Done, Failed, Job, Outcome, Retry, Snooze, Step, Work
from alexandria.telemetry.metrics import Metrics


def counted(work: Work, metrics: Metrics) -> Work:
    """The same work; what becomes of its jobs, and how long batches take, is counted."""

    async def handle(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        begun, left = perf_counter(), len(jobs)
        steps = work.handler(jobs)
        try:
            async for step in steps:
                yield step  # whoever goes on has applied it
                left -= len(step.results)
                for result in step.results:
                    metrics.jobs.add(work.kind, _word(result.outcome))
        except Exception:
            metrics.jobs.add(work.kind, "failed", amount=left)
            raise
        finally:
            metrics.job_batch_seconds.observe(perf_counter() - begun, work.kind)
            if isinstance(steps, AsyncGenerator):
                await steps.aclose()

    return replace(work, handler=handle)


def _word(outcome: Outcome | Failed) -> str:
    match outcome:
        case Done(found=True):
            return "completed"
        case Done():
            return "not_found"
        case Retry():
            return "retry"
        case Snooze():
            return "snooze"
        case Dead():
            return "dead"
    return "failed"
