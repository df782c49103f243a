"""`Simulator`: the simulated providers in a process of their own, for tests and benchmarks."""

import http.client
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from alexandria.errors import AlexandriaError
from alexandria.simulator.messages import CONTROL
from alexandria.simulator.options import Options, settings_for

_GRACE = 5.0


class SimulatorFailed(AlexandriaError):
    """The simulator did not start, or refused what it was told, and why."""


class Simulator:
    """The simulated providers, started on entering, gone after leaving.

    `urls` has the base URL of each host by the name of its setting (`isbndb`, `google_books`, `open_library`,
    `wikidata`, `wikidata_sparql`, `wikipedia`, `open_library_covers`, `internet_archive`, `commons`, `dumps`) and of
    those that only have pictures (`google_books_pictures`, `isbndb_pictures`). `environ` are the settings that make
    Alexandria ask them. With `limited=False` no provider has a limit until `limits` gives it one.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        speed: float = 1.0,
        epoch: float | None = None,
        seed: int = 1,
        editions: int = 300_000,
        limited: bool = True,
    ) -> None:
        self._options = Options(port, speed, epoch, seed, editions, limited)
        self._process: subprocess.Popen[bytes] | None = None
        self.urls: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "alexandria.simulator", msgspec.json.encode(self._options).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = msgspec.json.decode(line or b'{"error": "its messages say why"}', type=dict[str, str])
        if "error" in found:
            self._process.communicate()
            raise SimulatorFailed(f"the simulator did not start: {found['error']}")
        self.urls = found
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    @property
    def environ(self) -> dict[str, str]:
        """The settings that make Alexandria ask the simulator."""
        return settings_for(self.urls)

    def state(self) -> dict[str, Any]:
        """What was counted: by bucket (`isbndb`, `google_books`, `open_library`, `wikimedia`, …), and the clock."""
        found = self._ask("GET", "state")
        assert isinstance(found, dict)
        return found

    def violations(self) -> dict[str, list[dict[str, Any]]]:
        """The violations of every bucket that has some."""
        state = self.state()
        found = {
            name: value["violations"]
            for name, value in state.items()
            if isinstance(value, dict) and "violations" in value
        }
        return {name: each for name, each in found.items() if each}

    def reset(self) -> None:
        """Nothing; counts and fault scripts are empty again, the clock is where it would be, the limits stay."""
        self._ask("POST", "reset")

    def limits(self, **changes: Mapping[str, Any] | None) -> None:
        """Nothing; the limits of each bucket named are changed, or lifted with None."""
        self._ask("POST", "limits", changes)

    def faults(self, **scripts: Sequence[Mapping[str, Any]]) -> None:
        """Nothing; from now on each host (or bucket) named has this script."""
        self._ask("POST", "faults", scripts)

    def leap(self, seconds: float) -> None:
        """Nothing; the clock is so many seconds ahead of what it would say by itself."""
        self._ask("POST", "clock", {"ahead": seconds})

    def _ask(self, method: str, what: str, body: Any = None) -> Any:
        address = urlsplit(next(iter(self.urls.values())))
        assert address.hostname
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            connection.request(method, CONTROL + what, msgspec.json.encode(body) if method == "POST" else None)
            response = connection.getresponse()
            found = msgspec.json.decode(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise SimulatorFailed(f"the simulator refused: {found['error']}")
        return found
