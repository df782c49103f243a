"""The embedded server with the catalogue of one size loaded into it, as any user would have it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from alexandria.db import EmbeddedServer, connect, migrate
from alexandria.db.cluster import postmaster_pid
from alexandria.mirror.build import TABLES
from alexandria.mirror.swap import drop_previous
from bench.loader import Loaded
from bench.machine import ROOT
from bench.usage import server_cpu
from bench.workspace import BenchFailed, data_dir, dump_files, fingerprint, scratch

NAME = "alexandria"  # the embedded server's database


@dataclass(frozen=True, slots=True)
class Measured:
    """A load in a process of its own: what that process said of itself, and the server's share."""

    loaded: Loaded
    server_seconds: float


class Catalogue:
    """A running embedded server with its true settings, and the databases in it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data_dir = data_dir(size)
        self.server = EmbeddedServer(self.data_dir)
        self._stamp = self.data_dir / "loaded.json"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def postmaster(self) -> int:
        return postmaster_pid(self.server.cluster)

    def url_of(self, name: str) -> str:
        """The URL of another database of the server."""
        return re.sub(r"@/\w+\?", f"@/{name}?", self.url)

    def make_database(self, name: str) -> str:
        """The URL of a fresh, migrated database; one of that name is dropped."""
        self.drop_database(name)
        with connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        with connect(self.url_of(name), autocommit=True) as connection:
            migrate(connection)
        return self.url_of(name)

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        """The URL of a copy of the loaded database, which is gone at the end of the block."""
        self.drop_database(name)
        with connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name} template {NAME} strategy file_copy".encode())
        try:
            yield self.url_of(name)
        finally:
            self.drop_database(name)

    def drop_database(self, name: str) -> None:
        """Nothing; the database is gone."""
        if name == NAME:
            self._stamp.unlink(missing_ok=True)
        with connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())

    def load(self, url: str, files: Sequence[Path]) -> Measured:
        """What a load of the files in a process of its own took; it begins after a checkpoint."""
        with connect(url, autocommit=True) as connection:
            connection.execute("checkpoint")
        before = server_cpu(self.postmaster)
        with start_loader(url, files) as process:
            output, _ = process.communicate()
        if process.returncode != 0:
            raise BenchFailed(f"the load ended with exit code {process.returncode}; its message is above")
        return Measured(msgspec.json.decode(output, type=Loaded), server_cpu(self.postmaster) - before)

    def load_whole(self) -> Measured:
        """What a load of the whole dump into a fresh database took; other benches find it there."""
        url = self.make_database(NAME)
        measured = self.load(url, dump_files(self.size))
        self._stamp.write_text(json.dumps(self._identity()))
        return measured

    def ensure_loaded(self) -> None:
        """Nothing; the dump of this size is loaded, by the code as it is now."""
        found = None
        with suppress(OSError, ValueError):
            found = json.loads(self._stamp.read_text())
        if found != self._identity():
            self.load_whole()

    def _identity(self) -> dict[str, str]:
        made_by = fingerprint("mirror", "biblio", "db/migrations")
        return {"dump": dump_files(self.size)[0].parent.name, "code": made_by}

    def forget_previous(self) -> None:
        """Nothing; the mirror that a second load replaced is given up."""
        with connect(self.url) as connection:
            drop_previous(connection)

    def warm(self, url: str | None = None) -> None:
        """Nothing; all of the mirror that fits is in PostgreSQL's memory, of this database or of a copy."""
        with connect(url or self.url, autocommit=True) as connection:
            connection.execute("create extension if not exists pg_prewarm schema public")
            connection.execute(
                "select public.pg_prewarm(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where n.nspname = 'mirror' and c.relkind in ('r', 'i') "
                "or c.oid in (select t.reltoastrelid from pg_class t join pg_namespace m on m.oid = t.relnamespace "
                "where m.nspname = 'mirror' and t.reltoastrelid <> 0)"
            )


@contextmanager
def start_loader(url: str, files: Sequence[Path]) -> Iterator[subprocess.Popen[bytes]]:
    """A loader process, just started; killed if it still runs at the end of the block."""
    command = [sys.executable, "-m", "bench.loader", *map(str, files)]
    environ = {**os.environ, "ALEXANDRIA_DATABASE_URL": url}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def running(size: int) -> Iterator[Catalogue]:
    """A catalogue whose server runs, empty or not."""
    dump_files(size)
    catalogue = Catalogue(size)
    with catalogue.server:
        yield catalogue


@contextmanager
def loaded(size: int) -> Iterator[Catalogue]:
    """A catalogue whose server runs, with the dump of this size loaded."""
    with running(size) as catalogue:
        catalogue.ensure_loaded()
        yield catalogue


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a migrated database without records, on a server of its own that ends with the block."""
    with scratch() as folder:
        folder.chmod(0o755)
        with EmbeddedServer(folder / "data") as server:
            with connect(server.url, autocommit=True) as connection:
                migrate(connection)
            yield server.url


def disk_bytes(url: str) -> tuple[int, int]:
    """Bytes on disk of the mirror: tables with their TOAST, indexes."""
    with connect(url) as connection:
        row = connection.execute(
            "select sum(pg_table_size(c.oid))::bigint, sum(pg_indexes_size(c.oid))::bigint "
            "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = 'mirror' and c.relname = any(%s)",
            (list(TABLES),),
        ).fetchone()
    assert row is not None
    return row[0], row[1]
