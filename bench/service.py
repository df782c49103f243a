"""The service as its users start it: `alexandria api` on granian, with its logs, in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

from alexandria.cli.address import ask, free_port
from bench.workspace import BenchFailed

HOST = "127.0.0.1"
PATIENCE = 180.0


@contextmanager
def service(data_dir: Path, folder: Path, workers: int = 1, settings: Mapping[str, str] | None = None) -> Iterator[int]:
    """The port of a service that answers; it ends with the block, and when we are killed."""
    port = free_port(HOST)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALEXANDRIA_")}
    environ |= {
        "ALEXANDRIA_DATA_DIR": str(data_dir),
        "ALEXANDRIA_HOST": HOST,
        "ALEXANDRIA_PORT": str(port),
        "ALEXANDRIA_WORKERS": str(workers),
        "ALEXANDRIA_READ_RATE": "1000000",  # limits are raised, not removed
        "ALEXANDRIA_WRITE_RATE": "1000000",
        **(settings or {}),
    }
    log = folder / f"service-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "alexandria.cli.main", "api", "--tied"],
            cwd=folder,  # no .env there
            env=environ,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            process_group=0,
        )
    try:
        _wait_until_ready(process, port, log)
        yield port
    finally:
        _end(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        answer = ask(HOST, port, "/ready")
        if answer and answer.status == 200:
            return
        time.sleep(0.05)
    raise BenchFailed(f"the service does not answer: {' '.join(log.read_text(errors='replace').split())[-400:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def base_of(port: int) -> str:
    """The URL of a service."""
    return f"http://{HOST}:{port}"


class Client:
    """One connection to a service, kept open; it tells how long each answer took."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=60)
        self._headers = dict(headers or {})

    def get(self, path: str) -> float:
        """Milliseconds until the answer was read whole. Raises BenchFailed for a refusal."""
        return self._ask("GET", path, None)[0]

    def read(self, path: str) -> bytes:
        """The answer. Raises BenchFailed for a refusal."""
        return self._ask("GET", path, None)[1]

    def post(self, path: str, body: bytes) -> tuple[float, bytes]:
        """Milliseconds until the answer was read whole, and the answer. Raises BenchFailed for a refusal."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[float, bytes]:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        milliseconds = (time.perf_counter() - begun) * 1000
        if response.status not in (200, 201):
            raise BenchFailed(f"{method} {path} answered {response.status}: {answer[:200]!r}")
        return milliseconds, answer

    def close(self) -> None:
        self._connection.close()
