"""What a storm is to be, and how far it has come: kept in its folder, so that it goes on after an interruption."""

from pathlib import Path
from typing import Any

import msgspec

from storm.killer import Kill

STATE = "state.json"


class Plan(msgspec.Struct, frozen=True):
    """How large a storm is: `every` are the seconds between two kills on average, `pages` those of the harvest."""

    jobs: int = 100_000
    workers: int = 3
    apis: int = 2
    every: float = 20.0
    lease: float = 30.0
    pages: int = 20
    seed: int = 1
    kills: int = 8  # at least so many, however quickly the jobs are done
    most_kills: int = 1_000_000


class Progress(msgspec.Struct):
    """How far it is: `first_port` of the simulator, `ports` of the API processes, ISBNs that were acknowledged,
    `mirrored` ISBNs that must always be found, seconds so far, and what was seen until the last interruption.
    """

    plan: Plan
    first_port: int
    ports: list[int]
    mirrored: list[int] = []
    enqueued: int = 0
    is_refreshing: bool = False
    seconds: float = 0.0
    sessions: int = 0
    kills: list[Kill] = []
    lookups: dict[str, int] = {}
    writes: dict[str, int] = {}
    longest: float = 0.0
    half: list[str] = []


def read_progress(folder: Path) -> Progress | None:
    """The progress of the storm in a folder; None when there is none."""
    path = folder / STATE
    return msgspec.json.decode(path.read_bytes(), type=Progress) if path.exists() else None


def write_progress(folder: Path, progress: Progress) -> None:
    """Nothing; it is in the folder, all of it or as before."""
    fresh = folder / f"{STATE}.new"
    fresh.write_bytes(msgspec.json.encode(progress))
    fresh.replace(folder / STATE)


def added(counts: dict[str, int], more: dict[str, Any]) -> dict[str, int]:
    """The sums of two counts."""
    return {name: counts.get(name, 0) + int(more.get(name, 0)) for name in sorted({*counts, *more})}
