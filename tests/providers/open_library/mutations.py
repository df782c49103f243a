"""JSON with something wrong in it: a field left out, or another value in its place."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from alexandria.net.messages import Reply

JUNK: list[Any] = [
    None, True, 0, -1, 10**20, 0.5, 1e308, "", "x", "\x00", "\ud800", "Q0", "/works/OL1W", "/works/AXE7W",
    "0" * 3000, [], [None], [[]], {}, {"": None}, {"key": 1}, {"value": []}, {"type": "/type/redirect"},
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, name) of a JSON value, its own parts first."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    found = [(value, name) for name, _ in inner]
    for _, part in inner:
        found += places(part)
    return found


@st.composite
def mutated(draw: st.DrawFn, text: str) -> bytes:
    """The JSON text with one to three things wrong, rarely cut short."""
    value = json.loads(text)
    for _ in range(draw(st.integers(1, 3))):
        found = places(value)
        if not found:
            break
        container, name = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()):
            container[name] = copy.deepcopy(draw(st.sampled_from(JUNK)))  # it may be changed in turn
        else:
            del container[name]
    body = json.dumps(value).encode()
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 9)) == 0 else body


def replied(body: bytes, status: int = 200) -> Reply:
    """The body as an answer."""
    return Reply("bucket", "http://127.0.0.1/", status, {}, body, datetime(2026, 11, 1, tzinfo=UTC))
