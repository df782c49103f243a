"""The processes of a storm or a soak, as their users start them, on one data folder with its embedded PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alexandria.cli.address import ask
from alexandria.cli.children import kill_group
from alexandria.db import EmbeddedServer, connect, migrate
from alexandria.errors import AlexandriaError
from alexandria.queue.job import LEASE

HOST = "127.0.0.1"
KEY = "a-key-that-opens-everything"
PATIENCE = 180.0  # seconds until something that was started answers
COMMAND = (sys.executable, "-m", "alexandria.cli.main")


class StormFailed(AlexandriaError):
    """A storm or soak cannot be run, or go on; the message says why."""


class Runner:
    """One process that is to run, whatever happens to it."""

    def __init__(self, name: str, arguments: Sequence[object], environ: Mapping[str, str], folder: Path) -> None:
        self.name, self._environ, self._folder = name, dict(environ), folder
        self._command = [*COMMAND, *map(str, arguments), "--tied"]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Nothing; it runs, tied to us: it ends when we end, however that is."""
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environ,
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def kill(self) -> None:
        """Nothing; it is gone without a word, and so is what it had started: as a supervisor leaves it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Nothing; it was asked to end, and has."""
        self._end(signal.SIGTERM)

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        kill_group(process.pid)
        process.wait()
        if process.stdin:
            process.stdin.close()


class Place:
    """A data folder with its server, and everybody who works on it; all gone after the block.

    `ports`: one API process each. Raises StormFailed.
    """

    def __init__(
        self, folder: Path, ports: Sequence[int], environ: Mapping[str, str], *, workers: int, lease: float = LEASE
    ) -> None:
        self.data_dir, self.ports = folder / "data", list(ports)
        self.logs = folder / "logs"
        for each in (self.data_dir, self.logs):
            each.mkdir(parents=True, exist_ok=True, mode=0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
        own = {"DATA_DIR": str(self.data_dir), "INTERNAL_API_KEY": KEY, "READ_RATE": "1000000", "WRITE_RATE": "1000000"}
        self.environ = {**kept, **{f"ALEXANDRIA_{name}": value for name, value in own.items()}, **environ}
        self.runners = {
            **{f"worker-{n}": self._runner(f"worker-{n}", "worker", "--lease", lease) for n in range(1, workers + 1)},
            **{f"api-{n}": self._runner(f"api-{n}", "api", "--port", port) for n, port in enumerate(ports, 1)},
            **{f"scheduler-{n}": self._runner(f"scheduler-{n}", "scheduler") for n in (1, 2)},
        }
        self._server = EmbeddedServer(self.data_dir)
        self._leaving = threading.Event()
        self.url = ""

    def _runner(self, name: str, *arguments: object) -> Runner:
        return Runner(name, arguments, self.environ, self.logs)

    def __enter__(self) -> Self:
        self.url = self._server.start()
        with connect(self.url, autocommit=True) as connection:
            migrate(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self.runners.values():
            runner.kill() if error else runner.stop()
        self._leaving.set()
        self._server.ensure_running()
        self._server.stop()

    def start(self) -> None:
        """Nothing; everybody runs and every API answers."""
        threading.Thread(target=self._server.watch, args=(self._leaving,), daemon=True).start()
        for runner in self.runners.values():
            runner.start()
        for port in self.ports:
            wait_for(partial(is_ready, port), f"the API at port {port} (see {self.logs})")

    def command(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """An `alexandria` command that has ended."""
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=self.environ,
            cwd=self.logs,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def postmaster(self) -> int:
        """The process id of PostgreSQL; 0 while there is none."""
        try:
            return int((self.data_dir / "postgresql" / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a statement of ours. Raises DatabaseUnavailable, OperationalError."""
        with connect(self.url, autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()


def is_ready(port: int) -> bool:
    """Whether the API there answers, and has its database."""
    answer = ask(HOST, port, "/ready", timeout=2)
    return answer is not None and answer.status == 200


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """The seconds until the condition held. Raises StormFailed when it does not."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise StormFailed(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)
    return time.monotonic() - begun
