"""Copying parsed blocks into `mirror_next`: one block, one transaction, so that a killed load can go on."""

import gc
import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

import msgspec

from alexandria.db import Connection, connect, load_statements
from alexandria.errors import LoadFailed
from alexandria.mirror.parse import COLUMNS, NULL, Part, Rows, parse_block
from alexandria.mirror.readers import COLUMNS as READERS

SQL = load_statements(__package__)
POLITE = 19  # niceness: lookups of the mirror that serves come first; on an idle machine it costs nothing
IDLE_WAIT = 60.0  # seconds between looks at whether the workers live


class Block(NamedTuple):
    """A piece of a file: `chunk` counts from 0 within `file` (an index), whose name is `name`."""

    file: int
    name: str
    chunk: int
    data: bytes


class Copied(NamedTuple):
    """What a block became: lines read, rows per table, rejects per reason, newest time per table."""

    file: int
    lines: int
    rows: dict[str, int]
    rejects: dict[str, int]
    newest: dict[str, str]


def copy_block(connection: Connection, load_id: int, block: Block, part: Part, latest: str) -> Copied:
    """Parses a block and commits its rows, rejects and the fact that it is in, together and once.

    Raises LoadFailed when another load has begun meanwhile.
    """
    rows = parse_block(block.data, part, latest)
    counts = rows.counts()
    with connection.transaction():
        held = connection.execute(SQL["hold_load"].sql, {"load_id": load_id}).fetchone()
        if held != (True,):
            raise LoadFailed("another load has begun; this one ends")
        if _save_chunk(connection, load_id, block, rows, counts):
            _save_rejects(connection, load_id, block, rows)
            for table, lines in rows.tables.items():
                _copy_rows(connection, table, COLUMNS[table], lines)
            _copy_rows(connection, "popularity", READERS, list(rows.readers.rows()))
    rejects = {reason: count for reason, (count, _) in rows.rejects.items()}
    return Copied(block.file, rows.lines, counts, rejects, rows.newest)


def _save_chunk(connection: Connection, load_id: int, block: Block, rows: Rows, counts: dict[str, int]) -> bool:
    """Whether the block is new here."""
    values = {
        "load_id": load_id,
        "file": block.file,
        "chunk": block.chunk,
        "lines": rows.lines,
        "rows": msgspec.json.encode(counts).decode(),
        "newest": msgspec.json.encode(rows.newest).decode(),
    }
    return connection.execute(SQL["insert_chunk"].sql, values).rowcount == 1


def _copy_rows(connection: Connection, table: str, columns: str, lines: list[str]) -> None:
    if not lines:
        return
    statement = f"copy mirror_next.{table} ({columns}) from stdin (null '{NULL}')"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("\n".join(lines) + "\n")


def _save_rejects(connection: Connection, load_id: int, block: Block, rows: Rows) -> None:
    for reason, (count, sample) in sorted(rows.rejects.items()):
        values = {"load_id": load_id, "file": block.name, "reason": reason, "count": count, "sample": sample}
        connection.execute(SQL["add_rejects"].sql, values)


def copy_blocks(
    url: str, load_id: int, blocks: Iterator[Block], part: Part, latest: str, workers: int
) -> Iterator[Copied]:
    """The outcome of every block, in the order they are done; in this process when `workers` is 0.

    Raises LoadFailed when a worker dies.
    """
    if workers == 0:
        with _connect(url) as connection:
            for block in blocks:
                yield copy_block(connection, load_id, block, part, latest)
        return
    pool = _Workers(url, load_id, part, latest, workers)
    try:
        for block in blocks:
            yield from pool.submit(block)
        yield from pool.drain()
    finally:
        pool.close()


class _Workers:
    """Worker processes, each with a connection and a pipe of its own; a pipe's end tells both sides of a death."""

    def __init__(self, url: str, load_id: int, part: Part, latest: str, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.idle: list[Pipe] = []
        self.busy: list[Pipe] = []
        self.processes: list[BaseProcess] = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, url, load_id, part, latest), daemon=True)
            process.start()
            theirs.close()
            self.idle.append(ours)
            self.processes.append(process)

    def submit(self, block: Block) -> Iterator[Copied]:
        """Hands a block to the next idle worker; gives what others have finished meanwhile."""
        while not self.idle:
            yield from self._collect()
        pipe = self.idle.pop()
        try:
            pipe.send((block.file, block.name, block.chunk))
            pipe.send_bytes(block.data)
        except OSError as error:
            raise _died() from error
        self.busy.append(pipe)

    def drain(self) -> Iterator[Copied]:
        """What the workers still have in hand."""
        while self.busy:
            yield from self._collect()

    def _collect(self) -> Iterator[Copied]:
        for ready in wait(self.busy, IDLE_WAIT):
            pipe = ready
            assert isinstance(pipe, Pipe)
            try:
                outcome = pipe.recv()
            except (EOFError, OSError) as error:
                raise _died() from error
            if isinstance(outcome, Exception):
                raise outcome
            self.busy.remove(pipe)
            self.idle.append(pipe)
            yield outcome

    def close(self) -> None:
        for pipe in self.idle + self.busy:
            pipe.close()
        for process in self.processes:
            process.join(timeout=10)
            if process.is_alive():
                process.kill()
                process.join()


def _connect(url: str) -> Connection:
    """A connection whose commits need not reach the disk one by one: a block lost in a crash is copied again."""
    connection = connect(url)
    connection.execute("set synchronous_commit = off")
    connection.commit()
    return connection


def _died() -> LoadFailed:
    return LoadFailed(
        "a loader process died (was it killed, or is memory short?); run the same command again: it resumes"
    )


def _work(pipe: Pipe, url: str, load_id: int, part: Part, latest: str) -> None:
    """The life of a worker: blocks in, outcomes out, until the loader closes the pipe or dies."""
    os.nice(POLITE)
    gc.disable()  # records make no cycles, and looking for some costs a third of the time
    try:
        with _connect(url) as connection:
            while True:
                file, name, chunk = pipe.recv()
                block = Block(file, name, chunk, pipe.recv_bytes())
                pipe.send(copy_block(connection, load_id, block, part, latest))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return
    except Exception as error:  # told to the loader, which raises it
        pipe.send(LoadFailed(f"a loader process failed: {type(error).__name__}: {str(error).splitlines()[0]}"))
