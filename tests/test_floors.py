"""The floors are a check that can fail: a planted import turns it red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


PLANTED = [
    ("mirror/read.py", "from alexandria.api import app", "alexandria.mirror.read -> alexandria.api"),
    ("mirror/read.py", "from alexandria.catalog import stats", "alexandria.mirror.read -> alexandria.catalog"),
    ("biblio/isbn.py", "from alexandria import db", "alexandria.biblio.isbn -> alexandria.db"),
    ("catalog/stats.py", "import psycopg", "alexandria.catalog.stats -> psycopg"),
    ("catalog/stats.py", "import httpcore2", "alexandria.catalog.stats -> httpcore2"),
    ("utils.py", "", "- alexandria.utils"),
]


@pytest.fixture(scope="module")
def complaint(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `make check` would say of all planted imports: it names each, so that it need not run for each."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", checkout)
    for file, line, _ in PLANTED:
        with (checkout / "src" / "alexandria" / file).open("a") as module:
            module.write(f"\n{line}\n")
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    return found.stdout + found.stderr


@pytest.mark.parametrize("said", [said for _, _, said in PLANTED])
def test_a_planted_import_turns_the_check_red(complaint: str, said: str) -> None:
    assert said in complaint
