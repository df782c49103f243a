"""From dump lines to rows, pure: every line becomes a row or a reject with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from alexandria.biblio.openlibrary import TYPES, decode_wire, read_record
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work, completeness
from alexandria.mirror.readers import BEGINNING, Readers

NULL = "\x01"  # in COPY text: clean text holds no controls, so nothing else can look like it
SAMPLE = 300  # characters of a rejected line that are kept
NOT_A_COPY = "not an Open Library dump line"

COLUMNS = {
    "authors": "id, modified, revision, name, data",
    "works": "id, modified, revision, year, author_ids, title, subtitle, data",
    "editions": "id, work_id, modified, revision, pages, year, completeness, isbns, author_ids, title, subtitle, "
    "publisher, publish_date, format, language, data",
    "redirects": "kind, id, modified, revision, target_kind, target_id, isbns",
}


class Rejected(ValueError):
    """A line that becomes no row; the message is the reason, one of few."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a dump to load: only editions with an ISBN, only some languages (codes as served)."""

    with_isbn: bool = False
    languages: frozenset[str] = frozenset()

    def holds(self, record: Record) -> bool:
        """Whether `record` belongs to the part; works, authors and redirects always do."""
        if not isinstance(record, Edition):
            return True
        if self.with_isbn and not record.isbns:
            return False
        return not self.languages or record.language in self.languages

    def told(self) -> dict[str, Any]:
        """The part as it is written down; empty for a whole dump."""
        with_isbn = {"with_isbn": True} if self.with_isbn else {}
        return {**with_isbn, "languages": sorted(self.languages)} if self.languages else with_isbn


WHOLE = Part()
SHAPES = {name.encode(): shape for name, shape in TYPES.items()}


@dataclass(slots=True)
class Rows:
    """What a block of lines became: COPY rows per table, what readers say, rejects per reason with the first sample."""

    lines: int = 0
    tables: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    rejects: dict[str, tuple[int, str]] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)  # table → newest modification time
    readers: Readers = field(default_factory=Readers)

    def counts(self) -> dict[str, int]:
        """Lines that became rows, by table; those about readers by their dump."""
        return {table: len(lines) for table, lines in self.tables.items() if lines} | self.readers.lines

    def reject(self, reason: str, line: bytes) -> None:
        count, sample = self.rejects.get(reason, (0, line[:SAMPLE].decode("utf-8", "replace").replace("\0", "")))
        self.rejects[reason] = (count + 1, sample)


def parse_block(block: bytes, part: Part = WHOLE, latest: str = "9999") -> Rows:
    """The rows of a block of lines. `latest` bounds `newest`, so that a damaged date cannot pose as the newest."""
    rows = Rows()
    tables, newest, lines = rows.tables, rows.newest, 0
    for line in block.split(b"\n"):
        if len(line) < 2 and line in (b"", b"\r"):
            continue
        lines += 1
        if line.startswith(BEGINNING):
            _count_reader(rows, line, latest)
            continue
        try:
            table, row, modified = parse_line(line, part)
        except Rejected as error:
            rows.reject(str(error), line)
            continue
        tables[table].append(row)
        if modified is not None and newest.get(table, "") < modified < latest:
            newest[table] = modified
    rows.lines = lines
    return rows


def _count_reader(rows: Rows, line: bytes, latest: str) -> None:
    told = rows.readers.add(line)
    if isinstance(told, str):
        rows.reject(told, line)
        return
    kind, day = told
    if rows.newest.get(kind, "") < day < latest:
        rows.newest[kind] = day


def parse_line(line: bytes, part: Part = WHOLE) -> tuple[str, str, str | None]:
    """The table, the COPY text row and the modification time of one dump line. Raises Rejected."""
    try:
        type_name, key, revision, time, raw = line.split(b"\t", 4)
    except ValueError:
        raise Rejected("columns: not five, separated by tabs") from None
    shape = SHAPES.get(type_name)
    if shape is None:
        raise Rejected("type: none that is mirrored" if type_name.startswith(b"/type/") else NOT_A_COPY)
    if not revision.isdigit() or len(revision) > 9:
        raise Rejected("revision: not a number")
    try:
        wire = decode_wire(raw, shape)
    except ValueError:
        raise Rejected("json: cannot be decoded") from None
    try:
        record = read_record(key.decode("ascii"), wire, raw)
    except ValueError:
        raise Rejected("key: not one of a work, edition or author") from None
    if part is not WHOLE and not part.holds(record):
        raise Rejected("filtered: not in the part that was asked for")
    modified = _modified(time)
    table, write = WRITERS[type(record)]
    row = write(record, modified or NULL, revision.decode())
    return table, row.replace("\\", "\\\\") if "\\" in row else row, modified


def _modified(column: bytes) -> str | None:
    try:
        text = column.decode("ascii")
        datetime.fromisoformat(text)  # Open Library's times have no zone; they are UTC
    except ValueError:
        return None
    return text


def _author(author: Author, modified: str, revision: str) -> str:
    name = NULL if author.name is None else author.name
    return f"{author.number}\t{modified}\t{revision}\t{name}\t{_json(author.details)}"


def _work(work: Work, modified: str, revision: str) -> str:
    return (
        f"{work.number}\t{modified}\t{revision}\t"
        f"{NULL if work.year is None else work.year}\t{_array(work.authors)}\t"
        f"{NULL if work.title is None else work.title}\t{NULL if work.subtitle is None else work.subtitle}\t"
        f"{_json(work.details)}"
    )


def _edition(edition: Edition, modified: str, revision: str) -> str:
    return (
        f"{edition.number}\t{edition.work}\t{modified}\t{revision}\t"
        f"{NULL if edition.pages is None else edition.pages}\t{NULL if edition.year is None else edition.year}\t"
        f"{completeness(edition)}\t{_array(edition.isbns)}\t{_array(edition.authors)}\t"
        f"{NULL if edition.title is None else edition.title}\t"
        f"{NULL if edition.subtitle is None else edition.subtitle}\t"
        f"{NULL if edition.publisher is None else edition.publisher}\t"
        f"{NULL if edition.publish_date is None else edition.publish_date}\t"
        f"{NULL if edition.format is None else edition.format}\t"
        f"{NULL if edition.language is None else edition.language}\t{_json(edition.details)}"
    )


def _redirect(redirect: Redirect, modified: str, revision: str) -> str:
    kind, number = redirect.target or (NULL, NULL)
    return f"{redirect.kind}\t{redirect.number}\t{modified}\t{revision}\t{kind}\t{number}\t{_array(redirect.isbns)}"


def _array(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return NULL
    return f"{{{numbers[0]}}}" if len(numbers) == 1 else "{" + ",".join(map(str, numbers)) + "}"


_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


def _json(details: Any) -> str:
    return _encode(details).decode() if details else "{}"


WRITERS: dict[type, tuple[str, Callable[[Any, str, str], str]]] = {
    Author: ("authors", _author),
    Work: ("works", _work),
    Edition: ("editions", _edition),
    Redirect: ("redirects", _redirect),
}
