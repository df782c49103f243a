"""What can go wrong with a request, and when it is worth another try.

while not done:
    try:
        with fetcher.get(url, at=position, validator=validator) as body: ...
    except Interrupted as error:
        patience.wait(error)
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from alexandria.errors import AlexandriaError

ATTEMPTS = 6  # in a row without progress
LONGEST_PAUSE = 60.0
LONGEST_WISH = 600.0  # seconds of Retry-After that we sit through
Got = TypeVar("Got")


class ContactMissing(AlexandriaError):
    """No outside request is made without ALEXANDRIA_CONTACT."""


class FetchFailed(AlexandriaError):
    """A URL could not be had, and why; `status` is the HTTP status if there was an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Interrupted(FetchFailed):
    """It may go better next time: the host is busy or away, or the connection broke. `wish` is its Retry-After."""

    def __init__(self, message: str, status: int | None = None, wish: float | None = None) -> None:
        super().__init__(message, status)
        self.wish = wish


class Patience:
    """Waits between attempts: 1, 2, 4, … s, or as long as the host asks; gives up after some attempts in a row."""

    def __init__(self, pause: Callable[[float], None] = time.sleep, attempts: int = ATTEMPTS) -> None:
        self._pause, self._attempts, self._failed = pause, attempts, 0

    def renew(self) -> None:
        """Nothing; there was progress, so the attempts so far are forgiven."""
        self._failed = 0

    def wait(self, error: Interrupted) -> None:
        """Nothing, when it is time to try again. Raises the error, or FetchFailed, when it is not worth it."""
        self._failed += 1
        if error.wish is not None and error.wish > LONGEST_WISH:
            minutes = error.wish / 60
            raise FetchFailed(f"{error}, and asks to wait {minutes:.0f} minutes: run it again then", error.status)
        if self._failed >= self._attempts:
            raise FetchFailed(f"{error}, {self._failed} times in a row: run it again later", error.status) from error
        growing = min(2.0 ** (self._failed - 1), LONGEST_PAUSE) * random.uniform(1, 1.25)  # noqa: S311
        self._pause(growing if error.wish is None else max(error.wish, 0.0))


def patiently(action: Callable[[], Got], patience: Patience) -> Got:
    """What the action gives, tried again as long as the patience lasts."""
    while True:
        try:
            return action()
        except Interrupted as error:
            patience.wait(error)


def read_wish(text: str | None) -> float | None:
    """Seconds from now that a Retry-After names, as a number or a date."""
    if text is None:
        return None
    if text.strip().isdecimal():  # isdigit() takes ² for a number, float() does not
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
