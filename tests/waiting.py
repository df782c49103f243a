"""Waiting for a condition with a deadline, never for luck."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Returns as soon as the condition holds; fails when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
