"""One frozen Settings, read from the environment once."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from alexandria.errors import SettingsInvalid

PREFIX = "ALEXANDRIA_"


def default_data_dir() -> Path:
    """The folder for everything we store: the user's data folder, or /var/lib for root (whose home is closed)."""
    if os.geteuid() == 0:
        return Path("/var/lib/alexandria")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "alexandria"


def _url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must look like postgresql://user@host/database")
    return text


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("must be a port number from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ValueError("must be a whole number of 1 or more")
    return int(text)


def _pooler(text: str) -> str:
    if text not in ("none", "transaction"):
        raise ValueError("must be 'none' or 'transaction'")
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise ValueError("must look like https://host/path")
    return text.rstrip("/")


def _contact(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x27\x2a-\x7e]+", text):  # it stands in brackets in a header
        raise ValueError("must be an e-mail address or a web page, without blanks and brackets")
    return text


def _setting(parse: Callable[[str], Any], help: str, example: str = "", **kwargs: Any) -> Any:
    return field(metadata={"parse": parse, "help": help, "example": example}, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Each field is the variable `ALEXANDRIA_<NAME>`."""

    database_url: str | None = _setting(
        _url,
        "PostgreSQL 15 or newer; unset: an embedded server under DATA_DIR",
        "postgresql://…",
        default=None,
    )
    database_direct_url: str | None = _setting(
        _url, "the same database without PgBouncer, where DATABASE_URL goes through one", default=None
    )
    pooler: Literal["none", "transaction"] = _setting(
        _pooler, "'transaction' behind PgBouncer in transaction mode", default="none"
    )
    data_dir: Path = _setting(_path, "where the embedded database and files live", default_factory=default_data_dir)
    host: str = _setting(str, "address the API listens on", default="127.0.0.1")
    port: int = _setting(_port, "port the API listens on", default=8000)
    workers: int = _setting(_count, "API processes", default=1)
    dumps_url: str = _setting(
        _web_address, "where Open Library's dumps are published", default="https://openlibrary.org/data"
    )
    contact: str | None = _setting(
        _contact,
        "your e-mail address or web page, told to every host we ask; unset: everything serves, but nothing is asked",
        "you@example.org",
        default=None,
    )


def variable(name: str) -> str:
    """The environment variable of a Settings field."""
    return PREFIX + name.upper()


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a `.env` file; comments, blank lines and quotes around values are dropped."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        name, found, value = line.removeprefix("export ").partition("=")
        if found and not name.lstrip().startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def read_settings(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """The settings of this process; the environment wins over `.env`, an empty value means unset.

    Raises SettingsInvalid with one line for every wrong value.
    """
    merged = {**read_env_file(env_file), **(os.environ if environ is None else environ)}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for entry in fields(Settings):
        text = merged.get(variable(entry.name), "").strip()
        if not text:
            continue
        try:
            values[entry.name] = entry.metadata["parse"](text)
        except ValueError as error:
            shown = "" if entry.name.endswith(("_url", "_key")) else f", not {text!r}"  # these may hold a secret
            problems.append(f"{variable(entry.name)} {error}{shown}")
    if problems:
        raise SettingsInvalid(problems)
    return Settings(**values)
