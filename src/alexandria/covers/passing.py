"""Addresses of pictures that stop working soon, such as ISBNdb's originals: in memory only, and not for long.

They carry a token, so they are stored nowhere. The process that was told of one has two hours to download it; any other
takes the smaller picture that stays.
"""

import time
from collections import OrderedDict
from typing import Final

LIFE: Final = 6_000.0  # seconds for which an address is believed: ISBNdb's work for about two hours
MOST: Final = 10_000  # remembered at a time


class Passing:
    """What one process was told lately."""

    def __init__(self, life: float = LIFE, most: int = MOST) -> None:
        self._life, self._most = life, most
        self._known: OrderedDict[int, tuple[float, str]] = OrderedDict()

    def note(self, isbn: int, url: str) -> None:
        """Nothing; the picture of an ISBN is at this address for now."""
        self._known.pop(isbn, None)
        self._known[isbn] = (time.monotonic() + self._life, url)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def take(self, isbn: int) -> str | None:
        """The address, if there still is one; it is forgotten."""
        until, url = self._known.pop(isbn, (0.0, ""))
        return url if until > time.monotonic() else None
