"""Lists of keys as people have them: one a line, or the CSV that a library site exports (Goodreads, StoryGraph, …)."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO, TextIOWrapper
from itertools import chain
from typing import IO, NamedTuple

from alexandria.biblio.isbn import find_isbns
from alexandria.errors import BadInput

STDIN = "-"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # as spreadsheets save "Unicode text"
_FORMULA = re.compile(r'="?([^"]*)"?')  # ="9780140328721", so that spreadsheets keep the digits
_COLUMNS = {  # the best first; names in small letters, without blanks and signs
    "edition": ("isbn13", "ean", "isbn", "isbn10", "isbnuid", "isbns"),
    "work": ("workkey", "work", "olwork", "key"),
    "author": ("authorkey", "author", "olauthor", "key"),
}


class Entry(NamedTuple):
    """A key as it is written, and the line that it ends in; no text where a row of a CSV has none."""

    line: int
    text: str


@contextmanager
def opened(name: str) -> Iterator[IO[str]]:
    """The text of a file, or of standard input for `-`: UTF-8, or UTF-16 where it says so."""
    raw = BufferedReader(FileIO(sys.stdin.fileno(), closefd=False) if name == STDIN else FileIO(name))
    with raw:
        encoding = "utf-16" if raw.peek(2)[:2] in _UTF_16 else "utf-8-sig"
        yield TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")


def read_entries(lines: Iterable[str], kind: str) -> Iterator[Entry]:
    """The keys in a list: of a CSV whose first line names a column of keys, else every line's. Raises BadInput."""
    rest = iter(lines)
    first = next(rest, "")
    mark = max(",;\t", key=first.count)
    names = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in next(csv.reader([first], delimiter=mark), [])]
    columns = [names.index(name) for name in _COLUMNS[kind] if name in names]
    return _read_csv(rest, mark, columns) if columns else _read_lines(chain([first], rest), kind)


def _read_csv(lines: Iterable[str], mark: str, columns: list[int]) -> Iterator[Entry]:
    rows = csv.reader(lines, delimiter=mark)
    try:
        for row in rows:
            if row:
                cells = (_bare(row[column]) for column in columns if column < len(row))
                yield Entry(rows.line_num + 1, next(filter(None, cells), ""))
    except csv.Error as error:
        raise BadInput("file", f"line {rows.line_num + 1} is not CSV: {error}") from None


def _bare(cell: str) -> str:
    found = _FORMULA.fullmatch(cell.strip())
    return (found[1] if found else cell).strip()


def _read_lines(lines: Iterable[str], kind: str) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        yield from (Entry(number, part) for part in _parts(text, kind))


def _parts(text: str, kind: str) -> list[str]:
    """The keys of a line: an ISBN may hold blanks, so that only two of them are parted there."""
    if kind == "edition" and len(find_isbns(text)) < 2:
        return [text]
    return [part for part in re.split(r"\s*[,;\t]\s*" if re.search(r"[,;\t]", text) else r"\s+", text) if part]
