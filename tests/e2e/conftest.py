"""The whole program as its users run it: `alexandria up` beside the simulated providers."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from alexandria.cli.address import free_port
from alexandria.db.cluster import Cluster
from alexandria.db.processes import server_processes
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import HOST, Program

KEY = "a-key-that-opens-everything"


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """The providers, who hold everybody to their limits."""
    with Simulator() as running:
        yield running


@pytest.fixture(scope="session")
def alexandria(
    simulator: Simulator, open_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A client with a key, on everything running at once."""
    port = free_port(HOST)
    program = Program(
        tmp_path_factory.mktemp("e2e"),
        data_dir=open_dir / "e2e",
        internal_api_key=KEY,
        contact="tests@example.org",
        isbndb_plan="premium",
        isbndb_api_key="one",
        google_books_api_key="two",
    )
    program.environ |= simulator.environ
    process = program.start("up", "--port", port)
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("ready"), program.said()
        with httpx2.Client(base_url=f"http://{HOST}:{port}", headers={"X-API-Key": KEY}, timeout=30) as client:
            yield client
    finally:
        process.terminate()
        code = process.wait(60)
        if process.stdout:
            process.stdout.close()
    assert code == 0, program.said()
    assert program.processes() == set(), "a SIGTERM ends everything"
    assert list(server_processes(Cluster(open_dir / "e2e").folder)) == [], "and PostgreSQL"
