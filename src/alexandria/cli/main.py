"""The program `alexandria`: its commands put together, its errors told in one line."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from alexandria import __version__
from alexandria.cli import (
    alerts,
    api,
    archive,
    backup,
    covers,
    db,
    demo,
    doctor,
    enqueue,
    harvest,
    init,
    keys,
    lookup,
    mirror,
    queue,
    quota,
    sample,
    schedule,
    scheduler,
    search,
    simulate,
    status,
    sync,
    up,
    worker,
)  # fmt: skip
from alexandria.cli.screen import INTERRUPTED, complain, note, one_line, say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    init.init, up.up, demo.demo, api.api, worker.worker, lookup.lookup, search.search, enqueue.enqueue, doctor.doctor,
    backup.backup, backup.restore, simulate.simulate, scheduler.scheduler, status.status,
)  # fmt: skip
GROUPS = {
    "db": db, "mirror": mirror, "queue": queue, "quota": quota, "harvest": harvest, "covers": covers, "sample": sample,
    "keys": keys, "sync": sync, "schedule": schedule, "archive": archive,
    "alerts": alerts,
}  # fmt: skip
for command in COMMANDS:
    app.command()(command)
for name, group in GROUPS.items():
    app.add_typer(group.app, name=name)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"alexandria {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
]


@app.callback()
def describe(version: Version = False) -> None:
    """A book catalogue of your own: Open Library in PostgreSQL, served by ISBN.

    Settings come from the environment and `.env` (see `alexandria init`).

    ALEXANDRIA_DEBUG=1 shows where an error comes from.
    """


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Nothing; ends the process: 0 done, 1 failed, 2 bad usage, 130 interrupted."""
    signal.signal(signal.SIGTERM, _end)  # so that what a command opened is closed
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(execute(sys.argv[1:] if arguments is None else arguments))


def execute(arguments: Sequence[str]) -> int:
    """The exit code of one command."""
    try:
        code = app(args=arguments, prog_name="alexandria", standalone_mode=False)
    except TyperException as error:  # bad usage
        if text := one_line(error.format_message()):  # a group without a command showed its help
            note(f"alexandria: {text} (see `{_command(error)} --help`)")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return complain(error)
    return code if isinstance(code, int) else 0


def _command(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "alexandria"


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    run()
