"""`alexandria mirror`: Open Library's dumps into the database, and what is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alexandria.biblio.languages import language_code
from alexandria.cli.dumps import (
    DUMP_TYPES,
    DownloadProgress,
    RefreshProgress,
    read_day,
    read_types,
    show_downloaded,
)
from alexandria.cli.progress import LoadProgress
from alexandria.cli.running import tell_wait
from alexandria.cli.screen import Json, note, one_line, say, show_json, show_table, size
from alexandria.config import read_settings
from alexandria.db import connect, database, require_current
from alexandria.errors import BadInput
from alexandria.mirror.status import Load, MirrorStatus, Reject, read_status
from alexandria.mirror.swap import roll_back

if TYPE_CHECKING:
    from alexandria.mirror.report import LoadReport
    from alexandria.mirror.room import Forecast

app = typer.Typer(no_args_is_help=True, help="Download and load Open Library's dumps, and see what is loaded.")
Files = Annotated[list[Path], typer.Argument(help="Dump files, of any types, plain or gzip.", show_default=False)]


@app.command("download")
def download_files(
    out: Annotated[Path | None, typer.Option(help="The folder to write into; else DATA_DIR/dumps.")] = None,
    types: Annotated[str, typer.Option(help="Only these types of records, with commas.")] = DUMP_TYPES,
    day: Annotated[str, typer.Option("--date", help="The dump of this day (YYYY-MM-DD), not the newest.")] = "",
    json: Json = False,
) -> None:
    """Download the newest dumps, and check them against the archive's checksums.

    A download that was stopped goes on where it was when the same command is given again.
    """
    wanted, of_day = read_types(types), read_day(day)
    settings = read_settings()
    from alexandria.mirror.download import download_dumps  # here: it brings the HTTP client, which takes its time

    with DownloadProgress() as progress:
        found = download_dumps(
            settings.dumps_url,
            (out.expanduser() if out else settings.data_dir / "dumps").resolve(),
            contact=settings.contact,
            types=wanted,
            day=of_day,
            on_progress=progress,
            on_warning=note,
        )
    if json:
        show_json(found)
    else:
        show_downloaded(found)


@app.command("load")
def load_files(
    files: Files,
    force: Annotated[
        bool, typer.Option("--force", help="Load a dump that would be refused as too small or old.")
    ] = False,
    with_isbn: Annotated[bool, typer.Option("--with-isbn", help="Only editions that have an ISBN.")] = False,
    languages: Annotated[str, typer.Option(help="Only editions in these languages, such as eng,ger.")] = "",
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that read; 0: this one alone.")] = None,
    json: Json = False,
) -> None:
    """Load dump files and put them in the place of the mirror; the old one serves until the end.

    A load that was stopped goes on where it was when the same command is given again.
    """
    from alexandria.mirror.load import load_dumps  # here: it brings the parsers, which take their time
    from alexandria.mirror.parse import Part
    from alexandria.mirror.room import forecast

    part = Part(with_isbn=with_isbn, languages=read_languages(languages))
    with database(read_settings(), tell_wait, direct=True) as url:
        with connect(url, autocommit=True) as connection:
            require_current(connection)
            note(tell_forecast(forecast(connection, files)))
        with LoadProgress() as progress:
            report = load_dumps(url, files, part=part, force=force, workers=workers, on_progress=progress)
        with connect(url) as connection:
            load = read_status(connection).last_load
    rejects = load.rejects if load else []
    if json:
        show_json({"report": report, "rejects": rejects, "lines_per_second": _rate(report)})
    else:
        _show_report(report, rejects)


def tell_forecast(found: "Forecast") -> str:
    """What a load needs, for a person, before it starts."""
    free = f" of {size(found.free)} free" if found.free is not None else ""
    minutes = found.seconds / 60
    length = "less than a minute" if minutes < 1 else f"about {minutes:,.0f} min"
    return f"needs about {size(found.needed)}{free} on the database's disk, {length}"


def read_languages(text: str) -> frozenset[str]:
    """The codes, as served, of languages given as codes or names with commas. Raises BadInput."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    codes = {name: language_code(name) for name in names}
    if unknown := [name for name, code in codes.items() if code is None]:
        raise BadInput("languages", f"{', '.join(unknown)}: no language known by this code or name")
    return frozenset(code for code in codes.values() if code)


def _rate(report: "LoadReport") -> float:
    return round(report.lines / report.seconds, 1) if report.seconds else 0.0


