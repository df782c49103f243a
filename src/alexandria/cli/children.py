"""The processes that `up` keeps alive, and the pipe that ties them to it.

Each child leads a process group of its own, so that what it started ends with it, and a Ctrl-C in the terminal
reaches only the supervisor. Its standard input is a pipe of which the supervisor alone holds the other end: when the
supervisor is gone, however it went, the child reads the end of the pipe and ends its group.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from alexandria.cli.screen import note
from alexandria.errors import AlexandriaError

LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds alive after which a death counts as the first
GRACE = 12.0  # seconds between asking to end and ending: a worker takes up to nine to hand back what it has
GIVE_UP = 4  # deaths in a row before the first answer


class ChildFailed(AlexandriaError):
    """A process cannot be kept alive; its own messages say why."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: the name by which it is spoken of, and the arguments of `alexandria` that make it."""

    name: str
    arguments: tuple[str, ...]

    def command(self) -> list[str]:
        return [sys.executable, "-m", "alexandria.cli.main", *self.arguments, "--tied"]


API, WORKER, SCHEDULER = Child("api", ("api",)), Child("worker", ("worker",)), Child("scheduler", ("scheduler",))
CHILDREN = (API, WORKER, SCHEDULER)


def pause_after(deaths: int) -> float:
    """Seconds to wait before the next start, after so many deaths in a row: 1, 2, 4, … up to 30."""
    return min(2.0 ** min(deaths - 1, 10), LONGEST_PAUSE)


class Keeper:
    """Keeps one child alive, in a thread of its own, until told to stop."""

    def __init__(self, child: Child, environ: Mapping[str, str]) -> None:
        self.child = child
        self.deaths = 0  # in a row
        self._environ = dict(environ)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=child.name, daemon=True)

    def start(self) -> None:
        """Nothing; the child is started and, when it dies, started again."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Nothing; the child is told to end and is not started again."""
        self._stopping.set()
        with self._lock:
            if self._process:
                self._process.terminate()

    def join(self, deadline: float) -> None:
        """Nothing; the child and all it started are gone when it returns, by force after the deadline."""
        self._thread.join(max(deadline - time.monotonic(), 0))
        if self._thread.is_alive() and self._process:
            kill_group(self._process.pid)
            self._thread.join(1)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            begun = time.monotonic()
            code = self._live()
            if self._stopping.is_set():
                return
            self.deaths = 1 if time.monotonic() - begun >= STEADY else self.deaths + 1
            pause = pause_after(self.deaths)
            note(f"{self.child.name} ended ({_spoken(code)}); starting it again in {pause:.0f} s")
            self._stopping.wait(pause)

    def _live(self) -> int:
        """The exit code of one process, when all it started is gone too; negative for a signal."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            self._process = process = subprocess.Popen(  # noqa: S603
                self.child.command(),
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=sys.stderr.fileno(),  # what it says is no result of ours
                process_group=0,
            )
        code = process.wait()
        kill_group(process.pid)
        if process.stdin:
            process.stdin.close()
        return code


def _spoken(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


def kill_group(leader: int) -> None:
    """Nothing; what is left of the process group is killed."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


class Children:
    """All children together: started on entering, gone after leaving."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str]) -> None:
        self._keepers = [Keeper(child, environ) for child in children]

    def __enter__(self) -> Self:
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.ask_to_stop()
        deadline = time.monotonic() + GRACE
        for keeper in self._keepers:
            keeper.join(deadline)

    def check(self) -> None:
        """Nothing; raises ChildFailed when one of them dies again and again."""
        for keeper in self._keepers:
            if keeper.deaths >= GIVE_UP:
                raise ChildFailed(f"{keeper.child.name} does not start; its messages above say why")


def tie_to_parent() -> None:
    """Nothing; from now on this process group ends when the supervisor's pipe, our standard input, ends.

    Forked processes watch as well, since they can outlive the one that forked them.
    """
    lifeline = os.dup(0)
    os.set_inheritable(lifeline, False)

    def watch() -> None:
        while os.read(lifeline, 1):
            pass
        _end_group()

    def begin() -> None:
        threading.Thread(target=watch, name="lifeline", daemon=True).start()

    begin()
    os.register_at_fork(after_in_child=begin)


def _end_group() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    kill_group(os.getpgrp())
