"""`demo`: the walk, in a folder of its own."""

import json
import signal
import socket
from contextlib import nullcontext
from pathlib import Path

import pytest

from alexandria.cli.address import free_port
from alexandria.cli.demo import demo_settings
from alexandria.cli.walk import WalkFailed, walk
from alexandria.config import Settings
from alexandria.db.cluster import Cluster
from alexandria.db.processes import server_processes
from alexandria.errors import AddressInUse
from tests.cli.conftest import HOST, Calls, Program, Service


def test_it_walks_and_stays_until_a_ctrl_c(
    open_dir: Path, tmp_path: Path, call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert "loaded the sample" in program.said()
    _walks_again(call, monkeypatch, folder, port)
    assert service.stop(signal.SIGINT) < 30
    assert "Traceback" not in program.said()
    assert process.stdout.read() == ""
    process.stdout.close()
    assert list(server_processes(Cluster(folder).folder)) == []


def _walks_again(call: Calls, monkeypatch: pytest.MonkeyPatch, folder: Path, port: int) -> None:
    """The second time nothing is loaded, and it ends after the walk; the children of the first one answer."""
    monkeypatch.setattr("alexandria.cli.demo.check_free", lambda host, port: None)
    monkeypatch.setattr("alexandria.cli.demo.serve_all", lambda *given: nullcontext(f"http://{HOST}:{port}"))
    code, out, err = call("demo", "--exit", "--data-dir", folder, "--port", port)
    assert code == 0, err
    assert "loaded the sample" not in err
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
        assert word in out


def test_it_keeps_away_from_the_users_database(tmp_path: Path) -> None:
    users = Settings(database_url="postgresql://db/mine", data_dir=tmp_path, port=free_port(HOST), pooler="transaction")
    settings = demo_settings(users, None, None)
    assert settings.database_url is None
    assert settings.pooler == "none"
    assert settings.data_dir == tmp_path / "demo"
    assert settings.port == users.port


def test_a_port_that_is_taken_is_no_reason_not_to_show_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        settings = demo_settings(Settings(data_dir=tmp_path, port=taken), None, None)
    assert settings.port != taken
    assert capsys.readouterr().err.endswith(f"port {taken} is taken; the demo uses {settings.port}\n")


def test_a_port_that_was_asked_for_is_not_replaced(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server, pytest.raises(AddressInUse, match="is taken"):
        demo_settings(Settings(data_dir=tmp_path), server.getsockname()[1], None)


def test_a_walk_without_answers_fails() -> None:
    with pytest.raises(WalkFailed, match="no answer to /api/isbn"):
        list(walk(HOST, free_port(HOST)))
