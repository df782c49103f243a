"""`alexandria archive`: what was moved from the database to files."""

import asyncio
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from alexandria.cli.screen import Json, note, show_json
from alexandria.config import Settings, read_settings
from alexandria.errors import BadInput
from alexandria.ops.archive import NAMES, read_archive

app = typer.Typer(no_args_is_help=True, help="Read what was moved from the database to files.")
Day = Annotated[str, typer.Option(help="A day (UTC), YYYY-MM-DD; without it the first or last there is.")]


@app.callback()
def describe() -> None:
    """Read what was moved from the database to files."""


@app.command("read")
def read(
    name: Annotated[str, typer.Argument(help=f"What: {', '.join(NAMES)}.", show_default=False)],
    since: Day = "",
    until: Day = "",
    json: Json = False,
) -> None:
    """Print old jobs, attempts (log) or requests (calls), one JSON object a line, the oldest first."""
    if name not in NAMES:
        raise BadInput("name", f"must be one of {', '.join(NAMES)}")
    first = read_day("since", since) or date.min
    last = read_day("until", until) or datetime.now(UTC).date() + timedelta(days=1)
    count = asyncio.run(_print(read_settings(), name, first, last, json))
    if not count:
        note(f"nothing of {name} is in the archive for that time")


def read_day(field: str, text: str) -> date | None:
    """The day that is named; None for none. Raises BadInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(field, f"{text[:40]!r} is no day; write it as YYYY-MM-DD") from None


async def _print(settings: Settings, name: str, first: date, last: date, json: bool) -> int:
    """How many rows were printed."""
    from alexandria.wiring import open_archive  # here: it brings everything

    objects, rows = open_archive(settings), []
    count = 0
    try:
        async for row in read_archive(objects, name, first, last):
            count += 1
            if json:
                rows.append(msgspec.Raw(row.encode()))
            else:
                sys.stdout.write(f"{row}\n")
    finally:
        objects.close()
    if json:
        show_json({"rows": rows})
    return count
