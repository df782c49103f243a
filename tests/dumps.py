"""Dump lines and files for tests, in Open Library's own format."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDERS = {"edition": "books", "work": "works", "author": "authors"}
LETTERS = {"edition": "M", "work": "W", "author": "A"}


def key(kind: str, number: int) -> str:
    return f"/{FOLDERS[kind]}/OL{number}{LETTERS[kind]}"


def line(
    kind: str, number: int, revision: int = 1, modified: str = "2020-01-01T00:00:00.000000", /, **fields: Any
) -> bytes:
    """A line of a record; `kind` with ":redirect" or ":delete" behind it for one that is no more."""
    kind, _, end = kind.partition(":")
    name = f"/type/{end or kind}"
    record = {"key": key(kind, number), "type": {"key": name}, "revision": revision, **fields}
    return f"{name}\t{key(kind, number)}\t{revision}\t{modified}\t{json.dumps(record)}\n".encode()


def edition(number: int, work: int | None, isbn: str, revision: int = 1, /, **fields: Any) -> bytes:
    works = {"works": [{"key": key("work", work)}]} if work else {}
    return line("edition", number, revision, **works, isbn_13=[isbn], **{"title": f"Edition {number}", **fields})


def write(path: Path, lines: Iterable[bytes]) -> Path:
    """The file, gzip-compressed when its name says so."""
    data = b"".join(lines)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
