"""`alexandria doctor`: whether this machine has what Alexandria needs, and what to do where it has not."""

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from alexandria.cli.address import ask, base_url
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import FAILED, Json, explain, show_json, size
from alexandria.config import Settings, read_settings
from alexandria.db import Connection, connect, database, pending
from alexandria.errors import AlexandriaError, SettingsInvalid
from alexandria.mirror.status import read_status
from alexandria.ops.invariants import check_invariants

LEAST_PYTHON = (3, 11)
LEAST_BYTES = 1 << 30  # below, not even a part of a dump fits
WHOLE_BYTES = 150 * 10**9  # the whole mirror, and its successor being built beside it
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it."""

    name: str
    level: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""


Deep = Annotated[
    bool, typer.Option("--deep", help="Look into the whole database as well; with a whole mirror that takes minutes.")
]


def doctor(deep: Deep = False, json: Json = False) -> None:
    """Check the machine, the settings, the database and the service; exit code 1 when something is broken."""
    findings = []
    for finding in examine(deep):
        findings.append(finding)
        if not json:
            _show(finding)
    failed = any(finding.level == "fail" for finding in findings)
    if json:
        show_json({"ok": not failed, "findings": findings})
    if failed:
        raise typer.Exit(FAILED)


def _show(finding: Finding) -> None:
    advice = f": {finding.advice}" if finding.advice else ""
    line = Text.assemble((f"{finding.level:<5}", COLOURS[finding.level]), f"{finding.name}: {finding.found}{advice}")
    Console(soft_wrap=True).print(line)


def examine(deep: bool = False) -> Iterator[Finding]:
    """The findings, one by one as they are found; those that need settings only when these are right.

    `deep` ones are about what is in the database.
    """
    yield _python()
    try:
        settings = read_settings()
    except SettingsInvalid as error:
        for problem in error.problems:
            yield Finding("settings", "fail", problem, "correct it in the environment or in .env")
        return
    yield Finding("settings", "ok", "valid")
    yield _data_dir(settings.data_dir)
    yield _disk(settings.data_dir)
    yield from _database(settings, deep)
    yield _api(settings)


def _python() -> Finding:
    version = sys.version.split()[0]
    if sys.version_info >= LEAST_PYTHON:
        return Finding("python", "ok", version)
    return Finding("python", "fail", version, "install Python 3.11 or newer")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest of those it lies in that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _data_dir(folder: Path) -> Finding:
    place = _nearest(folder)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        advice = "set ALEXANDRIA_DATA_DIR to a folder of your own, or run as a user who may"
        return Finding("data folder", "fail", f"{place} cannot be written to", advice)
    return Finding("data folder", "ok", f"{folder}{'' if folder.exists() else ' (will be made)'}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest(folder)).free
    if free < LEAST_BYTES:
        return Finding("disk", "fail", f"{size(free)} free", "free some space, or move ALEXANDRIA_DATA_DIR")
    if free < WHOLE_BYTES:
        return Finding("disk", "warn", f"{size(free)} free", f"enough for a part; all dumps want {size(WHOLE_BYTES)}")
    return Finding("disk", "ok", f"{size(free)} free")


def _database(settings: Settings, deep: bool) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.data_dir / "postgresql").exists():
        yield Finding("database", "warn", "none made yet", "`alexandria up` makes it")
        return
    kind = "external" if settings.database_url else "embedded"
    try:
        with database(settings, tell_wait) as url, connect(url, autocommit=True) as connection:
            ready = yield from _server(connection, kind)
            if ready:
                from alexandria.cli.checkup import check_providers  # here, so that other commands start without it

                yield from (Finding(*checked) for checked in check_providers(settings, url))
            if ready and deep:
                yield from _promises(connection)
    except (AlexandriaError, OSError) as error:
        yield Finding("database", "fail", explain(error))


def _server(connection: Connection, kind: str) -> Generator[Finding, None, bool]:
    """Findings; returns whether the database can be used."""
    version = str(connection.info.parameter_status("server_version"))
    if connection.info.server_version < 150000:
        yield Finding("database", "fail", f"{kind} PostgreSQL {version}", "upgrade it to 15 or newer")
        return False
    yield Finding("database", "ok", f"{kind} PostgreSQL {version}")
    if waiting := pending(connection):
        yield Finding("migrations", "fail", f"{', '.join(waiting)} not applied", "run `alexandria db migrate`")
        return False
    yield Finding("migrations", "ok", "all applied")
    status = read_status(connection)
    if not status.loaded:
        advice = "load dumps with `alexandria mirror load FILE…`, or look around with `alexandria demo`"
        yield Finding("mirror", "warn", "nothing is loaded", advice)
        return True
    version = status.sync.get("ol_full_dump_version") or "unknown"
    yield Finding("mirror", "ok", f"{status.rows.get('editions', 0):,} editions, newest record of {version}")
    return True


def _promises(connection: Connection) -> Iterator[Finding]:
    for kept in check_invariants(connection):
        advice = "keep a copy of the database and tell those who make Alexandria" if kept.broken else ""
        yield Finding(kept.name, "fail" if kept.broken else "ok", str(kept), advice)


def _api(settings: Settings) -> Finding:
    base = base_url(settings.host, settings.port)
    answer = ask(settings.host, settings.port, "/ready")
    if answer is None:
        return Finding("api", "warn", f"nobody answers at {base}", "`alexandria up` starts it")
    if answer.status != 200:
        advice = "see its messages" if answer.status == 503 else "another program uses the port: choose another"
        return Finding("api", "fail", f"{base}/ready answers {answer.status}", advice)
    return Finding("api", "ok", f"{base} answers in {answer.milliseconds:.0f} ms")
