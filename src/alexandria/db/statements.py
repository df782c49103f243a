"""Named SQL statements, kept as SQL in `*.sql` files beside the package that runs them.

A file is a sequence of

    -- name: find_editions
    -- Editions of the given ISBNs, in no order.
    SELECT … WHERE isbn13 = ANY(%(isbns)s)

The comment under the name is the statement's description and must be there. Placeholders are psycopg's
`%(name)s`; a per cent sign of SQL's own is written `%%`, always.

What only a database that is spread over many servers needs to be told stands in `/* spread: … */`: the keys once more,
for each table, so that only the servers that have them are asked. One server would sort the list again for each row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

_NAME = re.compile(r"^-- name:(.*)$", re.MULTILINE)
_SPREAD = re.compile(r"/\* spread: (.*?) \*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with its name and what it is for; `spread` is what many servers are sent instead of `sql`."""

    name: str
    sql: str
    doc: str
    spread: str = ""

    def text(self, spread: bool) -> str:
        """The statement for one server, or for many."""
        return self.spread if spread and self.spread else self.sql


def parse_statements(text: str, where: str) -> Iterator[Statement]:
    """The statements of one file's text in order; `where` names the file in a ValueError."""
    header, *parts = _NAME.split(text)
    if any(line.strip() and not line.startswith("--") for line in header.splitlines()):
        raise ValueError(f"{where}: SQL before the first '-- name:' line")
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        doc, sql = _split_comment(body.strip().splitlines())
        if not name.strip().isidentifier() or not doc or not sql:
            raise ValueError(f"{where}: statement '{name.strip()}' needs a name, a description and SQL")
        opened = _SPREAD.sub(r"\1", sql)
        yield Statement(name.strip(), _SPREAD.sub("", sql), doc, opened if opened != sql else "")


def _split_comment(lines: list[str]) -> tuple[str, str]:
    count = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    doc = " ".join(line.removeprefix("--").strip() for line in lines[:count])
    return doc.strip(), "\n".join(lines[count:]).strip().rstrip(";")


def load_statements(package: str) -> Mapping[str, Statement]:
    """Every statement in the `*.sql` files of a package, by name. Raises ValueError for a name used twice."""
    found: dict[str, Statement] = {}
    for file in sorted(files(package).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for statement in parse_statements(file.read_text(encoding="utf-8"), f"{package}/{file.name}"):
                if found.setdefault(statement.name, statement) is not statement:
                    raise ValueError(f"{package}/{file.name}: statement '{statement.name}' exists twice")
    return MappingProxyType(found)


def all_statements() -> Iterable[tuple[str, Statement]]:
    """Every statement of this program with the file it stands in, such as `catalog/lookup.sql`."""
    for path, file in _sql_files(files("alexandria"), ""):
        for statement in parse_statements(file.read_text(encoding="utf-8"), path):
            yield path, statement


def _sql_files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and path + entry.name != "db/migrations":
            yield from _sql_files(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(".sql"):
            yield path + entry.name, entry
