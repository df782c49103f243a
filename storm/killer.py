"""`kill -9` of one process after another, and how long it takes until nothing of it is to be seen."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from alexandria.db import OperationalError
from alexandria.errors import DatabaseUnavailable
from alexandria.queue.job import LEASE
from storm.place import Place, is_ready

POSTGRESQL: Final = "postgresql"
MOST: Final = 2 * LEASE  # seconds in which everything must be as before
KINDS: Final = ("worker", "api", "scheduler", POSTGRESQL)


class Kill(msgspec.Struct):
    """Who was killed, after how many seconds of the storm, and the seconds until it was made up for.

    None: it was not, within the time for it.
    """

    victim: str
    at: float
    recovered: float | None

    @property
    def kind(self) -> str:
        return self.victim.partition("-")[0]


class Killer:
    """Chooses victims, each kind as often as the others, and kills them; `most` seconds are the time to recover."""

    def __init__(self, place: Place, seed: int, most: float, clock: Callable[[], float]) -> None:
        self._place, self._random, self._most, self._clock = place, random.Random(seed), most, clock
        self._victims = self._choose()

    def _choose(self) -> Iterator[str]:
        while True:
            for kind in self._random.sample(KINDS, len(KINDS)):
                names = [name for name in self._place.runners if name.startswith(f"{kind}-")]
                yield self._random.choice(names) if names else POSTGRESQL

    def kill(self) -> Kill:
        """The next kill, when all is well again or the time for it is over."""
        victim, at = next(self._victims), self._clock()
        recovered = self._kill_server() if victim == POSTGRESQL else self._kill_runner(victim)
        return Kill(victim, at, recovered)

    def _kill_server(self) -> float | None:
        pid = self._place.postmaster()
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self._until(lambda: self._place.postmaster() not in (0, pid) and all(map(is_ready, self._place.ports)))

    def _kill_runner(self, victim: str) -> float | None:
        runner = self._place.runners[victim]
        pid = runner.pid
        runner.kill()
        runner.start()
        if victim.startswith("worker"):
            return self._until(lambda: not self._holds(pid))
        if victim.startswith("api"):
            port = self._place.ports[int(victim.partition("-")[2]) - 1]
            return self._until(lambda: is_ready(port))
        return self._until(lambda: not runner.has_ended())

    def _holds(self, pid: int) -> bool:
        """Whether jobs are still the killed worker's."""
        held = self._place.rows(f"select exists (select from queue.jobs where worker like '%:{pid}:%')")
        return bool(held[0][0])

    def _until(self, condition: Callable[[], bool]) -> float | None:
        """Seconds until the condition holds; None when it does not in time."""
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < self._most:
            with suppress(DatabaseUnavailable, OperationalError):
                if condition():
                    return passed
            time.sleep(0.05)
        return None
