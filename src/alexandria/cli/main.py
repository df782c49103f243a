"""The program `alexandria`: its commands put together, its errors told in one line."""

import atexit
import gc
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from alexandria import __version__
from alexandria.cli.screen import INTERRUPTED, complain, note, one_line, say

COMMANDS = {  # each is a function of its name, in this module of `alexandria.cli`
    "init": "init", "up": "up", "demo": "demo", "api": "api", "worker": "worker", "lookup": "lookup",
    "search": "search", "enqueue": "enqueue", "doctor": "doctor", "backup": "backup", "restore": "backup",
    "simulate": "simulate", "scheduler": "scheduler", "status": "status",
}  # fmt: skip
GROUPS = (  # each is the `app` of the module of its name
    "db", "mirror", "queue", "quota", "harvest", "covers", "sample", "keys", "sync", "schedule", "archive", "alerts",
)  # fmt: skip
GARBAGE = 50_000  # objects after which cycles are looked for: a batch makes many, which all live until it is settled


def _show_version(asked: bool) -> None:
    if asked:
        say(f"alexandria {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
]


def describe(version: Version = False) -> None:
    """A book catalogue of your own: Open Library in PostgreSQL, served by ISBN.

    Settings come from the environment and `.env` (see `alexandria init`).

    ALEXANDRIA_DEBUG=1 shows where an error comes from.
    """


def program(word: str = "") -> typer.Typer:
    """The program; if the word names one of its commands, with that one alone, since modules take their time."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(describe)
    wanted = {word} & {*COMMANDS, *GROUPS} or {*COMMANDS, *GROUPS}
    for name, module in COMMANDS.items():
        if name in wanted:
            app.command(name)(getattr(import_module(f"alexandria.cli.{module}"), name))
    for name in GROUPS:
        if name in wanted:
            app.add_typer(import_module(f"alexandria.cli.{name}").app, name=name)
    return app


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Nothing; ends the process: 0 done, 1 failed, 2 bad usage, 130 interrupted."""
    signal.signal(signal.SIGTERM, _end)  # so that what a command opened is closed
    gc.set_threshold(GARBAGE)
    atexit.register(gc.freeze)  # what ends is not gone through in search of garbage: a sixth of a short command's time
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(execute(sys.argv[1:] if arguments is None else arguments))


def execute(arguments: Sequence[str]) -> int:
    """The exit code of one command."""
    try:
        app = program(*arguments[:1])
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
