"""`alexandria up`: everything at once."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from alexandria.cli.address import check_free
from alexandria.cli.running import (
    bring_up_to_date,
    open_database,
    serve_all,
    stopped_by_signal,
    wait_for_signal,
)
from alexandria.cli.screen import Json, note, say, show_json
from alexandria.config import Settings, read_settings

Host = Annotated[str | None, typer.Option(help="Address to listen on, instead of ALEXANDRIA_HOST.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on, instead of ALEXANDRIA_PORT.")]
DataDir = Annotated[Path | None, typer.Option(help="Folder for database and files, instead of ALEXANDRIA_DATA_DIR.")]


def up(host: Host = None, port: Port = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Run everything: the database, kept current, and the API.

    Prints "ready http://…" when it answers, restarts what dies, and ends with Ctrl-C.
    """
    settings = with_options(read_settings(), host, port, data_dir)
    with stopped_by_signal():
        check_free(settings.host, settings.port)
        with open_database(settings) as url:
            for name in bring_up_to_date(url):
                note(f"applied migration {name}")
            with serve_all(settings, url) as base:
                show_json({"ready": base}) if json else say(f"ready {base}")
                wait_for_signal()


def with_options(settings: Settings, host: str | None, port: int | None, data_dir: Path | None) -> Settings:
    """The settings, with what the options say instead."""
    return replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        data_dir=data_dir.expanduser().resolve() if data_dir else settings.data_dir,
    )
