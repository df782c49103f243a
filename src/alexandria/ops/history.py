"""How things stood minute by minute: a row each, written by the schedulers, read for the curves of the dashboard."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from alexandria.db import Database, load_statements

PAUSE: Final = 20.0  # seconds: often enough that no minute is left out
SQL = load_statements(__package__)


class Standing(NamedTuple):
    """A kind of job at one time: how many wait and run, and how many ever came to each end."""

    pending: int
    running: int
    completed: int
    not_found: int
    dead: int


@dataclass(frozen=True, slots=True)
class Minute:
    """Every kind of job, and the units that every bucket had used of its day."""

    at: datetime
    queue: Mapping[str, Standing]
    quota: Mapping[str, int]


_QUEUE: Final[msgspec.json.Decoder[dict[str, Standing]]] = msgspec.json.Decoder(dict[str, Standing])
_QUOTA: Final[msgspec.json.Decoder[dict[str, int]]] = msgspec.json.Decoder(dict[str, int])


class History:
    """Notes how things stand, when it is asked to often. `clock` in seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._noted = -PAUSE

    async def note(self) -> None:
        """Nothing; this minute is noted, by us or by another. Costs nothing most times. Raises DatabaseUnavailable."""
        if self._clock() - self._noted >= PAUSE:
            await self._database.execute(SQL["note_minute"])
            self._noted = self._clock()


async def read_minutes(database: Database, hours: int, every: int) -> list[Minute]:
    """The last hours, one of so many minutes, the oldest first."""
    rows = await database.fetch(SQL["read_minutes"], {"hours": hours, "every": every})
    return [Minute(at, _QUEUE.decode(queue), _QUOTA.decode(quota)) for at, queue, quota in rows]
