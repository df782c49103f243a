"""What stands around many processes: PgBouncer before PostgreSQL, nginx before the API; Debian's own programs.

Neither is part of Alexandria. They run in the foreground, in a folder of ours, on ports of this machine alone.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alexandria.cli.address import free_port
from alexandria.db.connect import read_url
from bench.service import HOST
from bench.workspace import BenchFailed

PROGRAMS = ("nginx", "pgbouncer")
PLACES = "/usr/sbin:/usr/local/sbin"  # where Debian has them, and a user's PATH may not
PATIENCE = 15.0
KEPT = 64  # idle connections of nginx to the API, for each of its processes


def missing(programs: Sequence[str] = PROGRAMS) -> str:
    """Why it cannot be done here; empty when it can."""
    lacking = [name for name in programs if not _find(name)]
    return f"{' and '.join(lacking)} not installed (Debian: `apt-get install {' '.join(lacking)}`)" if lacking else ""


def _find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=PLACES)


@contextmanager
def pgbouncer(folder: Path, url: str, pool: int = 20) -> Iterator[str]:
    """The URL of the same database through PgBouncer in transaction mode, with up to `pool` connections to it."""
    parts, port = read_url(url), free_port(HOST)
    target = {"host": parts.get("host", HOST), "port": parts.get("port", "5432"), "dbname": parts["dbname"]}
    secrets = {"user": parts.get("user", "postgres"), "password": parts.get("password", "")}
    config = _place(folder, "pgbouncer") / "pgbouncer.ini"
    owner = _owner(target["host"])
    config.write_text(
        f"[databases]\npooled = {_line({**target, **secrets})}\n"
        f"[pgbouncer]\nlisten_addr = {HOST}\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\napplication_name_add_host = 1\nmax_client_conn = 1000\ndefault_pool_size = {pool}\n"
        "log_connections = 0\n"
        f"log_disconnections = 0\n" + (f"user = {owner}\n" if owner else "")
    )
    config.chmod(0o644 if owner else 0o600)  # in a folder of ours, which is gone with the test
    with _running([_find("pgbouncer") or "pgbouncer", str(config)], config.parent, port):
        yield f"postgresql://pooled@{HOST}:{port}/pooled"


def _line(values: dict[str, str]) -> str:
    """The values as PgBouncer and libpq write them."""
    return " ".join(f"{name}='{value.replace(chr(39), chr(39) * 2)}'" for name, value in values.items() if value)


def _owner(host: str) -> str:
    """Whom PgBouncer must become: it refuses to be root, and a server's socket folder may be closed to others."""
    if os.geteuid() != 0:
        return ""
    return pwd.getpwuid(os.stat(host).st_uid).pw_name if host.startswith("/") else "nobody"


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The URL of nginx, which shares what is asked among the services on these ports.

    Its `upstream.log` says whom it asked, a line for each request.
    """
    place, port = _place(folder, "nginx"), free_port(HOST)
    (place / "nginx.conf").write_text(nginx_config(place, port, ports))
    command = [_find("nginx") or "nginx", "-p", str(place), "-c", "nginx.conf", "-e", "error.log"]
    with _running(command, place, port):
        yield f"http://{HOST}:{port}"


def nginx_config(place: Path, port: int, ports: Sequence[int]) -> str:
    """The configuration: connections are kept, for less time than the API keeps them (ALEXANDRIA_PATIENCE)."""
    servers = "".join(f"    server {HOST}:{each};\n" for each in ports)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"  {kind}_temp_path {place}/{kind};\n" for kind in kinds)
    return (
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\npid {place}/pid;\nworker_processes 1;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\n{temporary}"
        "  log_format upstream '$upstream_addr';\n  access_log upstream.log upstream buffer=64k flush=100ms;\n"
        f"  upstream api {{\n{servers}    keepalive {KEPT};\n    keepalive_timeout 10s;\n"
        "    keepalive_requests 100000;\n  }\n"
        f"  server {{\n    listen {HOST}:{port} backlog=1024;\n    client_max_body_size 2m;\n"
        "    keepalive_requests 1000000;\n    location / {\n"
        "      proxy_pass http://api;\n      proxy_http_version 1.1;\n"
        '      proxy_set_header Connection "";\n      proxy_set_header Host $host;\n'
        "      proxy_set_header X-Forwarded-For $remote_addr;\n    }\n  }\n}\n"
    )


def _place(folder: Path, name: str) -> Path:
    """A new folder that whoever the program becomes may enter."""
    place = folder / name
    place.mkdir()
    place.chmod(0o755)
    return place


@contextmanager
def _running(command: Sequence[str], place: Path, port: int) -> Iterator[None]:
    """The program while it listens on its port. Raises BenchFailed with what it said when it does not."""
    log = place / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _wait(lambda: _listens(port), process)
        if process.poll() is not None or not _listens(port):
            said = " ".join(path.read_text(errors="replace") for path in (log, place / "error.log") if path.exists())
            raise BenchFailed(f"{command[0]} does not listen: {' '.join(said.split())[-400:]}")
        yield
    finally:
        process.terminate()
        process.wait(15)


def _wait(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None and not condition():
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
