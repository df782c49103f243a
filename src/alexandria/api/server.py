"""Running the application: granian in front, settings by environment so that its worker processes see the same."""

import gc
import os
import resource
import signal
import socket

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from litestar.types import ASGIApp

from alexandria.api.app import MakeSite, create_app
from alexandria.config import Settings, find_secrets, read_settings, variable
from alexandria.db import Database
from alexandria.errors import AddressInUse
from alexandria.telemetry.log import configure_logs
from alexandria.telemetry.traces import configure_traces

POOL = 8  # connections a process may hold; coalesced lookups need two
LONGEST_HEAD = 64 << 10  # bytes of a request's line and headers
OTHER_FILES = 128  # that a process has open beside its callers' connections
GRACE = 9  # seconds from telling a worker process to end until it is killed; supervisors wait for twelve


def serve(settings: Settings, database_url: str, factory: str = "alexandria.api.server:create") -> None:
    """Serves until a signal stops it. Raises AddressInUse before it starts when the port is taken.

    `factory` names what makes the application in each worker process.
    """
    _check_free(settings.host, settings.port)
    os.environ[variable("database_url")] = database_url  # granian's workers are new processes
    os.environ[variable("pooler")] = settings.pooler
    os.register_at_fork(after_in_child=_end_when_told)
    Granian(
        factory,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        # HTTP/2 without TLS is spoken by nobody; and while it is offered, who sends nothing is waited for without end
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(settings.patience * 1000), max_buffer_size=LONGEST_HEAD),
        backpressure=allowed_connections(settings.most_connections),  # what granian means by it
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def create(make_site: MakeSite | None = None) -> ASGIApp:
    """The application of one worker process, from the environment that `serve` prepared, with what pages there are."""
    settings = read_settings()
    configure_logs(find_secrets(settings), settings.log_format)
    configure_traces(settings.traces_url, "api")
    assert settings.database_url is not None
    prepared, spread = settings.pooler == "none", settings.distributed
    database = Database(settings.database_url, min_size=1, max_size=POOL, prepared=prepared, spread=spread)
    app = create_app(database, settings, make_site=make_site)
    _settle()
    return app


def _settle() -> None:
    """Nothing; what lives as long as the process is not gone through again in search of garbage.

    A hundred thousand objects of modules and routes are, which takes some 50 ms, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()


def _end_when_told() -> None:
    """Nothing; a worker process that was not yet set up ends when it is told to.

    It has our handler until it has its own, and with that would go on although we wait for its end.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def allowed_connections(wanted: int) -> int:
    """How many connections a process may have open: as many as wanted, if the system allows so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))  # the workers inherit it
    return max(files - OTHER_FILES, 1)


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUse(
                f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --port or ALEXANDRIA_PORT"
            ) from error
