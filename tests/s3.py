"""A bucket on a real S3-compatible server on this machine (moto)."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.waiting import until

SECRET = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY"


@contextmanager
def new_bucket() -> Iterator[str]:
    """The URL of a folder in a new bucket, with the settings to reach it in the environment."""
    with subprocess.Popen(
        [sys.executable, "-c", "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as server:  # fmt: skip
        assert server.stderr
        url = ""
        while not url:
            line = server.stderr.readline().decode()
            assert line, "moto did not start"
            url = line.partition("Running on ")[2].split("\x1b")[0].strip()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", url)
            patch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
            patch.setenv("AWS_REGION", "us-east-1")
            until(lambda: httpx2.put(f"{url}/pictures", timeout=60).status_code == 200)
            yield "s3://pictures/some/folder"
        server.terminate()
