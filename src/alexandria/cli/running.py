"""Everything running: the database open, watched and migrated, the children alive, the API answering."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from types import FrameType
from typing import NoReturn

from alexandria.cli.address import ask, base_url, check_free
from alexandria.cli.children import CHILDREN, Child, Children
from alexandria.cli.screen import note
from alexandria.config import Settings, variable
from alexandria.db import EmbeddedServer, connect, migrate

_POLL = 0.05
_UNREADY = 5.0  # seconds of answers that are not 200 after which it counts as up all the same


class Stopped(BaseException):
    """A signal asked the program to stop."""


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """The URL of the database: ALEXANDRIA_DATABASE_URL, else the embedded server, watched and restarted if it dies."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedServer(settings.data_dir, on_wait=tell_wait) as server:
        leaving = threading.Event()
        watcher = threading.Thread(target=server.watch, args=(leaving,), name="watch", daemon=True)
        watcher.start()
        try:
            yield server.url
        finally:
            leaving.set()


def tell_wait(seconds: float, said: str) -> None:
    """Nothing; every fifth second of a long start is told on stderr."""
    if round(seconds) % 5 == 0:
        note(f"waiting for PostgreSQL since {seconds:.0f} s: {said or 'it says nothing yet'}")


def check_store(settings: Settings) -> None:
    """Nothing; raises SettingsInvalid where the pictures of covers cannot be stored as the settings say."""
    from alexandria.covers.service import make_store  # here, so that other commands start without all of it

    store = make_store(settings)
    store.check()
    store.close()


def bring_up_to_date(url: str) -> list[str]:
    """The names of the migrations applied now to the database."""
    with connect(url, autocommit=True) as connection:
        return migrate(connection)


@contextmanager
def serve_all(
    settings: Settings,
    database_url: str,
    more: Mapping[str, str] | None = None,
    children: Sequence[Child] = CHILDREN,
) -> Iterator[str]:
    """The base URL of the API, which answers; every child is kept alive until the end.

    `more` are settings of the children over those of the environment, by their variables.
    Raises AddressInUse, and ChildFailed when one of them does not start.
    """
    check_free(settings.host, settings.port)
    with Children(children, environ_of(settings, database_url, more)) as running:
        _wait_until_ready(settings, running)
        yield base_url(settings.host, settings.port)


def _wait_until_ready(settings: Settings, children: Children) -> None:
    answered = None
    while True:
        answer = ask(settings.host, settings.port, "/ready")
        now = time.monotonic()
        if answer:
            answered = answered or now
            if answer.status == 200 or now - answered > _UNREADY:
                return
        children.check()
        time.sleep(_POLL)


def environ_of(settings: Settings, database_url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment, in which a child finds our own settings and this database; the providers' it reads itself.

    `more` are settings over those, by their variables.
    """
    values = {entry.name: getattr(settings, entry.name) for entry in fields(settings) if entry.metadata}
    values["database_url"] = database_url
    return {**os.environ, **{variable(name): _text(value) for name, value in values.items()}, **(more or {})}


def _text(value: object) -> str:
    """A setting's value as it is written in the environment; nothing for none."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


@contextmanager
def stopped_by_signal() -> Iterator[None]:
    """Nothing; SIGINT, SIGTERM and a closed terminal end the block early and quietly, after all it opened is closed."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in before:
            signal.signal(each, _ignore)  # what follows is cleaning up (SIG_IGN would be inherited by what we start)
        raise Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.getsignal(each) for each in numbers if signal.getsignal(each) != signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    except Stopped:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Nothing."""


def wait_for_signal() -> NoReturn:
    """Nothing; waits until a signal raises."""
    while True:
        time.sleep(3600)
