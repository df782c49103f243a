"""What all API processes were asked lately, from the minutes that they tell of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alexandria.ops.processes import Minute
from alexandria.telemetry.metrics import FAST
from alexandria.telemetry.summary import find_quantile

CURVE: Final = 60  # minutes
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The minute before this one, and this one as far as it is known: lookups and requests a second, the share of
    lookups that were hits (None: there were none), answers of 500 and more, and seconds that half and 99 of 100 lookups
    took at most, about. `curve`: lookups a second in each minute of the last hour, the newest last.
    """

    lookups: float
    requests: float
    hit_rate: float | None
    failures: int
    median: float | None
    slow: float | None
    curve: Sequence[float]


def sum_up(minutes: Sequence[Minute], now: datetime) -> Traffic:
    """The traffic of the last hour, where minutes in which nothing happened may be left out."""
    this = now.replace(second=0, microsecond=0)
    known = {each.minute: each for each in minutes}
    recent = [known[minute] for minute in (this - MINUTE, this) if minute in known]
    seconds = (now - this + MINUTE).total_seconds()
    lookups = sum(each.lookups for each in recent)
    took = [sum(counts) for counts in zip(*(each.took for each in recent if len(each.took) > len(FAST)), strict=True)]
    whole = [known.get(this - MINUTE * back) for back in range(CURVE, 0, -1)]
    return Traffic(
        lookups=lookups / seconds,
        requests=sum(each.requests for each in recent) / seconds,
        hit_rate=sum(each.hits for each in recent) / lookups if lookups else None,
        failures=sum(each.errors for each in recent),
        median=find_quantile(took, FAST, 0.5),
        slow=find_quantile(took, FAST, 0.99),
        curve=[each.lookups / MINUTE.total_seconds() if each else 0.0 for each in whole],
    )
