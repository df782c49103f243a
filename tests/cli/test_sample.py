"""`sample`: dumps to try with."""

import gzip
from pathlib import Path

from tests.cli.conftest import Calls


def test_a_dump_has_what_it_says(call: Calls, tmp_path: Path) -> None:
    code, out, err = call("sample", "dump", "--editions", 50, "--out", tmp_path, "--seed", 7)
    assert code == 0
    assert "different ISBNs" in out
    assert "records" in err
    for path in tmp_path.glob("*.txt.gz"):
        lines = gzip.decompress(path.read_bytes()).splitlines()
        assert str(len(lines)) in _row(out, path.name)


def _row(table: str, name: str) -> list[str]:
    return next(line for line in table.splitlines() if name in line).replace("│", " ").split()


def test_the_catalogue(call: Calls, tmp_path: Path) -> None:
    files = call.result("sample", "catalogue", "--out", tmp_path / "sample")["files"]
    assert len(files) == 5
    assert all(Path(file).stat().st_size for file in files)
    code, out, _ = call("sample", "catalogue", "--out", tmp_path / "sample")
    assert code == 0
    assert "alexandria mirror load" in out
