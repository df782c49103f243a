"""A release as it was: its database with rows in it, its statements, and what they answered then.

A folder of `releases` is named after the last migration of the release and holds

- `database.sql.gz`: pg_dump's text of the database,
- `statements.sql.gz`: every named statement of the program,
- `asked.json.gz`: some of those statements with parameters and rows (`asked`), and what the program said of records
  (`told`).
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alexandria.db import Connection, Statement, connect
from alexandria.db.statements import parse_statements

RELEASES = Path(__file__).with_name("releases")
_COPY = re.compile(r"^(COPY (\S+) .*? FROM stdin;)\n(.*?)^\\\.\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement of the release, the parameters it was given, and its rows."""

    name: str
    params: Mapping[str, Any]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Release:
    """One folder."""

    folder: Path

    def read(self, name: str) -> str:
        return gzip.decompress((self.folder / name).read_bytes()).decode()

    def statements(self) -> dict[str, Statement]:
        """By folder and name, such as `catalog.find_by_isbn`."""
        found = {}
        for part in self.read("statements.sql.gz").split("-- file: ")[1:]:
            path, _, text = part.partition("\n")
            for statement in parse_statements(text, path):
                found[f"{path.rpartition('/')[0].replace('/', '.')}.{statement.name}"] = statement
        return found

    def asked(self) -> list[Asked]:
        entries = json.loads(self.read("asked.json.gz"))["asked"]
        return [Asked(each["name"], each["params"], sorted(each["rows"], key=json.dumps)) for each in entries]

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read("asked.json.gz"))["told"]
        return found

    def counts(self) -> dict[str, int]:
        """How many rows of each table are in the dump."""
        return {name: rows.count("\n") for _, name, rows in _COPY.findall(self.read("database.sql.gz"))}

    def restore(self, url: str) -> None:
        """Nothing; the empty database has what the release had."""
        with connect(url, autocommit=True) as connection:
            for sql, rows in _parts(self.read("database.sql.gz")):
                if rows is None:
                    connection.execute(sql.encode())
                else:
                    with connection.cursor() as cursor, cursor.copy(sql.encode()) as copy:
                        copy.write(rows)


def _parts(dump: str) -> Iterator[tuple[str, str | None]]:
    """Statements with None, COPY statements with their rows."""
    end = 0
    for match in _COPY.finditer(dump):
        yield dump[end : match.start()], None
        yield match[1], match[3]
        end = match.end()
    yield dump[end:], None


def releases() -> list[Release]:
    """Every release that is kept, the oldest first."""
    return [Release(folder) for folder in sorted(RELEASES.iterdir()) if folder.is_dir()]


def run(connection: Connection, statement: Statement, params: Mapping[str, Any]) -> list[list[Any]]:
    """The statement's rows, as JSON keeps them, in an order of our own: those asked for have none."""
    rows = connection.execute(statement.sql.encode(), params).fetchall()
    found: list[list[Any]] = json.loads(json.dumps(rows, default=str))
    return sorted(found, key=json.dumps)
