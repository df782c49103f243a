"""`demo`: the walk, in a folder of its own."""

import json
import signal
import socket
from pathlib import Path

import pytest

from alexandria.cli.address import free_port
from alexandria.cli.demo import demo_settings
from alexandria.cli.walk import WalkFailed, walk
from alexandria.config import Settings
from alexandria.db.cluster import Cluster
from alexandria.db.processes import server_processes
from alexandria.errors import AddressInUse
from tests.cli.conftest import HOST, Program, Service


def test_it_walks_and_stays_until_a_ctrl_c(open_dir: Path, tmp_path: Path) -> None:
    port, folder = free_port(HOST), open_dir / "demo"
    program = Program(tmp_path, database_url="postgresql://127.0.0.1:1/never-touched")
    process = program.start("demo", "--port", port, "--data-dir", folder, "--json")
    assert process.stdout
    shown = process.stdout.readline()
    assert shown, program.said()
    result = json.loads(shown)
    assert result["url"] == f"http://{HOST}:{port}"
    assert [step["status"] for step in result["walk"]] == [200] * (len(result["walk"]) - 6) + [404] + [200] * 5
    service = Service(program, process, port)
    assert service.status("/api/stats") == 200
    assert service.stop(signal.SIGINT) < 30
    assert "Traceback" not in program.said()
    assert process.stdout.read() == ""
    process.stdout.close()
    assert list(server_processes(Cluster(folder).folder)) == []
    _ends_after_the_walk(program, folder, port)


def _ends_after_the_walk(program: Program, folder: Path, port: int) -> None:
    """The second time nothing is loaded, and a taken port is no reason not to show the rest."""
    with socket.create_server((HOST, port)):
        done = program.run("demo", "--exit", "--data-dir", folder, ALEXANDRIA_PORT=str(port))
    assert done.returncode == 0, done.stderr
    assert f"port {port} is taken; the demo uses " in done.stderr
    assert "loaded the sample" not in done.stderr
    for word in (
        "The Great Gatsby",
        "Το επινοημένο",
        "404",
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
