"""Reading dump files in blocks: what is no dump does not fill the memory."""

import gzip
from pathlib import Path

import pytest

from alexandria.errors import DumpRefused
from alexandria.mirror import read
from alexandria.mirror.read import read_blocks


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_a_line_without_end_is_refused(packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LONGEST_LINE", 1 << 20)
    text = b"a line\n" + b"\0" * (20 << 20)
    path = tmp_path / "bomb.txt"
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    told: list[int] = []
    with pytest.raises(DumpRefused, match="a line of more than 1 MiB"):
        list(read_blocks(path, size=1 << 18, on_bytes=told.append))
    assert len(told) < 10, "it is not read to its end"


def test_long_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"x" * 1_000_000 + b"\n" + b"y" * 10)
    assert b"".join(read_blocks(path, size=1_000)) == path.read_bytes()
