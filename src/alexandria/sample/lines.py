"""Records as lines of an Open Library dump (`providers.md` 3.2): the one place that knows the format."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]

KINDS = ("authors", "works", "editions", "redirects", "deletes")
DUMP_DATE = "2026-10-31"


def dump_path(directory: Path, kind: str, date: str = DUMP_DATE) -> Path:
    """The path of one dump file, named as Open Library names it."""
    return directory / f"ol_dump_{kind}_{date}.txt.gz"


def dump_line(record: Record) -> str:
    """One line with its end: type, key, revision, last modified (UTC, no zone), pure ASCII JSON."""
    columns = (
        record["type"]["key"],
        record["key"],
        str(record["revision"]),
        record["last_modified"]["value"],
        json.dumps(record),
    )
    return "\t".join(columns) + "\n"


def write_lines(path: Path, records: Iterable[Record]) -> Path:
    """`path`, holding the records as gzip lines; the same records give the same bytes."""
    text = "".join(dump_line(record) for record in records).encode("ascii")
    path.write_bytes(gzip.compress(text, compresslevel=6, mtime=0))
    return path


def datetime_object(value: str) -> Record:
    """The object in which Open Library wraps a point in time."""
    return {"type": "/type/datetime", "value": value}
