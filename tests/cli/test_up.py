"""`up`: ready, answering, keeping alive what it started, and leaving nothing behind."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from alexandria.cli.address import check_free
from alexandria.db.cluster import Cluster, postmaster_pid
from alexandria.db.processes import server_processes
from tests.cli.conftest import HOST, Service, wait_for


@pytest.mark.slow
def test_answers_once_it_says_ready(service: Service) -> None:
    assert service.status("/ready") == 200
    assert service.status("/api/isbn?isbn=9780140328721") == 404
    assert service.status("/docs") == 200


def descendants(pid: int) -> set[int]:
    """The ids of the processes that one has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in children}.union(*(descendants(int(child)) for child in children))


def test_a_killed_api_comes_back_alone(service: Service) -> None:
    killed = service.api()
    assert killed
    before = descendants(killed)
    os.kill(killed, signal.SIGKILL)
    # asking is cheap, looking for a process is not
    wait_for(lambda: service.status("/ready") == 200 and service.api() not in (None, killed), "the API is back")
    left = before & service.program.processes()
    assert not left, "what the killed API had started still runs"
    assert "api ended (killed by SIGKILL); starting it again in 1 s" in service.program.said()


def test_a_killed_postgresql_comes_back(service: Service) -> None:
    cluster = _cluster(service)
    killed = postmaster_pid(cluster)
    assert killed  # 0 would be ourselves
    os.kill(killed, signal.SIGKILL)
    wait_for(
        lambda: postmaster_pid(cluster) not in (0, killed) and service.status("/ready") == 200, "PostgreSQL is back"
    )


def test_a_taken_port_is_told_in_one_line(service: Service) -> None:
    begun = time.monotonic()
    done = service.program.run("up", "--port", service.port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"port {service.port} on {HOST} is taken" in done.stderr
    assert "--port" in done.stderr
    assert time.monotonic() - begun < 60


def test_doctor_finds_all_of_it(service: Service) -> None:
    findings = service.program.result("doctor", code=0)["findings"]
    levels = {finding["name"]: finding["level"] for finding in findings}
    expected = ("python", "settings", "data folder", "database", "migrations")
    assert {name: levels[name] for name in expected} == dict.fromkeys(expected, "ok")
    assert levels["mirror"] == "warn"


def test_a_ctrl_c_ends_everything(service: Service) -> None:
    """Last of those who use the service: it is gone after it. A SIGTERM does so at the end of `tests/e2e`."""
    cluster = _cluster(service)
    assert list(server_processes(cluster.folder))
    assert service.stop(signal.SIGINT) < 30
    assert "Traceback" not in service.program.said()
    assert list(server_processes(cluster.folder)) == []


def test_children_end_when_their_supervisor_is_killed(lone_service: Service) -> None:
    assert len(lone_service.program.processes()) >= 2
    lone_service.process.kill()
    lone_service.process.wait()
    wait_for(lambda: not lone_service.program.processes(), "the children are gone")


def test_the_api_alone(api_alone: Service) -> None:
    wait_for(lambda: api_alone.status("/ready") == 200, "the API answers")
    assert api_alone.stop(signal.SIGTERM) < 30
    assert "Traceback" not in api_alone.program.said()


def test_a_port_just_left_can_be_taken_again() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    check_free(HOST, port)


def _cluster(service: Service) -> Cluster:
    return Cluster(Path(service.program.environ["ALEXANDRIA_DATA_DIR"]))
