"""From `.txt.gz` to a mirror that serves: how fast, with how much memory, and how large."""

import statistics
import subprocess
import sys
from math import log
from typing import NamedTuple

import msgspec

from bench.catalogue import Catalogue, Measured, disk_bytes, running
from bench.copying import copy_plainly, export
from bench.decode import Decoded
from bench.machine import ROOT, processors
from bench.result import Figure, Result, command_of, figure
from bench.workspace import editions_file, scratch

TITLE = "Loading the mirror"
ROUNDS = 2
RATE_GOAL = 60_000
MEMORY_GOAL = 1 << 30
DISK_GOAL = 700
WORLD = {"records": 109_800_000, "editions": 54_900_000}  # Open Library in 2026 (DESIGN, head)
SORTED = ("one revision a record", "indexes")  # stages that sort: more than linear
ALONE = "editions_alone"


class Round(NamedTuple):
    """One round: the editions' file alone, the same by COPY, reading alone, all five files."""

    alone: Measured
    plain: float
    decoded: Decoded
    whole: Measured


def run(size: int, quick: bool) -> Result:
    """Loads of the editions alone and of the whole dump, in fresh databases; the last one stays for other benches."""
    with running(size) as catalogue:
        rounds = [_round(catalogue) for _ in range(1 if quick else ROUNDS)]
        table_bytes, index_bytes = disk_bytes(catalogue.url)
    figures = [
        *_alone_figures(rounds),
        *_whole_figures(rounds),
        *_memory_figures([*(each.alone for each in rounds), *(each.whole for each in rounds)]),
        *_disk_figures(table_bytes, index_bytes, rounds[-1].whole.loaded.editions),
    ]
    notes = [
        "Each round: a fresh database, a checkpoint, a loader process; seconds from the first file's opening to the "
        "committed swap (indexed, vacuumed, analysed, verified). The dump was written before, so the system has it in "
        "its page cache.",
        f"The reading floor is what one process takes to gunzip the editions' file and decode its JSON, spread over "
        f"{processors()} processors (never less than gunzip alone). Plain COPY: the finished rows from text files, one "
        "connection, unlogged by `wal_level = minimal`, the same indexes, vacuum and analyze.",
        _stages("Editions alone", [each.alone for each in rounds]),
        _stages("All five files", [each.whole for each in rounds]),
        *extrapolation([each.whole for each in rounds], table_bytes + index_bytes),
    ]
    return Result(
        bench="load",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("load", size, quick),
        figures=figures,
        notes=notes,
    )


