"""The program as its users run it: real processes, each with a mark in its environment by which it is found."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from alexandria.cli.address import ask, free_port
from alexandria.cli.main import execute
from alexandria.sample.catalogue import write_sample

COMMAND = (sys.executable, "-m", "alexandria.cli.main")
HOST = "127.0.0.1"


def wait_for(condition: Callable[[], object], what: str, seconds: float = 120) -> Any:
    """The first true value of the condition; fails the test when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    pytest.fail(f"not within {seconds} s: {what}")


class Program:
    """Runs `alexandria` in a folder of its own, without the settings of whoever runs the tests."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.mark = uuid4().hex
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
        given = {f"ALEXANDRIA_{name.upper()}": str(value) for name, value in settings.items()}
        self.environ = {**kept, **given, "TEST_MARK": self.mark, "COLUMNS": "200"}

    def run(self, *arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
        """The ended process."""
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.run(
            command,
            env={**self.environ, **environ},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
        )

    def result(self, *arguments: object, code: int = 0) -> Any:
        """What the command prints with --json, parsed; its exit code is checked."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """The running process, in a group of its own; stdout is a pipe, stderr the file `stderr` in its folder."""
        with (self.folder / "stderr").open("a") as stderr:
            return subprocess.Popen(
                [*COMMAND, *map(str, arguments)],
                env=self.environ,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                process_group=0,
            )

    def said(self) -> str:
        """What a started process wrote on stderr so far."""
        return (self.folder / "stderr").read_text()

    def processes(self) -> set[int]:
        """The ids of all living processes that come from here (not PostgreSQL, whose environment is its own)."""
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
            except OSError:  # it ended, or is another user's
                continue
        return found


class Service:
    """A started `up` or `api` that answers."""

    def __init__(self, program: Program, process: subprocess.Popen[str], port: int) -> None:
        self.program, self.process, self.port = program, process, port

    def status(self, path: str) -> int | None:
        answer = ask(HOST, self.port, path)
        return answer.status if answer else None

    def api(self) -> int | None:
        """The id of the API child: the one of that name that comes from here and whose parent is the supervisor."""
        for pid in self.program.processes():
            try:
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if parent == self.process.pid and b"api" in arguments:
                return pid
        return None

    def stop(self, number: int) -> float:
        """Seconds until it had ended after the signal; it must end with 0 and leave no process."""
        begun = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)  # as a terminal does: all of the group are told
        else:
            self.process.send_signal(number)
        assert self.process.wait(60) == 0, self.program.said()
        seconds = time.monotonic() - begun
        assert self.program.processes() == set()
        return seconds


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program without a database."""
    return Program(tmp_path, data_dir=tmp_path / "data")


@pytest.fixture
def on_database(tmp_path: Path, database_url: str) -> Program:
    """The program on a fresh, migrated database."""
    return Program(tmp_path, database_url=database_url, data_dir=tmp_path / "data")


@pytest.fixture(scope="module")
def service(open_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`up` with its embedded PostgreSQL, one for a whole file; it must print that it is ready."""
    port = free_port(HOST)
    program = Program(tmp_path_factory.mktemp("up"), data_dir=open_dir / f"up-{port}")
    yield from _served(program, "up", "--port", port, port=port)


def _served(program: Program, *arguments: object, port: int) -> Iterator[Service]:
    process = program.start(*arguments)
    try:
        assert process.stdout
        line = process.stdout.readline()
        url = f"http://{HOST}:{port}"
        known = {f"ready {url}\n", f'{{"ready":"{url}"}}\n', f'{{"listening":"{url}"}}\n'}
        assert line in known, program.said()
        yield Service(program, process, port)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def lone_service(on_database: Program) -> Iterator[Service]:
    """`up` on a database that is not its own."""
    port = free_port(HOST)
    yield from _served(on_database, "up", "--port", port, "--json", port=port)


@pytest.fixture
def api_alone(on_database: Program) -> Iterator[Service]:
    """`api`, which says where it listens just before it does."""
    port = free_port(HOST)
    yield from _served(on_database, "api", "--port", port, "--json", port=port)


class Calls:
    """Runs commands inside this process, which is quicker."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """The exit code, stdout and stderr."""
        self._capsys.readouterr()
        code = execute([str(argument) for argument in arguments])
        return (code, *self._capsys.readouterr())

    def result(self, *arguments: object, code: int = 0) -> Any:
        """What the command prints with --json, parsed; its exit code is checked."""
        got, out, err = self(*arguments, "--json")
        assert got == code, err
        return json.loads(out)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Calls:
    """Commands in this process, in a fresh folder, without a database."""
    for name in [name for name in os.environ if name.startswith("ALEXANDRIA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("ALEXANDRIA_DATA_DIR", str(tmp_path / "data"))
    return Calls(capsys)


@pytest.fixture
def call_on_database(call: Calls, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Commands in this process, on a fresh, migrated database."""
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", database_url)
    return call


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The sample catalogue as dump files."""
    return write_sample(tmp_path_factory.mktemp("sample"))
