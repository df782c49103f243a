"""`python -m bench.compare BEFORE AFTER`: what got slower from one result file to another, or from folder to folder.

What has a ratio is compared by it: its limit was measured in the same run, and was as disturbed. Anything else that was
measured in rounds is called slower only when no round before was as bad as any after.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from bench.report import number
from bench.result import Figure, Result, read_result, read_results

TOLERANCE: Final = 0.10
LESS_IS_BETTER: Final = frozenset(
    {"ms", "s", "min", "s of processor time", "kB", "MB", "MiB", "bytes/edition", "blocks of 8 kB", "requests"}
)


class Change(NamedTuple):
    """A figure of two runs: how many times worse it became (below one: better), and whether beyond its spread."""

    bench: str
    name: str
    before: str
    after: str
    worse: float
    is_apart: bool

    def verdict(self, tolerance: float) -> str:
        if not self.is_apart or 1 / (1 + tolerance) <= self.worse <= 1 + tolerance:
            return "as before"
        return "slower" if self.worse > 1 else "faster"


def compare(before: Sequence[Result], after: Sequence[Result]) -> Iterator[Change]:
    """The changes of all figures that both have, of which it is known whether more or less is better."""
    known = {(result.bench, result.size): result for result in before}
    for result in after:
        old = known.get((result.bench, result.size))
        figures = {figure.name: figure for figure in old.figures} if old else {}
        for figure in result.figures:
            if figure.name in figures:
                yield from _change(f"{result.bench} {result.size:,}", figures[figure.name], figure)


def _change(bench: str, before: Figure, after: Figure) -> Iterator[Change]:
    more = _more_is_better(after)
    if more is None or not before.value or not after.value:
        return
    if before.ratio and after.ratio and before.ratio_to == after.ratio_to:
        old, new, unit, is_apart = before.ratio, after.ratio, f"× {after.ratio_to}", True
    else:
        old, new, unit, is_apart = before.value, after.value, after.unit, _are_apart(before, after)
    worse = old / new if more else new / old
    yield Change(bench, after.name, f"{number(old)} {unit}", f"{number(new)} {unit}", worse, is_apart)


def _more_is_better(figure: Figure) -> bool | None:
    """None when nobody said."""
    if figure.unit.endswith("/s") or figure.goal.startswith("≥"):
        return True
    return False if figure.unit in LESS_IS_BETTER or figure.goal.startswith("≤") else None


def _are_apart(before: Figure, after: Figure) -> bool:
    """Whether no round of one was among those of the other; a figure without rounds is not known to vary."""
    ends = (before.low, before.high, after.low, after.high)
    low, high, least, most = (end if end is not None else nan for end in ends)
    return not (low <= most and least <= high)


def read(path: Path) -> list[Result]:
    """The result of a file, or all of a folder. Raises ValueError with what is wrong about it."""
    if not path.exists():
        raise ValueError(f"{path} is not there; results are written by `python -m bench --results FOLDER`")
    try:
        found = read_results(path) if path.is_dir() else [read_result(path)]
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} is no result of a bench: {error}") from None
    if not found:
        raise ValueError(f"{path} has no results (NAME-SIZE.json)")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something got slower, 2 when there is nothing to compare."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description="What got slower?")
    parser.add_argument("before", type=Path, help="a result, or a folder of them, such as bench/results")
    parser.add_argument("after", type=Path, help="the same of a later run")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="a share that is no change (default 0.1)")
    parser.add_argument("--all", action="store_true", help="show what is as before, too")
    options, console = parser.parse_args(arguments), Console(width=None if sys.stdout.isatty() else 150)
    try:
        changes = list(compare(read(options.before), read(options.after)))
    except ValueError as error:
        Console(stderr=True).print(str(error), markup=False, soft_wrap=True)
        return 2
    if not changes:
        Console(stderr=True).print("no bench of the same name and size is in both", markup=False)
        return 2
    verdicts = [(change, change.verdict(options.tolerance)) for change in changes]
    table = Table("bench", "figure", "before", "after", "times worse", "")
    for change, verdict in sorted(verdicts, key=lambda pair: -pair[0].worse):
        if options.all or verdict != "as before":
            style = {"slower": "red", "faster": "green"}.get(verdict, "")
            table.add_row(*change[:4], number(change.worse), verdict, style=style)
    if table.row_count:
        console.print(table)
    slower = sum(verdict == "slower" for _, verdict in verdicts)
    console.print(f"{len(changes)} figures are in both; {slower} got slower", markup=False, highlight=False)
    return int(bool(slower))


if __name__ == "__main__":
    sys.exit(main())
