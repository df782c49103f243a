"""What runs when: expressions and kinds of jobs, and which firings are due. Pure; all times are UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cronsim import CronSim

from alexandria.net.gate import Lane

KEY: Final = 1  # of every scheduled job, so that no kind has two at a time
PRIORITY: Final = 7


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something that runs by schedule: a job of the kind `kind`, whenever the expression says (UTC)."""

    name: str
    expression: str
    kind: str
    about: str
    lane: Lane = "enrichment"

    def last(self, now: datetime) -> datetime:
        """The latest firing up to now."""
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        return next(CronSim(self.expression, minute + timedelta(minutes=1), reverse=True))

    def next(self, now: datetime) -> datetime:
        """The first firing after now."""
        return next(CronSim(self.expression, now.astimezone(UTC)))


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a periodic job: nothing earlier than `since` is made up for."""

    since: datetime
    last: datetime | None
    is_paused: bool


TABLE: Final = (
    Periodic("covers", "*/5 * * * *", "covers", "search for covers that are due, or were never looked for", "covers"),
    Periodic("sweep", "*/15 * * * *", "sweep", "choose again what a new mirror may have changed"),
    Periodic("harvest", "15 0 * * *", "harvest-tiers", "harvest the next tier of authors", "harvest"),
    Periodic("reconcile", "30 0 * * *", "reconcile", "compare the ledger with ISBNdb's own count", "interactive"),
    Periodic("partitions", "45 0 * * *", "partitions", "make the partitions of the next months"),
    Periodic("archive", "0 2 * * *", "archive", "move old jobs, log and calls to files"),
    Periodic("changes", "0 3 * * *", "changes", "follow Open Library's changes of the day"),
    Periodic("recommendations", "0 0 * * SUN", "recommendations", "find the books again that are like others"),
    Periodic("releases", "0 4 * * MON", "harvest-releases", "harvest what was published lately", "harvest"),
    Periodic("refresh", "0 5 1 * *", "refresh", "load Open Library's newest dump"),
)


def find_due(table: Sequence[Periodic], states: Mapping[str, State], now: datetime) -> list[tuple[Periodic, datetime]]:
    """The firings that are due: of each job the latest one, if it has not happened; so what was missed happens once."""
    due = []
    for each in table:
        state = states.get(each.name)
        if state is None or state.is_paused:
            continue
        at = each.last(now)
        if at > state.since and (state.last is None or at > state.last):
            due.append((each, at))
    return due
