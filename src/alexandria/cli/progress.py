"""How far a long command is: a moving bar on a terminal, now and then a line on stderr elsewhere."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.text import Text

from alexandria.cli.screen import note, size

if TYPE_CHECKING:  # it brings the parsers, which take their time
    from alexandria.mirror import report

QUIET = 10.0  # seconds between lines where there is no terminal
_WINDOW = 10.0  # seconds over which a rate is taken


class Rate:
    """How many per second, lately."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def add(self, count: int) -> float:
        """The rate over the last seconds, this count (of all so far) included; 0 for the first."""
        now = time.monotonic()
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            del self._seen[0]
        (since, before) = self._seen[0]
        return (count - before) / (now - since) if now > since else 0.0


class _Text(ProgressColumn):
    """A text that the task carries."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields.get("said", "")))


class Bar:
    """A bar on a terminal, or lines: a change of stage at once, what is in between seldom."""

    def __init__(self, stage: str) -> None:
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _Text())
        times = (TimeElapsedColumn(), TextColumn("left:"), Remaining())
        self._bar = Progress(*columns, *times, console=console, transient=True) if console.is_terminal else None
        self._task = self._bar.add_task(stage, total=None) if self._bar else None
        self._stage, self._told = "", 0.0
        self._begun, self._before = 0.0, 0  # of the stage: when it was first told, and what was done by then

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, stage: str, done: int, total: int, said: str) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=stage, completed=done, total=total, said=said)
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._told, self._begun, self._before = stage, now - QUIET, now, done
        if now - self._told >= QUIET:
            self._told = now
            note(f"{stage}: {said}{self._left(done, total, now)}")

    def _left(self, done: int, total: int, now: float) -> str:
        if not self._before < done < total:
            return ""
        seconds = (now - self._begun) * (total - done) / (done - self._before)
        return f", {100 * done // total} %, about {seconds / 60:.0f} min left" if seconds > 90 else ""


class LoadProgress(Bar):
    """Told by a load where it is."""

    def __init__(self) -> None:
        super().__init__("starting")
        self._lines, self._bytes = Rate(), Rate()

    def __call__(self, progress: "report.Progress") -> None:
        lines, rate = self._lines.add(progress.lines), self._bytes.add(progress.done)
        read = (
            f"{size(progress.done)} of {size(progress.total)}, {size(rate)}/s, {progress.lines:,} lines, {lines:,.0f}/s"
        )
        reading = progress.done < progress.total
        self.show(progress.stage, progress.done, progress.total, read if reading else f"{progress.lines:,} lines")


class RecordProgress(Bar):
    """Told how many records of how many are done."""

    def __init__(self) -> None:
        super().__init__("writing")
        self._rate = Rate()

    def __call__(self, done: int, total: int) -> None:
        self.show("writing", done, total, f"{done:,} of {total:,} records, {self._rate.add(done):,.0f}/s")
