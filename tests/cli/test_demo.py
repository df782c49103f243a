"""`demo`: the walk, in a folder of its own."""

import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from alexandria.cli.address import free_port
from alexandria.cli.demo import DEMO, SEARCHES, _drop_searches, _load_sample, _providers, demo_settings
from alexandria.cli.walk import WalkFailed, walk
from alexandria.config import Settings, read_settings
from alexandria.db.cluster import Cluster
from alexandria.db.processes import server_processes
from alexandria.errors import AddressInUse
from alexandria.queue.job import NewJob
from alexandria.queue.status import ACTIVE, list_jobs
from alexandria.queue.store import enqueue
from tests.cli.conftest import HOST, Program
from tests.pools import opened


@pytest.mark.slow
def test_it_walks_and_ends(open_dir: Path, tmp_path: Path) -> None:
    """A taken port is no reason not to show it, nor is a database of the user's that is away."""
    folder = open_dir / "demo"
    program = Program(tmp_path, database_url="postgresql://127.0.0.1:1/never-touched")
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        done = program.run("demo", "--exit", "--data-dir", folder, ALEXANDRIA_PORT=str(port))
    assert done.returncode == 0, done.stderr
    assert f"port {port} is taken; the demo uses " in done.stderr
    assert "loaded the sample" in done.stderr
    assert "Traceback" not in done.stderr
    statuses = re.findall(r"^ +(\d{3}) GET ", done.stdout, re.MULTILINE)
    assert statuses == ["200"] * (len(statuses) - 6) + ["404"] + ["200"] * 5
    for word in (
        "The Great Gatsby",
        "Το επινοημένο",
        "completed",
        "now it is here",
        "stored",
        "WebP",
        "/docs",
        "/api/stats",
        " ms",
    ):
        assert word in done.stdout
    assert program.processes() == set()
    assert list(server_processes(Cluster(folder).folder)) == []


def test_the_sample_is_loaded_once(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        _load_sample(tmp_path, database_url)
    assert capsys.readouterr().err.count("loaded the sample catalogue: 300 editions") == 1


@pytest.mark.anyio
async def test_what_an_earlier_demo_had_to_look_for_is_dropped(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(database_url) as database:
        later = datetime.now(UTC) + timedelta(days=1)
        jobs = [NewJob(kind, 1) for kind in SEARCHES]
        await enqueue(database, [*jobs, NewJob("edition", 2, run_at=later), NewJob("harvest", 1)])
        for _ in range(2):
            await _drop_searches(database)
        assert [job.kind for job in await list_jobs(database, ACTIVE)] == ["harvest"]
    assert capsys.readouterr().err == f"dropped what an earlier demo had still to look for ({len(SEARCHES) + 1} jobs)\n"


def test_isbndb_sells_the_plan_that_is_said() -> None:
    settings = read_settings(DEMO, Path("nowhere"))
    with _providers() as simulator:
        answer = httpx2.get(f"{simulator.urls['isbndb']}/key", headers={"Authorization": "demo"})
    assert answer.json()["plan_limit"]["left"] == settings.providers["isbndb"].daily_limit


def test_it_keeps_away_from_the_users_database(tmp_path: Path) -> None:
    users = Settings(database_url="postgresql://db/mine", data_dir=tmp_path, port=free_port(HOST), pooler="transaction")
    settings = demo_settings(users, None, None)
    assert settings.database_url is None
    assert settings.pooler == "none"
    assert settings.data_dir == tmp_path / "demo"
    assert settings.port == users.port


def test_a_port_that_was_asked_for_is_not_replaced(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server, pytest.raises(AddressInUse, match="is taken"):
        demo_settings(Settings(data_dir=tmp_path), server.getsockname()[1], None)


def test_a_walk_without_answers_fails() -> None:
    with pytest.raises(WalkFailed, match="no answer to /api/isbn"):
        list(walk(HOST, free_port(HOST)))
