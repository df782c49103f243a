"""kill -9 of the loader and of PostgreSQL at every stage: the old mirror serves on, the next run succeeds."""

import asyncio
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from alexandria.catalog.lookup import Lookup
from alexandria.db import Database, EmbeddedServer, connect, migrate
from alexandria.db.cluster import postmaster_pid
from alexandria.db.processes import server_processes
from alexandria.errors import LoadFailed
from alexandria.mirror.build import Built, build_steps
from alexandria.mirror.load import load_dumps
from alexandria.mirror.report import Progress
from tests import dumps
from tests.conftest import SMALL
from tests.mirror.test_load import ISBNS, rows
from tests.mirror.test_replay import check_whole
from tests.waiting import until

STAGES = ["reading", *(step.title for step in build_steps(Built({}, {}, {}), {}, "", 0)), "swapping"]
OLD = [(n, "Old") for n in range(1, 41)]


def edition_file(path: Path, title: str, revision: int) -> Path:
    return dumps.write(
        path, [dumps.edition(n, n % 7 or None, ISBNS[n % 3], revision, title=title) for n in range(1, 41)]
    )


def at(stage: str, act: Callable[[], None]) -> Callable[[Progress], None]:
    return lambda progress: act() if progress.stage == stage else None


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def load_and_die(url: str, path: Path, stages: list[str]) -> None:
    """Loads again and again in children of its own, each killed at its stage."""
    for stage in stages:
        pid = os.fork()
        if pid == 0:
            load_dumps(url, [path], on_progress=at(stage, kill_self))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        until(lambda: not rows(url, "select from pg_locks where locktype = 'advisory' and granted"))
        assert rows(url, "select id, title from mirror.editions order by id") == OLD


class Reader:
    """A service's lookups, on a loop of their own, over connections that live as long as it does."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._database = Database(url)
        self._lookup = Lookup(self._database)

    def __enter__(self) -> "Reader":
        self._thread.start()
        self._run(self._database.open())
        return self

    def __exit__(self, *error: object) -> None:
        self._run(self._lookup.close())
        self._run(self._database.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def title(self) -> str:
        """The title of the edition for an ISBN, asked for once."""
        outcome = self._run(self._lookup.one(int(ISBNS[0])))
        assert isinstance(outcome, bytes), outcome
        return str(json.loads(outcome)["title"])


def test_there_are_twelve_points() -> None:
    assert len(STAGES) == len(set(STAGES)) == 12


def test_the_loader_killed_at_ten_points(database_url: str, tmp_path: Path) -> None:
    load_dumps(database_url, [edition_file(tmp_path / "old.txt", "Old", 1)])
    path = edition_file(tmp_path / "new.txt", "New", 2)
    process = multiprocessing.get_context("spawn").Process(target=load_and_die, args=(database_url, path, STAGES))
    with Reader(database_url) as reader:
        process.start()
        while process.is_alive():
            assert reader.title() == "Old"  # not one lookup fails
        process.join()
    assert process.exitcode == 0
    report = load_dumps(database_url, [path])
    assert report.resumed
    assert rows(database_url, "select distinct title, count(*) from mirror.editions group by 1") == [("New", 40)]
    check_whole(database_url)


def test_postgresql_killed_at_ten_points(open_dir: Path, tmp_path: Path) -> None:
    old, new = edition_file(tmp_path / "old.txt", "Old", 1), edition_file(tmp_path / "new.txt", "New", 2)
    with EmbeddedServer(open_dir / "faults", extra_settings=SMALL) as server:
        with connect(server.url) as connection:
            migrate(connection)
        load_dumps(server.url, [old])

        def kill_server() -> None:
            pid = postmaster_pid(server.cluster)
            assert pid  # 0 would be ourselves
            os.kill(pid, signal.SIGKILL)
            until(lambda: not any(server_processes(server.cluster.folder)))  # the others end once they see that it has

        with Reader(server.url) as reader:
            for stage in STAGES:
                with pytest.raises(LoadFailed, match="it resumes"):
                    load_dumps(server.url, [new], on_progress=at(stage, kill_server))
                server.ensure_running()
                assert reader.title() == "Old"  # the first lookup after the restart is answered
                assert rows(server.url, "select id, title from mirror.editions order by id") == OLD
        load_dumps(server.url, [new])
        assert rows(server.url, "select distinct title, count(*) from mirror.editions group by 1") == [("New", 40)]
        check_whole(server.url)
