"""What a worker process of the service does before its first request."""

import os
import subprocess
import sys

COUNT = "import gc; from alexandria.api.server import create; create(); print(gc.get_freeze_count())"


def test_what_stays_is_not_gone_through_for_garbage() -> None:
    environ = {**os.environ, "ALEXANDRIA_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}  # nothing connects yet
    found = subprocess.run(
        [sys.executable, "-c", COUNT], env=environ, capture_output=True, text=True, timeout=100, check=False
    )
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) > 20_000
