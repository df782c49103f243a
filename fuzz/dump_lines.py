"""Lines of Open Library's dumps: each becomes one row that COPY takes, or a reject with its reason."""

from collections.abc import Iterator
from pathlib import Path

from alexandria.mirror.parse import COLUMNS, parse_block
from fuzz.answers import files

TABS = {table: columns.count(",") for table, columns in COLUMNS.items()}


def seeds(fixtures: Path) -> Iterator[bytes]:
    for text in files(fixtures / "openlibrary" / "dump", "*.txt"):
        yield from text.splitlines()[:200]


def check(data: bytes) -> None:
    rows = parse_block(data)
    for table, copied in rows.tables.items():
        for row in copied:
            assert row.count("\t") == TABS[table], row
            assert not {"\n", "\r", "\0"}.intersection(row), row
            assert row.encode()
    assert rows.lines == sum(map(len, rows.tables.values())) + sum(count for count, _ in rows.rejects.values())
    for reason, (_, sample) in rows.rejects.items():
        assert "\0" not in sample, reason
        assert sample.encode()
