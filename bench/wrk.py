"""wrk, the load generator: many connections, each with its next request as soon as it has an answer."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import msgspec

from bench.draw import lua_arguments
from bench.workspace import BenchFailed

SCRIPT = Path(__file__).with_name("draw.lua")
FOREVER = 86_400
PATIENCE = 60  # seconds for one answer; wrk itself takes two for broken
REST = 100  # milliseconds of pause in a quick run, which is to show that it works
_seeds = count(1)


class Load(msgspec.Struct):
    """What wrk saw, latencies in milliseconds. `refused`: answers that were not 2xx or 3xx; `broken`: none at all."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    most: float
    refused: int
    broken: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def missing() -> str:
    """Why wrk cannot be used here; empty when it can."""
    return "" if shutil.which("wrk") else "wrk is not installed (Debian: `apt-get install wrk`)"


def run(
    base: str,
    size: int,
    *,
    connections: int,
    threads: int,
    seconds: float,
    pause: int = 0,
    during: subprocess.Popen[bytes] | None = None,
    script: Path = SCRIPT,
    more: Sequence[str] = (),
) -> Load:
    """What so many seconds of load gave, or with `during` as long as that process lives.

    Less than a second is a second with pauses: wrk knows whole ones only. `pause` is milliseconds between an answer
    and the next request of a connection. `script` gets `more` after the arguments of draw.lua. Raises BenchFailed for
    an answer that is an error, since a service that fails is quick.
    """
    last = FOREVER if during else max(round(seconds), 1)
    if seconds < 1 and not during:
        pause = max(pause, REST)
    command = [
        *("wrk", "--latency", "--connections", str(connections), "--threads", str(threads), "--duration", f"{last}s"),
        *("--timeout", f"{PATIENCE}s"),
        *("--script", str(script), base, "--", *lua_arguments(size), str(pause), str(next(_seeds)), *more),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        if during:
            try:
                during.wait()
            finally:
                process.send_signal(signal.SIGINT)  # wrk ends, and says what it saw
        output, _ = process.communicate()
    found = [line.removeprefix("JSON ") for line in output.splitlines() if line.startswith("JSON {")]
    if not found:
        raise BenchFailed(f"wrk failed: {' '.join(output.split())[-300:]}")
    load = msgspec.json.decode(found[0].encode(), type=Load)
    if load.refused or load.broken or not load.requests:
        raise BenchFailed(f"of {load.requests} requests {load.refused} were refused and {load.broken} broke")
    return load
