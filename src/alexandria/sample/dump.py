"""A synthetic Open Library dump of any size: `generate_dump`.

Each file is a row of gzip members of `CHUNK` records, rendered and compressed by worker processes and written in
order, so that the bytes depend on the seed and the number of editions alone. (Compressed bytes also depend on the
version of isal; the lines inside do not.) Memory is bounded by a few chunks for each worker.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path

import msgspec
from isal import igzip

from alexandria.sample import numbers, rows
from alexandria.sample import plan as plans
from alexandria.sample.lines import DUMP_DATE, KINDS, dump_path
from alexandria.sample.numbers import IsbnShape
from alexandria.sample.plan import Plan, make_plan

CHUNK = 4096
LEVEL = 1
INLINE = 2_000  # editions below which worker processes would cost more than they save
AHEAD = 3  # chunks in work or waiting, for each worker

Progress = Callable[[int, int], None]
RENDER: dict[str, Callable[[Plan, int, int], list[str]]] = {
    "authors": rows.author_lines,
    "works": rows.work_lines,
    "editions": rows.edition_lines,
    "redirects": rows.redirect_lines,
    "deletes": rows.delete_lines,
}


class Task(msgspec.Struct, frozen=True):
    """Some records of one kind, from index `start` up to `stop`."""

    plan: Plan
    kind: str
    start: int
    stop: int


class Chunk(msgspec.Struct, frozen=True):
    """One gzip member and what is in it."""

    kind: str
    data: bytes
    records: int
    lines: int
    plain_bytes: int


class DumpSummary(msgspec.Struct, frozen=True):
    """What a dump holds, exactly: a loader's own counts must agree."""

    files: dict[str, Path]
    lines: dict[str, int]  # by kind, damaged ones included
    plain_bytes: dict[str, int]
    gzip_bytes: dict[str, int]
    malformed: int  # lines, all in the file of editions
    isbns: int  # pairs of an edition and a valid ISBN-13 that it carries in some form
    shared_isbns: int  # ISBN-13s that two editions carry
    invalid_isbns: int  # editions whose only ISBN has a wrong check digit or length
    without_isbn: int  # editions with no ISBN field at all
    without_work: int

    @property
    def distinct_isbns(self) -> int:
        """How many different valid ISBN-13s the editions carry."""
        return self.isbns - self.shared_isbns


def generate_dump(
    directory: Path,
    editions: int,
    seed: int = 1,
    on_progress: Progress | None = None,
    *,
    workers: int | None = None,
    date: str = DUMP_DATE,
) -> DumpSummary:
    """The summary of the five files it writes into `directory`, which is made if missing.

    `on_progress(done, total)` is told records after each chunk. `workers` defaults to the processors there are, and
    to one for few editions; with one, everything happens in this process. Raises ValueError for fewer than one or too
    many editions.
    """
    plan = make_plan(editions, seed, date)
    directory.mkdir(parents=True, exist_ok=True)
    count = workers or (1 if editions < INLINE else os.cpu_count() or 1)
    if count == 1:
        return _write_files(plan, directory, map(render_chunk, _tasks(plan)), on_progress)
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        chunks = _render_ahead(pool, count * AHEAD, _tasks(plan))
        return _write_files(plan, directory, chunks, on_progress)


def render_chunk(task: Task) -> Chunk:
    """The gzip member of a task's records."""
    lines = RENDER[task.kind](task.plan, task.start, task.stop)
    plain = "".join(lines).encode("ascii")
    return Chunk(
        kind=task.kind,
        data=igzip.compress(plain, LEVEL, mtime=0),
        records=task.stop - task.start,
        lines=plain.count(b"\n"),
        plain_bytes=len(plain),
    )


def _tasks(plan: Plan) -> Iterator[Task]:
    for kind in KINDS:
        records = plan.records[kind]
        for start in range(0, records, CHUNK) or (0,):  # an empty file is still a gzip file
            yield Task(plan, kind, start, min(start + CHUNK, records))


def _render_ahead(pool: Executor, ahead: int, tasks: Iterator[Task]) -> Iterator[Chunk]:
    waiting: deque[Future[Chunk]] = deque(pool.submit(render_chunk, task) for task in islice(tasks, ahead))
    while waiting:
        chunk = waiting.popleft().result()
        waiting.extend(pool.submit(render_chunk, task) for task in islice(tasks, 1))
        yield chunk


def _write_files(plan: Plan, directory: Path, chunks: Iterator[Chunk], on_progress: Progress | None) -> DumpSummary:
    files = {kind: dump_path(directory, kind, plan.date) for kind in KINDS}
    lines, plain_bytes, gzip_bytes = Counter[str](), Counter[str](), Counter[str]()
    done, total = 0, sum(plan.records.values())
    for kind, members in groupby(chunks, key=lambda chunk: chunk.kind):
        with files[kind].open("wb") as file:
            for chunk in members:
                file.write(chunk.data)
                lines[kind] += chunk.lines
                plain_bytes[kind] += chunk.plain_bytes
                gzip_bytes[kind] += len(chunk.data)
                done += chunk.records
                if on_progress:
                    on_progress(done, total)
    return DumpSummary(
        files=files,
        lines=dict(lines),
        plain_bytes=dict(plain_bytes),
        gzip_bytes=dict(gzip_bytes),
        **_expected_counts(plan.records["editions"]),
    )


def _expected_counts(editions: int) -> dict[str, int]:
    shapes = numbers.count_shapes(editions)
    return {
        "malformed": len(range(plans.MALFORMED_AT, editions, plans.MALFORMED_EVERY)),
        "isbns": sum(count * numbers.VALID_ISBNS[shape] for shape, count in shapes.items()),
        "shared_isbns": shapes[IsbnShape.SHARED],
        "invalid_isbns": shapes[IsbnShape.WRONG_DIGIT] + shapes[IsbnShape.SHORT],
        "without_isbn": shapes[IsbnShape.NONE],
        "without_work": plans.count_without_work(editions),
    }
