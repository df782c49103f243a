"""Running the application: granian in front, settings by environment so that its worker processes see the same."""

import os
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar.types import ASGIApp

from alexandria.api.app import MakeSite, create_app
from alexandria.config import Settings, read_settings, variable
from alexandria.db import Database
from alexandria.errors import AddressInUse
from alexandria.telemetry.log import configure_logs

POOL = 8  # connections a process may hold; coalesced lookups need two


def serve(settings: Settings, database_url: str, factory: str = "alexandria.api.server:create") -> None:
    """Serves until a signal stops it. Raises AddressInUse before it starts when the port is taken.

    `factory` names what makes the application in each worker process.
    """
    _check_free(settings.host, settings.port)
    os.environ[variable("database_url")] = database_url  # granian's workers are new processes
    os.environ[variable("pooler")] = settings.pooler
    Granian(
        factory,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def create(make_site: MakeSite | None = None) -> ASGIApp:
    """The application of one worker process, from the environment that `serve` prepared, with what pages there are."""
    configure_logs()
    settings = read_settings()
    assert settings.database_url is not None
    prepared = settings.pooler == "none"
    database = Database(settings.database_url, min_size=1, max_size=POOL, prepared=prepared)
    return create_app(database, settings, make_site=make_site)


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
