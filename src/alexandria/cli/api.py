"""`alexandria api`: the API alone, for those who run their own supervisor or many machines."""

import contextlib
from typing import Annotated

import typer

from alexandria.cli.address import base_url, check_free
from alexandria.cli.children import tie_to_parent
from alexandria.cli.running import check_store, open_database
from alexandria.cli.screen import Json, note, show_json
from alexandria.cli.up import DataDir, Host, Port, with_options
from alexandria.config import read_settings
from alexandria.db import connect, require_current
from alexandria.errors import DatabaseUnavailable

Tied = Annotated[bool, typer.Option("--tied", hidden=True, help="End when standard input ends.")]


def api(host: Host = None, port: Port = None, data_dir: DataDir = None, tied: Tied = False, json: Json = False) -> None:
    """Run the API alone, on a database that is current."""
    from alexandria.api.server import serve  # here, so that every other command starts without a web framework

    if tied:
        tie_to_parent()
    settings = with_options(read_settings(), host, port, data_dir)
    check_free(settings.host, settings.port)
    with open_database(settings) as url:
        check_store(settings)
        with contextlib.suppress(DatabaseUnavailable), connect(url) as connection:
            require_current(connection)  # a database that is away answers 503 until it is back
        base = base_url(settings.host, settings.port)
        if json:
            show_json({"listening": base})
        elif not tied:
            note(f"the API listens on {base}")
        serve(settings, url, "alexandria.cli.site:create")
