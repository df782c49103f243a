"""Running the application: granian in front, settings by environment so that its worker processes see the same."""

import os
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar.types import ASGIApp

from alexandria.api.app import create_app
from alexandria.config import Settings, find_secrets, read_settings, variable
from alexandria.db import Database
from alexandria.errors import AddressInUse
from alexandria.telemetry.log import configure_logs
from alexandria.telemetry.traces import configure_traces

POOL = 8  # connections a process may hold; coalesced lookups need two


def serve(settings: Settings, database_url: str) -> None:
    """Serves until a signal stops it. Raises AddressInUse before it starts when the port is taken."""
    _check_free(settings.host, settings.port)
    os.environ[variable("database_url")] = database_url  # granian's workers are new processes
    os.environ[variable("pooler")] = settings.pooler
    Granian(
        "alexandria.api.server:create",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def create() -> ASGIApp:
    """The application of one worker process, from the environment that `serve` prepared."""
    settings = read_settings()
    configure_logs(find_secrets(settings), settings.log_format)
    configure_traces(settings.traces_url, "api")
    assert settings.database_url is not None
    prepared = settings.pooler == "none"
    return create_app(Database(settings.database_url, min_size=1, max_size=POOL, prepared=prepared), settings)


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
