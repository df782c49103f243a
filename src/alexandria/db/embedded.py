"""The embedded PostgreSQL server: one for each data folder, shared by every process that uses the folder.

Each user holds a shared lock on `postgresql.users`; who leaves and can then take it alone was the last, and
stops the server. A killed user's lock goes with it. Starting and stopping happen under `postgresql.lock`.
The server has a session of its own: it outlives its starter, and a Ctrl-C in a terminal does not reach it.
"""

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from alexandria.db.cluster import (
    Cluster,
    cluster_url,
    create_cluster,
    disown_pid_file,
    postmaster_pid,
    prepare_folders,
    ready_pid,
    remove_socket_folder,
    running_socket,
    socket_folder,
    write_private,
)
from alexandria.db.locks import Held
from alexandria.db.logs import Log
from alexandria.db.processes import accepts, end_orphans, is_postmaster, shut_down, wait_until
from alexandria.db.programs import Programs, account_for, find_programs
from alexandria.db.tuning import settings_text
from alexandria.errors import ServerFailed

DATABASE = "alexandria"
OnWait = Callable[[float, str], None]  # seconds waited so far, the last line of PostgreSQL's log

_log = logging.getLogger(__name__)
_NOT_STARTED = "the embedded PostgreSQL was not started by this process"
_RETRY_SECONDS = 30.0  # while processes of a killed server hold its shared memory
_STOP_SECONDS = 300.0  # a last checkpoint of gigabytes on a slow disk


