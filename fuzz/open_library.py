"""Answers of Open Library: single records, many at once, a page of a search, a page of recent changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alexandria.biblio.keys import Key
from alexandria.biblio.records import Author, Edition, Work
from alexandria.net.messages import decode
from alexandria.providers.open_library.changes import read_changes
from alexandria.providers.open_library.parse import read_author, read_edition, read_moved, read_search, read_work
from alexandria.providers.open_library.records import read_fetched, read_many
from alexandria.providers.open_library.wire import SearchWire
from fuzz.answers import files, read_all, replied

ASKED = (Key("edition", 7353617), Key("work", 45804), Key("author", 34184))
COVERS = "https://covers.openlibrary.org"


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from files(fixtures / "openlibrary", "api/*.json", "recentchanges/*.json")
    for text in files(fixtures / "openlibrary" / "dump", "*.txt"):
        yield from (line.split(b"\t")[-1] for line in text.splitlines()[:50])


def check(data: bytes) -> None:
    read_all(
        data,
        [
            lambda _: _answer(read_fetched(data).record),
            *(lambda _, key=key: _answer(read_fetched(data, key).record) for key in ASKED),
            lambda _: [_answer(each.record) for each in read_many(data, ASKED).found.values()],
            lambda _: read_search(decode(replied(data), SearchWire)),
            lambda _: read_changes(data, 0, 100).changesets,
        ],
    )
    try:
        line = read_fetched(data).line
    except Exception:  # as above, where the error was looked at
        return
    assert line.count(b"\t") == 4
    assert b"\n" not in line


def _answer(record: Any) -> Any:
    if isinstance(record, Edition):
        return read_edition(record, record.authors, {}, COVERS)
    if isinstance(record, Work):
        return read_work(record, {}, COVERS)
    return read_author(record, COVERS) if isinstance(record, Author) else read_moved(record)
