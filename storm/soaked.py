"""What a soak says: its figures, whether its curves are flat, and their picture."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from bench.result import Figure, figure
from storm.checks import Check
from storm.curve import Panel, draw
from storm.report import Outcome
from storm.trend import MIB, Flat, Sample, judge

SHARE: Final = 0.8  # of the capacity
INTERVAL: Final = 10.0  # seconds of a sample


class State(msgspec.Struct):
    """How far a soak is: what it was to be, the capacity in requests a second, and what was measured."""

    minutes: float
    editions: int
    capacity: float = 0.0
    sessions: int = 0
    samples: list[Sample] = []
    asked: int = 0  # misses


def soak_outcome(state: State) -> Outcome:
    """What a soak says."""
    samples, flats = state.samples, judge(state.samples)
    failures = sum(each.failures for each in samples)
    checks = [
        Check(f"{flat.name} does not grow by more than {_shown(flat, flat.allowed)}", int(not flat.is_flat),
              f"by {_shown(flat, flat.rise)}" if not flat.is_flat else "")
        for flat in flats
    ]  # fmt: skip
    if not flats:
        checks = [Check("it was long enough to be judged", 1, f"{len(samples)} samples of {INTERVAL:g} s")]
    return Outcome(
        name="soak",
        title=f"A soak: {state.minutes:g} minutes at {SHARE:.0%} of the capacity, while providers fail",
        command=f".venv/bin/python -m storm.soak --minutes {state.minutes:g} --editions {state.editions}",
        figures=[*_load_figures(state), *map(_flat_figure, flats)],
        checks=[*checks, Check("every lookup was answered", failures)],
        picture="pictures/soak.svg",
    )


def _load_figures(state: State) -> list[Figure]:
    samples = state.samples
    seconds = max(len(samples) * INTERVAL, 1.0)
    kinds = list(samples[0].memory) if samples else []
    sessions = f"in {state.sessions} sessions" if state.sessions > 1 else ""
    return [
        figure("capacity, of a generator on the same machine", [state.capacity], "lookups/s", note=sessions),
        figure("lookups a second", [each.requests / INTERVAL for each in samples], "lookups/s"),
        figure("books a second that providers are asked about", [state.asked / seconds], "books/s"),
        *(figure(name, [getattr(each, name) for each in samples], "ms") for name in ("p50", "p95", "p99")),
        figure("database connections", [each.connections for each in samples], "connections"),
        *(figure(f"memory of {name}", [each.memory[name] / MIB for each in samples], "MiB") for name in kinds),
        figure("PostgreSQL's cache, which grows with the data up to shared_buffers",
               [each.cache / MIB for each in samples], "MiB"),
    ]  # fmt: skip


def _flat_figure(flat: Flat) -> Figure:
    scale, unit = _scale(flat)
    return figure(
        f"rise of {flat.name} after the first third", [flat.rise / scale], unit,
        goal=f"≤ {flat.allowed / scale:.3g}", met=flat.is_flat,
    )  # fmt: skip


def _shown(flat: Flat, value: float) -> str:
    scale, unit = _scale(flat)
    return f"{value / scale:.3g} {unit}"


def _scale(flat: Flat) -> tuple[float, str]:
    return (
        (MIB, "MiB") if flat.name.startswith("memory") else (1, "connections" if "connections" in flat.name else "ms")
    )


def picture(state: State) -> str:
    """The curves as SVG."""
    samples = state.samples
    minutes = [(number + 1) * INTERVAL / 60 for number in range(len(samples))]

    def curve(read: Callable[[Sample], Any]) -> list[float]:
        return [float(read(each)) for each in samples]

    names = list(samples[0].memory) if samples else []
    return draw(
        "Memory, connections and latency during a soak",
        minutes,
        [
            Panel("Memory", "MiB", {name: [each.memory[name] / MIB for each in samples] for name in names}),
            Panel("PostgreSQL's cache", "MiB", {"cache": [each.cache / MIB for each in samples]}),
            Panel("Database connections", "", {"open": curve(lambda s: s.connections)}),
            Panel("Latency of lookups", "ms", {"p50": curve(lambda s: s.p50), "p99": curve(lambda s: s.p99)}),
        ],
    )  # fmt: skip
