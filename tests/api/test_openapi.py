"""Every operation of the OpenAPI document under a thousand requests, right and wrong: what comes back is in it.

Schemathesis makes the requests from the document (`schemathesis.toml` says how) and looks at each answer: no 5xx, only
the statuses, content types and shapes that the document names, wrong values refused, nothing given without a key.
`ALEXANDRIA_TEST_EXAMPLES` makes more of them, other ones each time (`make fuzz`).
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.api.conftest import LIBRARY, Start

CONFIG = Path(__file__).with_name("schemathesis.toml")
KEY = "k" * 32
MORE = os.environ.get("ALEXANDRIA_TEST_EXAMPLES")


@pytest.fixture(scope="module")
def base(start_service: Start, session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a service that may be written to, over the small library."""
    url = session_database()
    load_dumps(url, [dumps.write(tmp_path_factory.mktemp("library") / "library.txt", LIBRARY)])
    return str(start_service(url, internal_api_key=KEY).base_url)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--phases", "coverage,fuzzing", "--max-examples", "3", "--header", f"X-API-Key: {KEY}"),
        ("--phases", "fuzzing", "--max-examples", "3"),
    ],
    ids=["key", "no key"],
)
def test_answers_are_as_documented(base: str, options: tuple[str, ...], tmp_path: Path) -> None:
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "--no-color"]
    command = [*program, "run", f"{base}/openapi.json", *options]
    if MORE:
        command += ["--max-examples", MORE, "--seed", str(int(time.time()))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout
