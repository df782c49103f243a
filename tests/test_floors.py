"""The floors are a check that can fail: a planted import turns it red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold(checkout: Path) -> None:
    assert lint(checkout).returncode == 0


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("mirror/read.py", "from alexandria.api import app", "alexandria.mirror.read -> alexandria.api"),
        ("mirror/read.py", "from alexandria.catalog import stats", "alexandria.mirror.read -> alexandria.catalog"),
        ("biblio/isbn.py", "from alexandria import db", "alexandria.biblio.isbn -> alexandria.db"),
        ("catalog/stats.py", "import psycopg", "alexandria.catalog.stats -> psycopg"),
        ("catalog/stats.py", "import httpcore2", "alexandria.catalog.stats -> httpcore2"),
        ("utils.py", "", "alexandria.utils"),
    ],
)
def test_a_planted_import_turns_the_check_red(checkout: Path, file: str, line: str, said: str) -> None:
    path = checkout / "src" / "alexandria" / file
    before = path.read_text() if path.exists() else None
    path.write_text((before or "") + f"\n{line}\n")
    try:
        found = lint(checkout)
    finally:
        path.write_text(before) if before is not None else path.unlink()
    assert found.returncode == 1
    assert said in found.stdout + found.stderr
