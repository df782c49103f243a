"""A load from start to end: read, copy, build, verify, swap. The old mirror serves until the last moment.

Killed at any point, the same command goes on where it was: blocks that were committed are not read in again, and the
steps of the build may run twice. Other files or options start clean.
"""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alexandria.db import Connection, OperationalError, connect, load_statements
from alexandria.errors import DatabaseUnavailable, DumpRefused, LoadFailed
from alexandria.mirror.build import Built, build_steps, compare, create_next
from alexandria.mirror.copy import Block, Copied, copy_blocks
from alexandria.mirror.parse import WHOLE, Part
from alexandria.mirror.read import read_blocks
from alexandria.mirror.readers import KINDS
from alexandria.mirror.replay import count_coming, replay_changes
from alexandria.mirror.report import LoadReport, OnProgress, Progress
from alexandria.mirror.room import check_room, forecast, measure
from alexandria.mirror.swap import drop_previous, note_freshness, swap
from alexandria.mirror.verify import Evidence, find_problems, judge_file, refuse_cut_line

SQL = load_statements(__package__)
INLINE = 16 << 20  # bytes of files below which worker processes would cost more than they save
LEAVING = 3.0  # seconds until the server has noticed that a loader is gone, and lets go of its lock
DISK_FULL = "53100"  # the SQLSTATE of it
TABLES = ("authors", "works", "editions", "edition_isbns", "redirects", "deletes")
FORMAT = 2  # part of the signature: raise it when rows of the same line change


