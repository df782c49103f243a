"""A load in a process of its own (`python -m bench.loader FILE…`), which tells as JSON what it took."""

import os
import resource
import sys
import time
from pathlib import Path

import msgspec

from alexandria.mirror.load import load_dumps
from alexandria.mirror.report import Progress
from bench.usage import peak_memory


class Loaded(msgspec.Struct):
    """Seconds from opening the first file to the committed swap, by stage; memory and processor time."""

    lines: int
    editions: int
    rows: int
    seconds: float
    stages: dict[str, float]
    loader_memory: int
    worker_memory: int  # of the largest worker
    workers: int
    loader_cpu: float
    workers_cpu: float


class Stages:
    """Seconds between one stage and the next; hears of progress."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage, self._since = "reading", time.perf_counter()

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self.end(progress.stage)

    def end(self, following: str = "") -> None:
        """Nothing; the stage is over."""
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = following, now


def load(url: str, paths: list[Path]) -> Loaded:
    """What a load with the program's own choice of workers took."""
    stages = Stages()
    begun = time.perf_counter()
    report = load_dumps(url, paths, on_progress=stages)
    seconds = time.perf_counter() - begun
    stages.end()
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return Loaded(
        lines=report.lines,
        editions=report.copied["editions"],
        rows=sum(report.tables.values()),
        seconds=seconds,
        stages={name: round(value, 3) for name, value in stages.seconds.items()},
        loader_memory=peak_memory(),
        worker_memory=children.ru_maxrss * 1024,
        workers=min(os.cpu_count() or 1, 8) if children.ru_utime > 0 else 0,
        loader_cpu=own.ru_utime + own.ru_stime,
        workers_cpu=children.ru_utime + children.ru_stime,
    )


if __name__ == "__main__":
    found = load(os.environ["ALEXANDRIA_DATABASE_URL"], [Path(name) for name in sys.argv[1:]])
    sys.stdout.buffer.write(msgspec.json.encode(found))
