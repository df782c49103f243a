"""Giving from a thread, for the client that blocks."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from alexandria.client.exchange import Exchange, Send, drive
from alexandria.client.give_back import Giver
from alexandria.client.protocol import Protocol

GRACE: Final = 2.0  # seconds for all that waits, when the program ends

log = logging.getLogger("alexandria.client")


class ThreadGiver(Giver):
    """Gives from a thread, which is there only as long as something waits, so that a program can simply end.

    When it does, what waits gets two seconds, unless Alexandria is away.
    """

    def __init__(self, alexandria: Protocol, exchange: Exchange, most: int, send: Callable[[Send], Any]) -> None:
        super().__init__(alexandria, exchange, most)
        self._send = send
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._latest: float | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()  # after a fork it is not

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="alexandria-give-back", daemon=False)
        self._thread.start()

    def is_leaving(self) -> bool:
        return self._closed or not threading.main_thread().is_alive()

    def flush(self, timeout: float) -> bool:
        """Whether nothing waits any more, as soon as that is so or the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self.is_running, timeout)

    def close(self, linger: float) -> None:
        """Nothing; no more is taken, and what waits is given within the time, unless Alexandria is away."""
        if not self._exchange.breaker.failures:
            self.flush(linger)
        with self._changed:
            self._closed = True
        self._wake.set()
        if (thread := self._thread) and thread is not threading.current_thread():
            thread.join(linger)

    def _work(self) -> None:
        try:
            drive(self.drain(), self._send, self._pause)
        except Exception:
            log.exception("giving finds to Alexandria failed")
            with self._changed:
                self._ended()
                self._changed.notify_all()

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self.is_leaving():
            self._wake.wait(min(left, 0.1))  # the end of the program wakes nobody, so it is looked for

    def _is_too_late(self) -> bool:
        if not threading.main_thread().is_alive() and self._latest is None:
            self._latest = time.monotonic() + GRACE
        return super()._is_too_late() or (self._latest is not None and time.monotonic() > self._latest)

    def _ended(self) -> None:
        self._thread = None
