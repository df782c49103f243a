"""What must hold of the whole database at any moment, and whether it does: the promises of the design as queries.

Each is one statement, so that it sees one moment and may be asked while everything runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from alexandria.db import Connection, load_statements

SQL = load_statements(__package__)
LEASE: Final = 30.0  # seconds of grace after a lease has ended: as long as another one

PROMISES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "jobs_stuck": "no job is stuck beyond two leases",
        "jobs_twice": "no job is done twice",
        "tallies_wrong": "what the queue says of itself is what is in it",
        "misses_known": "nothing is remembered as unknown that somebody knows",
        "fields_unexplained": "every value was said by somebody",
        "works_missing": "every work of ours that an edition names is there",
        "names_empty": "every number that was given away has its record",
        "lists_wrong": "every ISBN of the mirror leads to its record, and back",
        "counters_wrong": "what the mirror says of itself is what is in it",
        "mirror_half": "one whole mirror serves, or none",
        "ledger_wrong": "what was used of each day is what was asked",
        "covers_unsaid": "every cover that is said to be stored is",
        "pages_wrong": "every page of a harvest is counted once",
        "steps_idle": "every step of a harvest that is under way has its job",
        "ticks_lost": "every firing of the schedule has its job",
    }
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether a promise is kept: how often it is broken, with an example."""

    name: str
    promise: str
    broken: int
    example: str | None

    def __str__(self) -> str:
        return f"{self.promise}: broken {self.broken:,} times, such as {self.example}" if self.broken else self.promise


def check_invariants(connection: Connection, names: Iterable[str] = PROMISES) -> Iterator[Kept]:
    """Each promise, as soon as it was looked into; on a whole mirror that takes minutes."""
    for name in names:
        row = connection.execute(SQL[name].sql, {"lease": LEASE}).fetchone()
        assert row is not None
        yield Kept(name, PROMISES[name], int(row[0]), row[1])
