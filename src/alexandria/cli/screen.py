"""What a command says: tables for people on stdout, JSON for programs with --json, errors as one line on stderr."""

import errno
import os
import sys
import traceback
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alexandria.errors import AlexandriaError, BadInput, SettingsInvalid

FAILED, BAD_USAGE, INTERRUPTED = 1, 2, 130
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout, and nothing else there.")]
_DISK_FULL = "53100"  # PostgreSQL's code, as in the `sqlstate` of its errors


def say(text: str = "") -> None:
    """Nothing; one plain line on stdout, as long as it is."""
    Console(soft_wrap=True, markup=False, highlight=False, emoji=False).print(text)


def note(text: str) -> None:
    """Nothing; one plain line on stderr: what happens meanwhile."""
    Console(stderr=True, soft_wrap=True, markup=False, highlight=False, emoji=False).print(text)


def show_json(value: Any) -> None:
    """Nothing; the value as one JSON document on stdout (dataclasses, structs, paths and dates too)."""
    sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    sys.stdout.flush()


def show_table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Nothing; a table on stdout, numbers to the right with thousands parted."""
    lines = [list(row) for row in rows]
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for number, head in enumerate(heads):
        numeric = bool(lines) and all(isinstance(row[number], int | float) for row in lines)
        table.add_column(head, justify="right" if numeric else "left", overflow="fold")
    for row in lines:
        table.add_row(*(Text(shown(value)) for value in row))
    console = Console()
    console.print(table)
    console.print()


def shown(value: object) -> str:
    """A value as a person reads it: `1,234`, `0.5`, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def size(number: float) -> str:
    """A number of bytes as a person reads it: `1.5 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def complain(error: BaseException) -> int:
    """The exit code for an error, after telling it on stderr: one line, or one for each wrong setting."""
    if os.environ.get("ALEXANDRIA_DEBUG") == "1":
        note("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, SettingsInvalid):
        for problem in error.problems:
            note(f"alexandria: {one_line(problem)}")
    else:
        note(f"alexandria: {explain(error)}")
    return BAD_USAGE if isinstance(error, SettingsInvalid | BadInput) else FAILED


def explain(error: BaseException) -> str:
    """One line that says what went wrong and what to do."""
    text = one_line(str(error))
    if isinstance(error, AlexandriaError):
        full = "No space left on device" in text and "free some space" not in text
        return f"{text}; free some space on that disk, then run the command again" if full else text
    state = getattr(error, "sqlstate", None)
    if state == _DISK_FULL:
        return f"the database's disk is full: {text}; free some space there, then run the command again"
    if state:
        return f"the database refused: {text}; see what it says with ALEXANDRIA_DEBUG=1"
    if isinstance(error, OSError):
        return _explain_system(error)
    return f"unexpected {type(error).__name__}: {text}; run it again with ALEXANDRIA_DEBUG=1 and report what it shows"


def _explain_system(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or one_line(str(error))
    advice = {
        errno.ENOSPC: "free some space on that disk, then run the command again",
        errno.EDQUOT: "free some of your disk quota, then run the command again",
        errno.EACCES: "choose another place, or run as a user who may",
        errno.EPERM: "choose another place, or run as a user who may",
        errno.EROFS: "choose another place",
        errno.ENOENT: "check the path",
    }.get(error.errno or 0, "run it with ALEXANDRIA_DEBUG=1 to see where")
    return f"{place}{reason}; {advice}"


def one_line(text: str) -> str:
    """The text with every run of blanks and line breaks as one blank."""
    return " ".join(text.split())