def _show_report(report: "LoadReport", rejects: list[Reject]) -> None:
    rows = [
        (name, report.copied.get(name), report.superseded.get(name), report.carried.get(name), count)
        for name, count in report.tables.items()
    ]
    show_table("Mirror", ("table", "copied", "superseded", "carried over", "rows now"), rows)
    _show_rejects(rejects)
    copied, rejected = report.copied.total(), report.rejected.total()
    say(f"{report.lines:,} lines = {copied:,} rows copied + {rejected:,} rejected")
    say(f"{report.seconds:,.1f} s, {_rate(report):,.0f} lines/s{', resumed' if report.resumed else ''}")


def _show_rejects(rejects: list[Reject]) -> None:
    if rejects:
        rows = [(reject.reason, reject.count, one_line(reject.sample)[:120]) for reject in rejects]
        show_table("Rejected", ("reason", "lines", "one of them"), rows)


@app.command("refresh")
def refresh(
    force: Annotated[
        bool, typer.Option("--force", help="Load it even if it serves already, or would be refused.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the files after they are loaded.")] = False,
    json: Json = False,
) -> None:
    """Put Open Library's newest dump in the place of the mirror: download, check, load, swap.

    Any step that was stopped goes on when the same command is given again. `mirror rollback` goes back.
    """
    settings = read_settings()
    from alexandria.sync.refresh import Listeners, refresh_mirror  # here: it brings the HTTP client and the parsers
    from alexandria.wiring import dump_source

    with database(settings, tell_wait, direct=True) as url:
        with connect(url, autocommit=True) as connection:
            require_current(connection)
        with RefreshProgress() as progress:
            told = Listeners(download=progress.download, load=progress.load, warning=note)
            done = refresh_mirror(url, dump_source(settings), force=force, keep=keep, told=told)
    if json:
        show_json(done)
    elif done.load is None:
        say(f"the dump of {done.date} serves already")
    else:
        _show_report(done.load, [])
        show_table("What is new", ("what", "records"), [(_spoken(name), n) for name, n in done.differences.items()])


def _spoken(name: str) -> str:
    return name.replace("_", " ")


@app.command("rollback")
def roll_back_mirror(json: Json = False) -> None:
    """Put the mirror before this one in its place again; the same command undoes it."""
    with database(read_settings(), tell_wait, direct=True) as url, connect(url, autocommit=True) as connection:
        require_current(connection)
        roll_back(connection)
        status = read_status(connection)
    if json:
        show_json({"files": status.files, "newest": status.newest, "rows": status.rows})
        return
    names = ", ".join(Path(name).name for name in status.files)
    say(f"{names} serve again: {status.rows.get('editions', 0):,} editions, newest record of {_newest(status)}")


def _newest(status: MirrorStatus) -> str:
    return max(status.newest.values(), default="")[:10] or "an unknown day"


@app.command("status")
def show_status(json: Json = False) -> None:
    """Show what is loaded, from which dump, what was rejected, and the room it takes."""
    with database(read_settings(), tell_wait, direct=True) as url, connect(url) as connection:
        require_current(connection)
        status = read_status(connection)
    if json:
        show_json(status)
        return
    _show_tables(status)
    if status.last_load:
        _show_last(status.last_load)
    if not status.loaded:
        note("nothing is loaded yet: alexandria mirror load FILE…")


def _show_tables(status: MirrorStatus) -> None:
    editions = status.rows.get("editions", 0)
    rows = [
        (
            name,
            status.rows.get(name),
            status.newest.get(name),
            size(used),
            f"{used / editions:,.0f}" if editions else "",
        )
        for name, used in status.disk_bytes.items()
    ]
    show_table("Mirror", ("table", "rows", "newest record", "on disk", "bytes per edition"), rows)
    total = sum(status.disk_bytes.values())
    per_edition = f", {status.bytes_per_edition:,.0f} bytes per edition" if status.bytes_per_edition else ""
    say(f"{size(total)} on disk{per_edition}")
    if status.files:
        say(f"files: {', '.join(Path(name).name for name in status.files)}")
    for key, value in status.sync.items():
        say(f"{key}: {value or 'never'}")
    say()


def _show_last(load: Load) -> None:
    ended = f", ended {load.finished_at:%Y-%m-%d %H:%M:%S}" if load.finished_at else ""
    say(f"last load: {load.state}, begun {load.started_at:%Y-%m-%d %H:%M:%S}{ended}, {load.lines:,} lines")
    if load.reason:
        say(f"  {load.reason}")
    say()
    _show_rejects(load.rejects)
