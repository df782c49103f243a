"""`alexandria demo`: the service on a sample catalogue, in a folder of its own, shown in a short walk."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alexandria.cli.address import check_free, free_port
from alexandria.cli.children import API, SCHEDULER, WORKER, Children
from alexandria.cli.pool import on_database
from alexandria.cli.running import (
    bring_up_to_date,
    environ_of,
    open_database,
    serve_all,
    stopped_by_signal,
    wait_for_signal,
)
from alexandria.cli.screen import Json, note, say, show_json
from alexandria.cli.up import DataDir
from alexandria.config import Settings, read_settings, variable
from alexandria.db import Database, connect
from alexandria.errors import AddressInUse
from alexandria.mirror.status import read_status
from alexandria.queue.manage import drop_waiting

if TYPE_CHECKING:
    from alexandria.cli.walk import Told
    from alexandria.simulator.launch import Simulator

Exit = Annotated[bool, typer.Option("--exit", help="End after the walk, instead of staying up.")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Port to listen on; without it a free one, 8000 first.")
]


SEARCHES = ("changes", "covers", "edition", "work", "author", "cover")  # jobs that ask providers, or ask for such
DEMO = {  # the simulated providers take any key
    variable("contact"): "demo@localhost",
    variable("isbndb_plan"): "premium",
    variable("isbndb_api_key"): "demo",
    variable("google_books_api_key"): "demo",
}


def demo(exit: Exit = False, port: Port = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Show Alexandria on a sample catalogue: in a folder of its own, beside whatever else there is."""
    settings = demo_settings(read_settings(), port, data_dir)
    with stopped_by_signal():
        note(f"starting PostgreSQL in {settings.data_dir}")
        with open_database(settings) as url:
            bring_up_to_date(url)
            _load_sample(settings.data_dir / "sample", url)
            on_database(settings, _drop_searches)
            note("starting simulated providers; no request leaves this machine")
            with _providers() as simulator:
                environ = demo_environ(simulator)
                with serve_all(settings, url, environ, (API, WORKER)) as base:
                    told = _show_walk(settings, quiet=json)
                    if json:
                        show_json({"url": base, "walk": told})
                    else:
                        _show_places(base)
                    if not exit:
                        _stay(settings, url, environ)


def _stay(settings: Settings, url: str, environ: Mapping[str, str]) -> NoReturn:
    """Nothing; from now on what is due by schedule is done, too, which the walk would have had to wait for."""
    with Children((SCHEDULER,), environ_of(settings, url, environ)):
        note("staying up until Ctrl-C")
        wait_for_signal()


async def _drop_searches(database: Database) -> None:
    """Nothing; what an earlier demo had still to look for is not looked for: the walk would wait behind it."""
    dropped = sum([count for kind in SEARCHES async for count in drop_waiting(database, kind)])
    if dropped:
        note(f"dropped what an earlier demo had still to look for ({dropped:,} jobs)")


@contextmanager
def _providers() -> Iterator["Simulator"]:
    """The simulated providers; ISBNdb sells us the plan that we say we have, or its count would end our day."""
    from alexandria.simulator.launch import Simulator  # here, so that other commands start without it
    from alexandria.simulator.limits import PLANS

    with Simulator() as simulator:
        simulator.limits(isbndb=msgspec.to_builtins(PLANS[DEMO[variable("isbndb_plan")]]))
        yield simulator


def demo_environ(simulator: "Simulator") -> dict[str, str]:
    """The settings of the demo's processes: everybody they may ask is simulated, and publishes no dumps."""
    return {**DEMO, **simulator.environ, variable("dumps_url"): f"{simulator.urls['open_library']}/data"}


def demo_settings(settings: Settings, port: int | None, data_dir: Path | None) -> Settings:
    """The settings for the demo: never the user's own database or covers, and a port that is free.

    Raises AddressInUse when a port that was asked for is taken.
    """
    chosen = port or settings.port
    try:
        check_free(settings.host, chosen)
    except AddressInUse:
        if port:
            raise
        chosen = free_port(settings.host)
        note(f"port {settings.port} is taken; the demo uses {chosen}")
    folder = data_dir.expanduser().resolve() if data_dir else settings.data_dir / "demo"
    return replace(
        settings, port=chosen, data_dir=folder, database_url=None, database_direct_url=None, pooler="none",
        covers_url=None,
    )  # fmt: skip


def _load_sample(folder: Path, url: str) -> None:
    from alexandria.mirror.load import load_dumps
    from alexandria.sample.catalogue import write_sample

    with connect(url) as connection:
        if read_status(connection).loaded:
            return
    report = load_dumps(url, write_sample(folder))
    note(f"loaded the sample catalogue: {report.tables['editions']} editions in {report.seconds:.1f} s")


def _show_walk(settings: Settings, quiet: bool) -> list["Told"]:
    from alexandria.cli.walk import walk

    console = Console(quiet=quiet)
    told = []
    for step in walk(settings.host, settings.port):
        told.append(step)
        console.print(_step(step))
    return told


def _step(step: "Told") -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9, justify="right")
    table.add_column(overflow="fold")
    table.add_row("", Text(step.shows, style="bold"))
    table.add_row(Text(str(step.status), style="green"), Text(f"GET {step.path}", style="cyan"))
    table.add_row(f"{step.milliseconds:.1f} ms", Text(step.answer))
    table.add_row("", "")
    return table


def _show_places(base: str) -> None:
    from alexandria.cli.walk import isbn_path
    from alexandria.sample.catalogue import sample_isbns

    say(f"ready {base}")
    for path in ("/", "/docs", isbn_path(sample_isbns().hit), "/api/stats", "/api/queue/status", "/api/quota/status"):
        say(f"  {base}{path}")
