"""Our own settings, and the reading of all of them."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from alexandria.config import values
from alexandria.config.providers import ProviderSettings, provider_variables, read_providers
from alexandria.config.values import Variable, variable
from alexandria.errors import SettingsInvalid


def default_data_dir() -> Path:
    """The folder for everything we store: the user's data folder, or /var/lib for root (whose home is closed)."""
    if os.geteuid() == 0:
        return Path("/var/lib/alexandria")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "alexandria"


def _setting(parse: Callable[[str], Any], help: str, example: str = "", **kwargs: Any) -> Any:
    return field(metadata={"parse": parse, "help": help, "example": example}, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Each field is the variable `ALEXANDRIA_<NAME>`."""

    database_url: str | None = _setting(
        values.database_url,
        "PostgreSQL 15 or newer; unset: an embedded server under DATA_DIR",
        "postgresql://…",
        default=None,
        repr=False,
    )
    database_direct_url: str | None = _setting(
        values.database_url,
        "the same database without PgBouncer, where DATABASE_URL goes through one",
        default=None,
        repr=False,
    )
    pooler: Literal["none", "transaction"] = _setting(
        values.one_of("none", "transaction"), "'transaction' behind PgBouncer in transaction mode", default="none"
    )
    distributed: bool = _setting(
        values.yes_or_no, "whether `alexandria db distribute` has spread the database over many servers", default=False
    )
    data_dir: Path = _setting(
        values.path, "where the embedded database and files live", default_factory=default_data_dir
    )
    host: str = _setting(str, "address the API listens on", default="127.0.0.1")
    port: int = _setting(values.port, "port the API listens on", default=8000)
    workers: int = _setting(values.count, "API processes", default=1)
    most_connections: int = _setting(
        values.count, "open connections of one API process; more wait until others close", default=16384
    )
    patience: float = _setting(
        values.seconds, "seconds in which a request's head must have come, and then its body", default=20
    )
    dumps_url: str = _setting(
        values.web_address, "where Open Library's dumps are published", default="https://openlibrary.org/data"
    )
    internal_api_key: str | None = _setting(
        values.bootstrap_key, "a key with every right, to begin with (see `alexandria keys`)", default=None, repr=False
    )
    open_reads: bool = _setting(values.yes_or_no, "whether reading needs no key", default=True)
    read_rate: float = _setting(
        values.rate, "reads a second for each key, or address without one; twice as many at once", default=600
    )
    write_rate: float = _setting(values.rate, "writes a second, likewise", default=200)
    resolve: Literal["queue", "now"] = _setting(
        values.one_of("queue", "now"),
        "what to do about an unknown ISBN: ask for it later ('queue'), or while a caller with a key waits ('now')",
        default="queue",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        values.networks, "proxies whose X-Forwarded-For is believed", "127.0.0.1,10.0.0.0/8", default=()
    )
    cors_origins: tuple[str, ...] = _setting(
        values.origins,
        "web pages of others that may ask us from a browser, or *",
        "https://books.example.org",
        default=(),
    )
    covers_url: str | None = _setting(
        values.store_url,
        "where pictures of covers are stored: a folder (file:///…) or a bucket (s3://…); unset: a folder in DATA_DIR",
        "s3://bucket/covers",
        default=None,
    )
    cover_hosts: tuple[str, ...] = _setting(
        values.hosts,
        "hosts, each exact as host or host:port, from which covers are fetched even if they are private",
        "media.example.lan:8080",
        default=(),
    )
    cover_rate: float | None = _setting(
        values.rate,
        "pictures a second from Google's hosts, as many from ISBNdb's, and from all unknown ones together;"
        " unset: 2, 2 and 5",
        "10",
        default=None,
    )
    archive_url: str | None = _setting(
        values.store_url,
        "where old jobs, log and calls go: a folder (file:///…) or a bucket (s3://…); unset: a folder in DATA_DIR",
        "s3://bucket/archive",
        default=None,
    )
    archive_days: int = _setting(values.count, "after so many days they are moved there", default=30)
    alert_urls: tuple[str, ...] = _setting(
        values.alert_urls,
        "whom to tell of alerts: URLs of apprise, with blanks between (they hold passwords, and are never shown)",
        "ntfy://alexandria-alerts mailto://…",
        default=(),
        repr=False,
    )
    runbooks_url: str | None = _setting(
        values.web_address,
        "where docs/runbooks is published, for the links in messages about alerts",
        "https://git.example.org/alexandria/docs/runbooks",
        default=None,
    )
    contact: str | None = _setting(
        values.contact,
        "your e-mail address or web page, told to every host we ask; unset: everything serves, but nothing is asked",
        "you@example.org",
        default=None,
    )
    traces_url: str | None = _setting(
        values.web_address,
        "an OpenTelemetry collector (OTLP over HTTP) that traces are sent to; needs the extra 'traces'",
        "http://127.0.0.1:4318",
        default=None,
    )
    log_format: Literal["logfmt", "json"] = _setting(
        values.one_of("logfmt", "json"), "how the log on stderr is written: 'logfmt' or 'json'", default="logfmt"
    )
    providers: Mapping[str, ProviderSettings] = field(default_factory=lambda: read_providers({}, []))


def variables() -> Iterator[Variable]:
    """Every setting there is, as its user sees it; in the order of the documentation."""
    for entry in _own():
        default = "" if entry.default in (None, MISSING, ()) else _shown(entry.default)
        yield Variable(entry.name, default, entry.metadata["help"], entry.metadata["example"])
    yield from provider_variables()


def _own() -> Iterator[Field[Any]]:
    return (entry for entry in fields(Settings) if entry.metadata)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a `.env` file; comments, blank lines and quotes around values are dropped."""
    found: dict[str, str] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.removeprefix("export ").partition("=")
        if sign and not name.lstrip().startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found


def read_settings(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """The settings of this process; the environment wins over `.env`, an empty value means unset.

    Raises SettingsInvalid with one line for every wrong value.
    """
    merged = {**read_env_file(env_file), **(os.environ if environ is None else environ)}
    found: dict[str, Any] = {}
    problems: list[str] = []
    for entry in _own():
        text = merged.get(variable(entry.name), "").strip()
        if text:
            found[entry.name] = values.read(entry.metadata["parse"], entry.name, text, problems)
    providers = read_providers(merged, problems)
    if problems:
        raise SettingsInvalid(problems)
    return Settings(**found, providers=providers)
