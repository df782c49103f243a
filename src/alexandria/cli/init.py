"""`alexandria init`: a settings file with every setting, what it is for and what it is without."""

import os
from pathlib import Path
from typing import Annotated

import typer

from alexandria.cli.screen import Json, say, show_json
from alexandria.config import Variable, variable, variables
from alexandria.errors import AlexandriaError

HEAD = """\
# Alexandria's settings, read from `.env` in the folder where `alexandria` is started.
# The environment wins over this file. A line that is commented out, or has no value, leaves the default.
"""


class FileExists(AlexandriaError):
    """A file is there already and is not ours to overwrite."""


def init(
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path(".env"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
    json: Json = False,
) -> None:
    """Write a settings file with every setting explained."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        descriptor = os.open(out, flags, 0o600)  # it will hold passwords
    except FileExistsError:
        raise FileExists(f"{out} is there already: give --force to overwrite it, or another place with --out") from None
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(render_settings())
    except OSError as error:  # of a write it does not say where
        raise OSError(error.errno, error.strerror, str(out)) from error
    if json:
        show_json({"written": out, "settings": [variable(entry.name) for entry in variables()]})
    else:
        say(f"wrote {out}: every setting is explained there, and none needs a value")


def render_settings() -> str:
    """The text of a settings file in which every setting is commented out; `.env.example` is the same."""
    return "\n".join([HEAD, *(_render(entry) for entry in variables())])


def _render(entry: Variable) -> str:
    return f"# {entry.help}\n#{variable(entry.name)}={entry.example or entry.default}\n"
