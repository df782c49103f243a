"""What the harnesses of the providers share: bytes as an answer, and what must hold of everything read from one."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from alexandria.errors import ProviderFailed
from alexandria.net.messages import Reply

RECEIVED = datetime(2026, 11, 22, tzinfo=UTC)
URL = "http://127.0.0.1/"


def replied(body: bytes, status: int = 200) -> Reply:
    """The bytes as an answer."""
    return Reply("bucket", URL, status, {}, body, RECEIVED)


def read_all(data: bytes, readers: Iterable[Callable[[bytes], Any]]) -> None:
    """Nothing; each reader refuses the bytes as one who knows providers, or gives what can be stored."""
    for read in readers:
        try:
            found = read(data)
        except ProviderFailed as error:
            assert len(str(error)) < 1_000, "an error repeats what it was sent"
            continue
        check_storable(found)


def check_storable(found: Any) -> None:
    """Nothing; asserts that PostgreSQL's jsonb takes it: no NUL, no half of a character pair, no endless numbers."""
    text = msgspec.json.encode(found, enc_hook=repr)
    assert b"\\u0000" not in text.replace(b"\\\\", b"")  # a backslash before u0000 is one, and no NUL
    json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no number of JSON's")


def files(folder: Path, *patterns: str) -> Iterator[bytes]:
    """What is in the files, in the order of their names."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes()


def lines(path: Path, most: int = 200) -> Iterator[bytes]:
    """The first lines of a file, if it is there."""
    if path.is_file():
        yield from path.read_bytes().splitlines()[:most]
