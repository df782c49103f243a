"""`demo`: the walk, in a folder of its own."""

import re
import socket
from pathlib import Path

import pytest

from alexandria.cli.address import free_port
from alexandria.cli.demo import _load_sample, demo_settings
from alexandria.cli.walk import WalkFailed, walk
from alexandria.config import Settings
from alexandria.db.cluster import Cluster
from alexandria.db.processes import server_processes
from alexandria.errors import AddressInUse
from tests.cli.conftest import HOST, Program


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
