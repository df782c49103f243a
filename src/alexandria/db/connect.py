"""Synchronous connections for the command line and the loaders, and the words for a database that is away."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from alexandria.config import Settings
from alexandria.db.embedded import EmbeddedServer, OnWait
from alexandria.errors import DatabaseUnavailable, SettingsInvalid

CONNECT_SECONDS = 15  # nobody waits for an answer here; a busy machine may need more than a few


def read_url(url: str) -> dict[str, str]:
    """The parts of a PostgreSQL URL: host, port, dbname, user, password, …. Raises SettingsInvalid.

    The message holds nothing of the URL: where it goes wrong may be in the middle of a password.
    """
    with suppress(psycopg.Error):
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        if "@" not in parts.get("host", "") + parts.get("dbname", ""):  # else a password was cut at its / or ?
            return parts
    raise SettingsInvalid(
        [
            "ALEXANDRIA_DATABASE_URL must look like postgresql://user:password@host:port/database, "
            "with @ / : # ? % in the password written as %40 %2F %3A %23 %3F %25"
        ]
    )


def unavailable(url: str, error: BaseException) -> DatabaseUnavailable:
    """The error to raise for a connection that cannot be made or broke: one line, no password."""
    parts = read_url(url)
    reason = " ".join(str(error).split())
    if password := parts.get("password"):
        reason = reason.replace(password, "***")
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    place = host if host.startswith("/") else f"{host}:{port}"
    return DatabaseUnavailable(
        f"PostgreSQL at {place} is not available: {reason}; "
        "check that it runs and that ALEXANDRIA_DATABASE_URL is right"
    )


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """A connection; close it, or use it as a context manager. Raises DatabaseUnavailable, SettingsInvalid."""
    read_url(url)
    try:
        return psycopg.connect(
            url,
            autocommit=autocommit,
            connect_timeout=CONNECT_SECONDS,
            fallback_application_name="alexandria",
        )
    except psycopg.OperationalError as error:
        raise unavailable(url, error) from None


@contextmanager
def database(settings: Settings, on_wait: OnWait | None = None, *, direct: bool = False) -> Iterator[str]:
    """The URL of the database to use: ALEXANDRIA_DATABASE_URL, else an embedded server held until the end.

    `direct` is for what needs a session of its own: then ALEXANDRIA_DATABASE_DIRECT_URL comes first.
    Raises ServerFailed when the embedded server does not start.
    """
    if settings.database_url:
        yield (settings.database_direct_url if direct else None) or settings.database_url
        return
    with EmbeddedServer(settings.data_dir, on_wait=on_wait) as server:
        yield server.url
