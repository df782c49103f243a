"""What became of jobs, as the columns of the statement that settles them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from alexandria.queue.job import Dead, Done, Failed, Result, Retry, Snooze

LONGEST_ERROR = 1_000  # characters


@dataclass(frozen=True, slots=True)
class _Told:
    """One row. A job is due again `at` a time or after a `pause`; `alone` None leaves that as it is."""

    verb: str
    at: datetime | None = None
    pause: float | None = None
    error: str | None = None
    result: str = "{}"
    alone: bool | None = False  # whoever gives an outcome did not break anything


def columns_of(results: Sequence[Result]) -> dict[str, Any]:
    """The parameters of `settle`, but for the time."""
    told = [_tell(result.outcome) for result in results]
    return {
        "ids": [result.job.id for result in results],
        "tokens": [result.job.token for result in results],
        "verbs": [row.verb for row in told],
        "ats": [row.at for row in told],
        "pauses": [row.pause for row in told],
        "errors": [row.error for row in told],
        "payloads": [None if result.payload is None else _json(result.payload) for result in results],
        "results": [row.result for row in told],
        "alones": [row.alone for row in told],
    }


def _tell(outcome: Done | Retry | Snooze | Dead | Failed) -> _Told:
    row = _row(outcome)
    return row if row.error is None else replace(row, error=_clean(row.error))


def _row(outcome: Done | Retry | Snooze | Dead | Failed) -> _Told:
    match outcome:
        case Done(result, found):
            return _Told(
                "completed" if found else "not_found", error=None if found else "not_found", result=_json(result)
            )
        case Retry(at, error):
            return _Told("retry", at=at, error=error)
        case Snooze(until, reason):
            return _Told("snooze", at=until, error=reason)
        case Dead(reason):
            return _Told("dead", error=reason)
        case Failed(pause, error, free, alone):
            return _Told("snooze" if free else "retry", pause=pause, error=error, alone=alone)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _clean(text: str) -> str:
    """The text as PostgreSQL takes it, and not too long."""
    return text.replace("\0", "").encode(errors="replace").decode()[:LONGEST_ERROR]