def _round(catalogue: Catalogue) -> Round:
    path = editions_file(catalogue.size)
    decoding = subprocess.run(
        [sys.executable, "-m", "bench.decode", str(path)], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    url = catalogue.make_database(ALONE)
    alone = catalogue.load(url, [path])
    with scratch() as folder:
        plain = copy_plainly(url, export(url, folder))
    catalogue.drop_database(ALONE)
    return Round(alone, plain, msgspec.json.decode(decoding.stdout, type=Decoded), catalogue.load_whole())


def _alone_figures(rounds: list[Round]) -> list[Figure]:
    rates = [each.alone.loaded.editions / each.alone.loaded.seconds for each in rounds]
    floors = [max(each.decoded.gunzip, each.decoded.gunzip_and_decode / processors()) for each in rounds]
    against_floor = [each.alone.loaded.seconds / floor for each, floor in zip(rounds, floors, strict=True)]
    against_copy = [each.alone.loaded.seconds / each.plain for each in rounds]
    return [
        figure(
            "editions alone",
            rates,
            "editions/s",
            goal=f"≥ {RATE_GOAL:,}",
            met=statistics.median(rates) >= RATE_GOAL,
        ),
        figure(
            "time of the load",
            [each.alone.loaded.seconds for each in rounds],
            "s",
            ratio=statistics.median(against_floor),
            ratio_to="gunzip and decode alone",
        ),
        figure(
            "plain COPY of the same rows",
            [each.plain for each in rounds],
            "s",
            ratio=statistics.median(against_copy),
            ratio_to="the load takes this many times as long",
        ),
        figure("gunzip alone, one process", [each.decoded.gunzip for each in rounds], "s"),
        figure("gunzip and decode, one process", [each.decoded.gunzip_and_decode for each in rounds], "s"),
        *_cpu_figures("editions alone", [each.alone for each in rounds]),
    ]


def _whole_figures(rounds: list[Round]) -> list[Figure]:
    whole = [each.whole for each in rounds]
    return [
        figure("all five files", [each.loaded.lines / each.loaded.seconds for each in whole], "lines/s"),
        figure("time of the load, all five files", [each.loaded.seconds for each in whole], "s"),
        *_cpu_figures("all five files", whole),
    ]


def _cpu_figures(name: str, loads: list[Measured]) -> list[Figure]:
    return [
        figure(f"processor time, loader, {name}", [each.loaded.loader_cpu for each in loads], "s"),
        figure(f"processor time, workers, {name}", [each.loaded.workers_cpu for each in loads], "s"),
        figure(f"processor time, PostgreSQL, {name}", [each.server_seconds for each in loads], "s"),
    ]


def _memory_figures(loads: list[Measured]) -> list[Figure]:
    loader = [each.loaded.loader_memory / (1 << 20) for each in loads]
    worker = [each.loaded.worker_memory / (1 << 20) for each in loads]
    whole = [
        (each.loaded.loader_memory + each.loaded.workers * each.loaded.worker_memory) / (1 << 20) for each in loads
    ]
    return [
        figure("peak memory, loader", loader, "MiB"),
        figure("peak memory, largest worker", worker, "MiB", note=f"{loads[-1].loaded.workers} workers"),
        figure(
            "peak memory, loader and all workers",
            whole,
            "MiB",
            goal=f"≤ {MEMORY_GOAL >> 20:,}",
            met=max(whole) <= MEMORY_GOAL >> 20,
            note="upper bound: every worker counted as the largest",
        ),
    ]


def _disk_figures(table_bytes: int, index_bytes: int, editions: int) -> list[Figure]:
    total = (table_bytes + index_bytes) / editions
    return [
        figure(
            "on disk, works and authors with it",
            [total],
            "bytes/edition",
            goal=f"≤ {DISK_GOAL}",
            met=total <= DISK_GOAL,
            note=f"tables {table_bytes / editions:.0f}, indexes {index_bytes / editions:.0f}",
        )
    ]


def _stages(name: str, loads: list[Measured]) -> str:
    names = loads[-1].loaded.stages
    medians = {stage: statistics.median(each.loaded.stages.get(stage, 0.0) for each in loads) for stage in names}
    return f"{name}, seconds by stage: " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in medians.items())


def extrapolation(loads: list[Measured], disk: int) -> list[str]:
    """What these loads say about the whole of Open Library, with the assumptions."""
    last = loads[-1].loaded
    records = last.lines
    factor = WORLD["editions"] / last.editions
    sorting = factor * log(WORLD["records"]) / log(max(records, 2))
    stages = {name: statistics.median(each.loaded.stages.get(name, 0.0) for each in loads) for name in last.stages}
    seconds = sum(taken * (sorting if name in SORTED else factor) for name, taken in stages.items())
    return [
        f"Extrapolated to Open Library ({WORLD['records'] / 1e6:.0f} M records, {WORLD['editions'] / 1e6:.1f} M "
        f"editions, {factor:.1f} times as many): {seconds / 60:.0f} minutes on this machine, "
        f"{disk * factor / 1e9:.0f} GB on disk, twice that during a reload while the old mirror serves. Assumed: "
        "works and authors in the same proportion (the generator keeps Open Library's 0.73 and 0.27); reading, "
        f"copying, joining and statistics grow linearly, sorting ({' and '.join(SORTED)}) by n log n; memory does not "
        "grow, being bounded by blocks. Not in it: tables larger than memory, whose index builds and joins read and "
        "write sorted runs on disk; checkpoints forced by the log's limit; real records, which may be longer or "
        "shorter than invented ones. So it is a lower bound for a machine whose memory does not hold the mirror."
    ]
