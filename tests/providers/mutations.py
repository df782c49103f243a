"""JSON with something wrong in it: a field left out, or another value in its place."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import strategies as st

from alexandria.net.messages import Reply

JUNK: Final = [
    "null", "true", "0", "-1", "1e20", "0.5", "99999999999999999999", '""', '"x"', '"\\u0000"', '"\\ud800"', '" "',
    '"https://["', '"9780140328721"', f'"{"9" * 3000}"', "[]", "[null]", "[[]]", "[1]", "{}",
    '{"0": null}', '{"0": "x"}',
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, name) of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in list(inner):
        yield value, name
        yield from places(part)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> bytes:
    """The JSON text with one to three things wrong, rarely cut short."""
    value = json.loads(text)
    for _ in range(draw(st.integers(1, 3))):
        if not (found := list(places(value))):
            break
        container, name = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()):
            container[name] = json.loads(draw(st.sampled_from(JUNK)))
        else:
            del container[name]
    body = json.dumps(value).encode()
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 9)) == 0 else body


def replied(body: bytes, status: int = 200) -> Reply:
    """The body as an answer."""
    return Reply("bucket", "http://127.0.0.1/", status, {}, body, datetime(2026, 11, 22, tzinfo=UTC))
