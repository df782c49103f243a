"""The monthly refresh: Open Library's newest dump in the place of the mirror, if it is newer and can be believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alexandria.db import connect, load_statements
from alexandria.errors import DumpRefused
from alexandria.mirror.behind import read_part
from alexandria.mirror.download import OnProgress as OnDownload
from alexandria.mirror.download import download_dumps, find_newest
from alexandria.mirror.load import find_refusal, load_dumps
from alexandria.mirror.parse import WHOLE, Part
from alexandria.mirror.published import TYPES, StillPublishing
from alexandria.mirror.refused import note_refusal, withdraw_refusal
from alexandria.mirror.report import LoadReport, OnProgress

SQL = load_statements(__package__)


@dataclass(slots=True)
class Refreshed:
    """What a refresh did: the dump's date, whether it serves already, what was loaded and what is new in it."""

    date: str
    is_new: bool
    load: LoadReport | None = None
    differences: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where dumps are published, who asks, and the folder that they are downloaded to."""

    base: str
    contact: str | None
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who is told where a refresh is."""

    download: OnDownload | None = None
    load: OnProgress | None = None
    warning: Callable[[str], None] | None = None


def refresh_mirror(
    url: str, source: Source, *, force: bool = False, keep: bool = False, told: Listeners | None = None
) -> Refreshed:
    """What was done, when the newest dump serves, of the same part as before. Any step that was stopped goes on.

    The files are removed afterwards, unless `keep`; refused ones stay, and are not tried again before they change,
    unless `force`. Raises DumpRefused, NotPublished, NotEnoughDisk, FetchFailed, LoadFailed, ContactMissing; then the
    mirror serves as before.
    """
    told = told or Listeners()
    part, files = read_live(url)
    try:
        date = find_newest(source.base, contact=source.contact)
        if not force and serves(files, date):
            withdraw_refusal(url)
            return Refreshed(date, is_new=False)
        found = download_dumps(
            source.base,
            source.folder,
            contact=source.contact,
            on_progress=told.download,
            on_warning=told.warning,
        )
    except StillPublishing:
        raise
    except DumpRefused as error:
        note_refusal(url, str(error))
        raise
    if not force:
        _refuse_again(url, found.paths, part)
    report = load_dumps(url, found.paths, part=part, force=force, compared=True, on_progress=told.load)
    if not keep:
        for path in found.paths:
            path.unlink(missing_ok=True)
    return Refreshed(found.date, True, report, report.differences, found.warnings)


def read_live(url: str) -> tuple[Part, list[str]]:
    """Which part of which files the live mirror is; the whole of none while nothing is loaded."""
    with connect(url) as connection:
        row: tuple[Any, ...] | None = connection.execute(SQL["find_live_part"].sql).fetchone()
    return (read_part(row[0]), list(row[1])) if row else (WHOLE, [])


def serves(files: Sequence[str], date: str) -> bool:
    """Whether the mirror was made of the dump of that date, all of it."""
    names = {Path(file).name for file in files}
    return {f"ol_dump_{kind}_{date}.txt.gz" for kind in TYPES} <= names


def _refuse_again(url: str, paths: Sequence[Path], part: Part) -> None:
    """Raises DumpRefused when these very files were refused already: to load them takes hours."""
    with connect(url) as connection:
        reason = find_refusal(connection, paths, part)
    if reason:
        raise DumpRefused(f"these files were refused already: {reason}")
