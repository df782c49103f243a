"""`alexandria backup` and `alexandria restore`: everything but the mirror, in one file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alexandria.cli.progress import Rate, RecordProgress
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import Json, note, say, show_json, size
from alexandria.config import read_settings
from alexandria.db import database

if TYPE_CHECKING:
    from alexandria.db.backup import Progress

Out = Annotated[Path, typer.Option(help="The file to write, or a folder for one named after the time.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace a file of that name.")]
Archive = Annotated[Path, typer.Argument(help="A file that `alexandria backup` wrote.", show_default=False)]
Overwrite = Annotated[bool, typer.Option("--force", help="Replace what the database holds (never the mirror).")]


def backup(out: Out = Path(), force: Replace = False, json: Json = False) -> None:
    """Write everything but the mirror into one file, while everything runs.

    The file holds keys and sessions: keep it as safe as the database.
    """
    from alexandria.db.backup import backup_name, write_backup  # here, so that other commands start without it

    path = out / backup_name(datetime.now(UTC)) if out.is_dir() else out
    with database(read_settings(), tell_wait, direct=True) as url, RecordProgress() as bar:
        done = write_backup(url, path, force=force, on_progress=_Told(bar))
    if json:
        show_json(done)
        return
    say(
        f"wrote {done.file}: {done.rows:,} rows of {len(done.tables)} tables, {size(done.bytes)}, {done.seconds:,.1f} s"
    )
    say(f"give it back with: alexandria restore {done.file}")


def restore(file: Archive, force: Overwrite = False, json: Json = False) -> None:
    """Put back what a backup holds, all of it or nothing; the mirror and what is known of it stay as they are."""
    from alexandria.db.restore import restore_backup

    with database(read_settings(), tell_wait, direct=True) as url, RecordProgress() as bar:
        done = restore_backup(url, file, force=force, on_progress=_Told(bar))
    if json:
        show_json(done)
        return
    say(f"restored {done.rows:,} rows of {len(done.tables)} tables in {done.seconds:,.1f} s")
    if done.migrated:
        note(f"applied {', '.join(done.migrated)}; the mirror is not in a backup: alexandria mirror load FILE…")


class _Told:
    """Told by a backup or restore where it is."""

    def __init__(self, bar: RecordProgress) -> None:
        self._bar, self._rate, self._stage = bar, Rate(), ""

    def __call__(self, progress: "Progress") -> None:
        if progress.stage != self._stage:
            self._stage, self._rate = progress.stage, Rate()
        table = f", {progress.table}" if progress.table else ""
        said = f"{size(progress.data)} of rows, {size(self._rate.add(progress.data))}/s{table}"
        self._bar.show(progress.stage, progress.done, progress.total, said)