def load_dumps(
    url: str,
    paths: Sequence[Path],
    *,
    part: Part = WHOLE,
    force: bool = False,
    compared: bool = False,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> LoadReport:
    """The report of a load of `paths` (dump files of any types, plain or gzip) that ended with the swap.

    `force` loads what `verify` would refuse; `compared` counts what is new. Raises DumpRefused (the old mirror still
    serves, nothing is kept) or LoadFailed (the same command resumes).
    """
    started = datetime.now(UTC)
    sizes = [measure(path)[0] for path in paths]
    if workers is None:
        workers = 0 if sum(sizes) < INLINE else min(os.cpu_count() or 1, 8)
    with connect(url, autocommit=True) as connection:
        expected = forecast(connection, paths)
        check_room(expected)
        load = _Load(connection, url, paths, sizes, part, workers, on_progress or (lambda progress: None))
        load.packed = expected.packed
        load.begin()
        try:
            load.copy()
            load.build(force, compared)
        except DumpRefused as error:
            load.end("refused", str(error))
            raise
        except (OperationalError, DatabaseUnavailable) as error:
            raise _failed(error) from error
        load.report.seconds = (datetime.now(UTC) - started).total_seconds()
        return load.report


class _Load:
    """The state of one load."""

    def __init__(
        self,
        connection: Connection,
        url: str,
        paths: Sequence[Path],
        sizes: Sequence[int],
        part: Part,
        workers: int,
        on_progress: OnProgress,
    ) -> None:
        self.connection, self.url, self.paths, self.sizes = connection, url, paths, sizes
        self.part, self.workers, self.on_progress = part, workers, on_progress
        self.report = LoadReport(files=[path.name for path in paths])
        self.per_file: list[Counter[str]] = [Counter() for _ in paths]
        self.done: set[tuple[int, int]] = set()
        self.read = [0] * len(paths)
        self.id = 0
        self.packed = 0

    def begin(self) -> None:
        """Takes the loader's lock, and goes on with an unfinished load of the same files or starts a clean one."""
        deadline = time.monotonic() + LEAVING
        while not self._one(SQL["lock_loader"].sql)[0]:
            if time.monotonic() > deadline:
                raise LoadFailed("another load is running on this database; wait for it or stop it")
            time.sleep(0.1)
        signature = _signature(self.paths, self.sizes, self.part)
        found = self.connection.execute(SQL["find_open_load"].sql).fetchone()
        if found is not None and found[1] == signature and self._next_exists():
            self.id = found[0]
            self._resume()
            return
        new = {
            "signature": signature,
            "files": json.dumps([str(path) for path in self.paths]),
            "packed_bytes": self.packed,
            "part": json.dumps(self.part.told()),
        }
        with self.connection.transaction():
            self.id = self._one(SQL["insert_load"].sql, new)[0]
            self.connection.execute(SQL["close_open_loads"].sql, {"id": self.id})
        create_next(self.connection)

    def _next_exists(self) -> bool:
        return bool(self._one("select to_regclass('mirror_next.editions') is not null")[0])

    def _resume(self) -> None:
        self.report.resumed = True
        for file, chunk, lines, rows, newest in self.connection.execute(
            SQL["find_chunks"].sql, {"load_id": self.id}
        ).fetchall():
            self.done.add((file, chunk))
            self._count(Copied(file, lines, rows, {}, newest))
        for name, reason, count, _ in self.connection.execute(SQL["list_rejects"].sql, {"load_id": self.id}).fetchall():
            self.report.rejected[reason] += count
            self.per_file[self.report.files.index(name)][reason] += count

    def copy(self) -> None:
        """Reads every file into `mirror_next`. Raises DumpRefused for a file that is no whole dump."""
        latest = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        outcomes = copy_blocks(self.url, self.id, self._blocks(), self.part, latest, self.workers)
        for copied in outcomes:
            self._count(copied)
            self._tell("reading")
        for file, path in enumerate(self.paths):
            judge_file(path, self.per_file[file])
        self.end("building")

    def _blocks(self) -> Iterator[Block]:
        for file, path in enumerate(self.paths):

            def told(position: int, file: int = file) -> None:
                self.read[file] = position

            for chunk, data in enumerate(read_blocks(path, on_bytes=told)):
                refuse_cut_line(path, data, self.part)
                if (file, chunk) in self.done:
                    self._tell("skipping what is in")
                else:
                    yield Block(file, path.name, chunk, data)

    def _count(self, copied: Copied) -> None:
        self.report.add(copied)
        self.per_file[copied.file].update(copied.rows)
        self.per_file[copied.file].update(copied.rejects)

    def build(self, force: bool, compared: bool) -> None:
        """Turns the copied rows into a mirror and swaps it in. Raises DumpRefused when it is not to be believed."""
        built = Built({}, {}, {})
        with self.connection.transaction():  # the files are whole: what comes needs the room
            drop_previous(self.connection)
        for step in build_steps(built, self.report.newest, self.url, self.workers):
            self._tell(step.title)
            step.run(self.connection)
        self.report.tables = self._counted()
        self.report.superseded, self.report.carried = built.superseded, built.carried
        problems = find_problems(self._evidence(built))
        if problems and not force:
            raise DumpRefused("; ".join(problems) + ". The mirror stays as it was; --force loads it all the same")
        if compared:
            self._tell("comparing")
            self.report.differences = compare(self.connection)
        self._tell("swapping")
        with self.connection.transaction():
            self._replay()
            carried = self._loaded_before()  # its days go with what the files did not hold
            self.end("building", newest={**carried, **self.report.newest})
            swap(self.connection, self.id, self.report.tables)
            note_freshness(self.connection, self.id, self.report.newest)

    def _counted(self) -> dict[str, int]:
        """How large the new mirror is; of what readers say only where it, or the live one, knows anything."""
        names = (*TABLES, *KINDS)
        counts = dict(zip(names, map(int, self._one(SQL["count_next"].sql)), strict=True))
        live = self._live()
        return {name: count for name, count in counts.items() if name in TABLES or count or live.get(name)}

    def _live(self) -> dict[str, int]:
        return dict(self.connection.execute(SQL["list_counters"].sql).fetchall())

    def _loaded_before(self) -> dict[str, str]:
        last = self.connection.execute(SQL["find_live_load"].sql).fetchone()
        return last[1] if last else {}

    def _started(self) -> datetime:
        started: datetime = self._one(SQL["find_load_start"].sql, {"id": self.id})[0]
        return started

    def _replay(self) -> None:
        started = self._started()
        for name, change in replay_changes(self.connection, started).items():
            self.report.tables[name] += change
        self.connection.execute(SQL["forget_touched"].sql, {"before": started})

    def _evidence(self, built: Built) -> Evidence:
        live = self._live()
        return Evidence(
            lines=self.report.lines,
            copied=self.report.copied,
            rejected=self.report.rejected.total(),
            superseded=built.superseded,
            carried=built.carried,
            stale=built.stale,
            built=self.report.tables,
            coming=count_coming(self.connection, self._started()),
            live={name: live.get(name, 0) for name in ("authors", "works", "editions", *KINDS)},
            newest=self.report.newest,
            loaded_before=self._loaded_before(),
        )

    def end(self, state: str, reason: str | None = None, newest: Mapping[str, str] | None = None) -> None:
        """Writes down how far the load is; a refused one leaves nothing behind."""
        with self.connection.transaction():
            if state == "refused":
                self.connection.execute("drop schema if exists mirror_next cascade")
            self.connection.execute(
                SQL["set_load_state"].sql,
                {
                    "id": self.id,
                    "state": state,
                    "reason": reason,
                    "counts": json.dumps(self.report.tables),
                    "newest": json.dumps(newest or self.report.newest),
                },
            )

    def _tell(self, stage: str) -> None:
        self.on_progress(Progress(stage, sum(self.read), sum(self.sizes), self.report.lines))

    def _one(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        row = self.connection.execute(sql, values).fetchone()
        assert row is not None
        return row


def _failed(error: OperationalError | DatabaseUnavailable) -> LoadFailed:
    """The error to raise for one of the database that has nothing to do with the files."""
    reason = str(error).splitlines()[0]
    if isinstance(error, OperationalError) and error.sqlstate == DISK_FULL:
        told = f"the database's disk is full ({reason}); free some space, then run the same command again"
    else:
        told = f"the database went away ({reason}); run the same command again"
    return LoadFailed(f"{told}: it resumes")


def find_refusal(connection: Connection, paths: Sequence[Path], part: Part) -> str | None:
    """Why these very files were refused when they were loaded last; None when they were not."""
    sizes = [measure(path)[0] for path in paths]
    row = connection.execute(SQL["find_refusal"].sql, {"signature": _signature(paths, sizes, part)}).fetchone()
    return row[0] if row else None


def _signature(paths: Sequence[Path], sizes: Sequence[int], part: Part) -> str:
    facts = [[str(path.resolve()), size, path.stat().st_mtime_ns] for path, size in zip(paths, sizes, strict=True)]
    text = json.dumps([FORMAT, facts, part.with_isbn, sorted(part.languages)])
    return hashlib.sha256(text.encode()).hexdigest()
