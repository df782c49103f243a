"""The service with its pages, as users run it, for whoever wants to look at them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2

from tests.api.conftest import free_port
from tests.waiting import until

SERVE = """
import sys
from alexandria.api.server import serve
from alexandria.config import read_settings
serve(read_settings({"ALEXANDRIA_PORT": sys.argv[1]}), sys.argv[2], "alexandria.cli.site:create")
"""


@contextmanager
def serving_pages(url: str, environ: Mapping[str, str] = {}, **settings: str) -> Iterator[httpx2.Client]:  # noqa: B006
    """A client of the service over a database, which runs until the end of the block."""
    port = free_port()
    given = {f"ALEXANDRIA_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port), url], env={**os.environ, **environ, **given})
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            until(lambda: _answers(client))
            yield client
    finally:
        process.terminate()
        process.wait(timeout=15)


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx2.TransportError:
        return False
