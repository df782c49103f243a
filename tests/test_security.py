"""The threat model names tests that exist, and every threat has one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def threats() -> list[list[str]]:
    """The rows of the table of threats: threat, defence, tests."""
    table = PAGE.read_text(encoding="utf-8").partition("## Threats")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return rows[2:] if rows[1][0].startswith("---") else rows[1:]


def names_in(path: Path) -> set[str]:
    """The names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in found if node.name.startswith("test_")}


@pytest.mark.parametrize("row", threats(), ids=lambda row: row[0][:40])
def test_a_threat_has_a_defence_and_tests_that_exist(row: list[str]) -> None:
    assert len(row) == 3
    named = NAMED.findall(row[2])
    assert named, "it has no test"
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert name in names_in(ROOT / path), f"{path} has no {name}"


def test_all_that_stands_there_is_read() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(threats()) > 20
    assert text.count("::") == sum(len(NAMED.findall(row[2])) for row in threats())
