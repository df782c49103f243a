"""What a bench says: figures with their spread, a ratio to something measured in the same run, a goal."""

import statistics
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, kw_only=True):
    """One measured number: the median with the least and the most of the rounds; `value` None where it is skipped."""

    name: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    ratio_to: str = ""
    goal: str = ""
    met: bool | None = None  # None: no goal, or not judged (at this size, or without the tool)
    note: str = ""


class Result(msgspec.Struct, kw_only=True):
    """One run of a bench. The runner adds where and when it was, and `failed` when it raised."""

    bench: str
    title: str
    size: int
    quick: bool
    command: str
    figures: list[Figure] = []
    notes: list[str] = []
    failed: str = ""
    date: str = ""
    seconds: float = 0.0
    machine: dict[str, str] = {}
    versions: dict[str, str] = {}
    settings: dict[str, str] = {}
    load_average: tuple[float, float, float] = (0.0, 0.0, 0.0)
    busy: float = 0.0  # the share of the processors that others used just before

    @property
    def met(self) -> bool | None:
        """Whether every judged goal was met; None when none was judged."""
        judged = [figure.met for figure in self.figures if figure.met is not None]
        return all(judged) if judged else None


def command_of(bench: str, size: int, quick: bool) -> str:
    """The command that runs this bench alone, at this size."""
    return f".venv/bin/python -m bench {bench} --editions {size}{' --quick' if quick else ''}"


def figure(name: str, values: Sequence[float], unit: str, **others: object) -> Figure:
    """The figure of some rounds: median, least and most."""
    low, high = (min(values), max(values)) if len(values) > 1 else (None, None)
    members = {"name": name, "value": statistics.median(values), "unit": unit, "low": low, "high": high, **others}
    return msgspec.convert(members, Figure)


def skipped(name: str, unit: str, reason: str, goal: str = "") -> Figure:
    """A figure that could not be measured here."""
    return Figure(name=name, value=None, unit=unit, goal=goal, note=f"skipped: {reason}")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which this share of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def result_path(folder: Path, result: Result) -> Path:
    """Where a result is kept: quick ones apart, so that they never pass for measurements."""
    return folder / ("quick" if result.quick else "") / f"{result.bench}-{result.size}.json"


def write_result(folder: Path, result: Result) -> Path:
    """The path of the JSON file written."""
    path = result_path(folder, result)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return path


def read_result(path: Path) -> Result:
    """The result in a file. Raises msgspec.MsgspecError when there is none."""
    return msgspec.json.decode(path.read_bytes(), type=Result)


def read_results(folder: Path) -> list[Result]:
    """The results that are no quick ones, by name and size. Raises msgspec.MsgspecError."""
    return sorted(map(read_result, folder.glob("*.json")), key=lambda result: (result.bench, result.size))
