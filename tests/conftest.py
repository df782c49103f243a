"""What every test may ask for: a database of its own, recorded answers, and no way out of this machine."""

import ipaddress
import os
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from alexandria.db import EmbeddedServer, connect, migrate, pool

settings.register_profile("here", deadline=None, max_examples=50)  # a busy machine is no failure
settings.load_profile("here")
pool.WAIT_SECONDS *= 5  # a machine that stalls for seconds is no server that is away
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile the same sources each
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background of a script: programs would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "256MB"}
SMALL = {"shared_buffers": "32MB"}  # else PostgreSQL takes a quarter of the memory, and most of its start to do so
_numbers = count(1)
RunSQL = Callable[[str, str], list[tuple[Any, ...]]]


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as processors: many tests wait for processes that they started."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--jobs", type=int, help="the long form: a storm of so many jobs, kills at every step")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin first, so that nobody waits for them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop of asynchronous tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """The recorded answers of providers, which lie beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "fixtures"
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}")
    return folder


@pytest.fixture(scope="session")
def open_dir() -> Iterator[Path]:
    """A temporary folder, in memory if there is room, that every user may enter: as root, PostgreSQL is another."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    yield from _open_folder(memory if roomy and "TMPDIR" not in os.environ else None)


@pytest.fixture(scope="session")
def open_disk_dir() -> Iterator[Path]:
    """As `open_dir`, but programs may be run from it."""
    yield from _open_folder(None)


def _open_folder(where: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="alexandria-test-", dir=where))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url(open_dir: Path) -> Iterator[str]:
    """A server for the whole session: an embedded one, or that of ALEXANDRIA_TEST_DATABASE_URL (CREATEDB)."""
    given = os.environ.get("ALEXANDRIA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with EmbeddedServer(open_dir / "server", extra_settings=FAST) as server:
        _cheapen_password(server)
        yield server.url


def _cheapen_password(server: EmbeddedServer) -> None:
    """Nothing; a connection derives its key from the password in one round instead of 4096, most of what it took."""
    password = server.cluster.password()
    _run_sql(server.url, f"SET scram_iterations = 1; ALTER ROLE CURRENT_USER PASSWORD '{password}'")


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    """The name of a migrated database, to be copied."""
    name = f"alexandria_template_{os.getpid()}"
    _run_sql(server_url, f"CREATE DATABASE {name} TEMPLATE template0")
    with connect(_with_database(server_url, name), autocommit=True) as connection:
        migrate(connection)
    yield name
    _run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(server_url: str, template_database: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    yield from fresh_database(server_url, f"TEMPLATE {template_database}")


@pytest.fixture(scope="session")
def session_database(server_url: str, template_database: str) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of a fresh, migrated database; it lives as long as the session."""
    made: list[Iterator[str]] = []

    def make() -> str:
        made.append(fresh_database(server_url, f"TEMPLATE {template_database}"))
        return next(made[-1])

    yield make
    for database in made:
        next(database, None)


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """The URL of a fresh database without migrations."""
    yield from fresh_database(server_url, "TEMPLATE template0")


def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database made from a template, and gone afterwards."""
    name = f"alexandria_test_{os.getpid()}_{next(_numbers)}"
    with connect(server_url, autocommit=True) as connection:
        # half the work of the default strategy
        connection.execute(f"CREATE DATABASE {name} {template} STRATEGY FILE_COPY".encode())
        yield _with_database(server_url, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants a connection hears soon that there is none."""
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.3)


@pytest.fixture(scope="session")
def run_sql() -> RunSQL:
    """A function of (url, sql) that runs one statement outside a transaction and gives its rows."""
    return _run_sql


def _run_sql(url: str, sql: str) -> list[tuple[Any, ...]]:
    with connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def _with_database(url: str, name: str) -> str:
    """The URL with another database's name."""
    return re.sub(r"^(\w+://[^/?]*)/?[^?]*", rf"\1/{name}", url)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Sockets of tests reach this machine only."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    yield
    patch.undo()


def _guarded(method: Any) -> Any:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]
        if self.family != socket.AF_UNIX and not _is_ours(str(address[0])):
            raise RuntimeError(f"a test tried to reach {address[0]}: tests may only reach this machine")
        return method(self, *args)

    return guarded


def _is_ours(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
