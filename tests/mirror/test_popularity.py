"""Ratings and the reading log: counted by work, carried over, refused where old or short, part of popularity."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from alexandria.db import connect
from alexandria.errors import DumpRefused
from alexandria.mirror.load import load_dumps
from alexandria.mirror.parse import parse_block
from alexandria.mirror.swap import roll_back
from tests import dumps
from tests.mirror.test_load import rows
from tests.mirror.test_replay import check_documents

POPULARITY = "select work_id, ratings, stars, want, reading, have_read from mirror.popularity order by 1"
RECORDS = [
    dumps.line("work", 1, title="Mort"),
    dumps.line("work", 2, title="Sourcery"),
    dumps.line("work:redirect", 3, 2, location="/works/OL1W"),
    dumps.edition(4, 1, "9780140328721", series=["Discworld ; 4"]),
    dumps.edition(5, 1, "9780306406157", series=["Discworld", "5"]),
    dumps.edition(6, 1, "9780804429573", series=["Discworld, #4"]),
    dumps.edition(7, 2, "9780345242235", series=["Back\\slash ; 2"]),
]


def said(work: int, what: object, day: str = "2020-10-30", edition: str = "\\N") -> bytes:
    return f"/works/OL{work}W\t{edition}\t{what}\t{day}\n".encode()


RATINGS = [said(1, 5), said(1, 4, edition="/books/OL4M"), said(3, 3), said(2, 1)]
LOG = [said(1, "Want to Read")] * 25 + [said(2, "Already Read"), said(3, "Currently Reading"), said(9, "Already Read")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"/works/OL1W\t\\N\t6\t2020-10-30", "type"),
        (b"/works/OL1W\t\\N\tStopped Reading\t2020-10-30", "type"),
        (b"/works/OL1W\t\\N\t5", "columns"),
        (b"/works/OL1W\t\\N\t5\t30.10.2020", "columns"),
        (b"/works/OLxW\t\\N\t5\t2020-10-30", "columns"),
        (b"/works/OL1234567890123456W\t\\N\t5\t2020-10-30", "columns"),
        (b"/works/\xff\0", "columns"),
    ],
)
def test_what_is_not_counted_has_a_reason(line: bytes, reason: str) -> None:
    found = parse_block(line + b"\n" + RATINGS[0])
    assert (found.lines, found.counts()) == (2, {"ratings": 1})
    assert [name.partition(":")[0] for name in found.rejects] == [reason]
    assert found.newest == {"ratings": "2020-10-30"}


def test_a_day_in_the_future_is_not_the_newest() -> None:
    assert parse_block(said(1, 5, "2999-01-01"), latest="2020-11-01").newest == {}


class Library:
    """Loads of files with such lines."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder

    def load(self, **files: Iterable[bytes]) -> Any:
        paths = [dumps.write(self._folder / f"ol_dump_{name}.txt.gz", lines) for name, lines in files.items()]
        return load_dumps(self._url, paths)


def test_readers_are_counted_carried_over_and_refused(database_url: str, tmp_path: Path) -> None:
    library = Library(database_url, tmp_path)
    report = library.load(all=RECORDS, ratings=RATINGS, log=LOG)
    assert (report.tables["ratings"], report.tables["shelves"]) == (4, 28)
    assert report.lines == sum(report.copied.values())
    told = [(1, 3, 12, 25, 1, 0), (2, 1, 1, 0, 0, 1), (9, 0, 0, 0, 0, 1)]
    assert rows(database_url, POPULARITY) == told
    documents = "select work_id, popularity, editions from mirror.documents order by 1"
    assert rows(database_url, documents) == [(1, 3 + 29 // 10, 3), (2, 1, 1)]
    series = "select work_id, place, name, position from mirror.work_series order by 1, 2"
    assert rows(database_url, series) == [(1, 1, "Discworld", "4"), (2, 1, "Back\\slash", "2")]
    check_documents(database_url)

    library.load(records=[*RECORDS, dumps.line("work", 8, title="Eric")])
    assert rows(database_url, POPULARITY) == told
    library.load(ratings=[said(1, 2, "2020-11-01")] * 4)
    later = [(1, 4, 8, 25, 1, 0), (2, 0, 0, 0, 0, 1), (9, 0, 0, 0, 0, 1)]
    assert rows(database_url, POPULARITY) == later
    for expected in (told, later):
        with connect(database_url, autocommit=True) as connection:
            roll_back(connection)
        assert rows(database_url, POPULARITY) == expected

    with pytest.raises(DumpRefused, match=r"ratings would shrink from 4 to 1"):
        library.load(short=[said(1, 2, "2020-11-02")])
    with pytest.raises(DumpRefused, match=r"ratings in these files end at 2020-10-30"):
        library.load(old=RATINGS)
    with pytest.raises(DumpRefused, match=r"editions in these files end at"):  # what was carried over has its date
        library.load(editions=[dumps.line("edition", 4, 1, "2019-01-01T00:00:00", title="Mort")] * 4)
    with pytest.raises(DumpRefused, match="in the middle of a line"):
        library.load(cut=[*RATINGS, b"/works/OL1W\t\\N\t5\t2020-1"])
    version = "select value from mirror_meta.sync_metadata where key = 'ol_full_dump_version'"
    assert rows(database_url, version) == [("2020-01-01",)]  # of the records, not of what readers say
    counters = "select name, value from mirror_meta.counters where name in ('ratings', 'shelves') order by 1"
    assert rows(database_url, counters) == [("ratings", 4), ("shelves", 28)]
