"""The generator of invented dumps: how fast, and how much of it is compression."""

import resource
import time
from pathlib import Path

from isal import igzip

from alexandria.sample.dump import CHUNK, LEVEL, DumpSummary, generate_dump
from bench.machine import processors
from bench.result import Result, command_of, figure
from bench.workspace import scratch

TITLE = "Generating a dump"


def run(size: int, quick: bool) -> Result:
    """A dump into an empty folder, then its text compressed again by the same compressor, and nothing else."""
    with scratch() as folder:
        cpu, begun = _cpu(), time.perf_counter()
        summary = generate_dump(folder, size)
        seconds, used = time.perf_counter() - begun, _cpu() - cpu
        compressing = _compress(summary)
    plain = sum(summary.plain_bytes.values())
    return Result(
        bench="generator",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("generator", size, quick),
        figures=[
            figure("dump of all five files", [size / seconds], "editions/s"),
            figure("text made", [plain / seconds / 1e6], "MB/s"),
            figure(
                "processor time",
                [used],
                "s",
                ratio=used / compressing,
                ratio_to="compressing the same bytes alone",
            ),
            figure("compressing the same bytes alone", [compressing], "s of processor time"),
        ],
        notes=[
            f"{processors()} processes; gzip members of {CHUNK:,} records by isal at level {LEVEL}, the quickest there "
            "is. Compression alone: the same members, from memory, one process."
        ],
    )


def _cpu() -> float:
    """Seconds of processor time of this process and its ended ones."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _compress(summary: DumpSummary) -> float:
    """Seconds of processor time to compress the dump's text again in members of about the same size."""
    total = 0.0
    for kind, path in summary.files.items():
        piece = max(summary.plain_bytes[kind] * CHUNK // max(summary.lines[kind], 1), 1)
        total += _compress_file(path, piece)
    return total


def _compress_file(path: Path, piece: int) -> float:
    total = 0.0
    with igzip.open(path, "rb") as file:  # type: ignore[no-untyped-call]
        while data := file.read(piece):
            begun = time.process_time()
            igzip.compress(data, LEVEL, mtime=0)
            total += time.process_time() - begun
    return total