class EmbeddedServer:
    """The PostgreSQL of one data folder. `extra_settings` are for tests; `on_wait` hears of long starts."""

    def __init__(
        self,
        data_dir: Path,
        *,
        extra_settings: Mapping[str, str] | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        self.cluster = Cluster(data_dir.resolve())
        self._extra = dict(extra_settings or {})
        self._on_wait = on_wait
        self._logs = Log(self.cluster.log)
        self._mutex = threading.RLock()
        self._leaving = threading.Event()
        self._held: Held | None = None
        self._child = 0
        self._url = ""

    def start(self) -> str:
        """The URL of the running server; made, started or joined as needed, and held until `stop`.

        Waits as long as crash recovery takes. Raises ServerFailed.
        """
        with self._mutex:
            self._leaving.clear()
            if self._held is None:
                account = account_for(self.cluster.folder)
                prepare_folders(self.cluster, account)
                self._held = self._join(Held(self.cluster.data_dir, find_programs(account)))
            return self._url

    def _join(self, held: Held) -> Held:
        try:
            with self._start_lock(held):
                held.users.share()
                try:
                    self._bring_up(held.programs)
                    self._url = cluster_url(self.cluster, DATABASE)
                except BaseException:
                    self._leave(held)
                    raise
        except BaseException:
            held.users.close()
            raise
        return held

    def stop(self) -> None:
        """Nothing; the server stops too when nobody else uses it."""
        self._leaving.set()
        with self._mutex:
            held, self._held = self._held, None
            if held is None:
                return
            held.users.release()
            with held.start as lock:
                if wait_until(lock.take, 5):  # else another process is starting the server, so it is in use
                    self._leave(held)
                else:
                    held.users.close()

    def ensure_running(self) -> bool:
        """Whether the server was running; if not, it runs again now. Raises ServerFailed when it cannot."""
        with self._mutex:
            if self._held is None:
                raise ServerFailed(_NOT_STARTED)
            if self._answers():
                return True
            with self._start_lock(self._held):
                self._bring_up(self._held.programs)
            return False

    def watch(self, stop_event: threading.Event) -> None:
        """Nothing; restarts a killed server until the event is set, looking twice a second. Never raises."""
        delay, told = 0.5, ""
        while not stop_event.wait(delay):
            try:
                if self._held is not None and not self.ensure_running():
                    _log.warning("the embedded PostgreSQL had died and was restarted")
                delay, told = 0.5, ""
            except Exception as error:
                delay = min(delay * 2, 10.0)
                if str(error) != told and not self._leaving.is_set():
                    told = str(error)
                    _log.error("the embedded PostgreSQL cannot be restarted: %s", error)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The URL of the started server, with its password: never to be logged."""
        if self._held is None:
            raise ServerFailed(_NOT_STARTED)
        return self._url

    @contextlib.contextmanager
    def _start_lock(self, held: Held) -> Iterator[None]:
        with held.start as lock:
            self._wait(lock.take)
            yield

    def _bring_up(self, programs: Programs) -> None:
        """Make, start or join the server; under the start lock."""
        create_cluster(self.cluster, programs)
        self._wait(lambda: self._answers() or not self._alive())  # one that is starting or ending
        deadline = time.monotonic() + _RETRY_SECONDS
        while not self._answers():
            end_orphans(self.cluster.folder)
            if not self._launch(programs):
                said = self._logs.problem()
                if "still in use" not in said or time.monotonic() > deadline:
                    raise ServerFailed(f"PostgreSQL did not start: {said}")
                time.sleep(0.2)
        self._wait(self._connects)

    def _launch(self, programs: Programs) -> bool:
        """Whether the server started, recovered and accepts connections."""
        self._reap()
        disown_pid_file(self.cluster, programs.account)
        sockets = socket_folder(self.cluster, programs.account)
        text = settings_text(self.cluster.data_dir, sockets, programs, self._extra)
        write_private(self.cluster.folder / "alexandria.conf", text, programs.account)
        self._logs.mark()
        with self._logs.open_startup() as output:
            server = programs.start("postgres", "-D", str(self.cluster.folder), output=output, detached=True)
        try:
            self._wait(lambda: server.poll() is not None or ready_pid(self.cluster) == server.pid)
        except BaseException:
            server.send_signal(signal.SIGINT)
            server.wait(_STOP_SECONDS)
            raise
        if server.returncode is not None:
            return False
        server.returncode = 0  # it shall outlive us: no warning that it still runs
        self._child = server.pid
        return True

    def _reap(self) -> None:
        """Let the kernel forget the server that we started, once it has ended."""
        with contextlib.suppress(ChildProcessError):
            if self._child and os.waitpid(self._child, os.WNOHANG) != (0, 0):
                self._child = 0

    def _connects(self) -> bool:
        """Whether our database can be used; False while the server recovers. Raises ServerFailed."""
        try:
            psycopg.connect(cluster_url(self.cluster, DATABASE), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            said = " ".join(str(error).split())
            if f'database "{DATABASE}" does not exist' in said:
                with psycopg.connect(cluster_url(self.cluster, "postgres"), autocommit=True) as connection:
                    connection.execute("CREATE DATABASE alexandria")
            elif not self._answers():
                raise ServerFailed(f"PostgreSQL stopped while starting: {self._logs.problem()}") from None
            elif "the database system is" not in said:
                raise ServerFailed(f"PostgreSQL refuses us: {said}") from None
            return False
        return True

    def _leave(self, held: Held) -> None:
        """Use the server no more, and stop it when nobody else does; under the start lock."""
        held.users.release()
        with held.users as users:
            if users.take():
                if shut_down(postmaster_pid(self.cluster), self.cluster.folder, _STOP_SECONDS):
                    remove_socket_folder(self.cluster)
                else:
                    _log.warning("the embedded PostgreSQL is still writing its last checkpoint; it ends by itself")
        self._reap()

    def _alive(self) -> bool:
        return is_postmaster(postmaster_pid(self.cluster), self.cluster.folder)

    def _answers(self) -> bool:
        path = running_socket(self.cluster)
        return path is not None and accepts(path)

    def _wait(self, done: Callable[[], bool]) -> None:
        """Wait as long as it takes; `on_wait` hears of it each second. Raises ServerFailed on `stop`."""
        begun = told = time.monotonic()
        while not done():
            now = time.monotonic()
            if self._leaving.is_set():
                raise ServerFailed("told to stop while waiting for PostgreSQL")
            if self._on_wait and now - told >= 1:
                told = now
                self._on_wait(now - begun, self._logs.last_line())
            time.sleep(0.02)
