"""Loads: accounted for, refused when damaged, never half visible, and resumed when killed."""

import gzip
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from alexandria.db import connect
from alexandria.errors import DumpRefused, LoadFailed, NothingToRollBack
from alexandria.mirror import load
from alexandria.mirror.load import load_dumps
from alexandria.mirror.parse import Part
from alexandria.mirror.report import LoadReport
from alexandria.mirror.swap import roll_back
from tests import dumps
from tests.waiting import until

ISBNS = ["9780140328721", "9780306406157", "9780804429573"]


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def library(folder: Path, editions: int = 3) -> Path:
    return dumps.write(
        folder / "library.txt.gz",
        [
            dumps.line("author", 1, name="Ann Author"),
            dumps.line("work", 1, title="Work", authors=[{"author": {"key": "/authors/OL1A"}}]),
            *(dumps.edition(n, 1, ISBNS[n % 3]) for n in range(1, editions + 1)),
        ],
    )


@pytest.fixture(scope="module")
def mirror_url(session_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the library in it, for what leaves it as it is."""
    url = session_database()
    load_dumps(url, [library(tmp_path_factory.mktemp("library"))])
    return url


def check_refused(url: str, path: Path, why: str) -> None:
    before = rows(url, "select id, revision from mirror.editions order by id")
    with pytest.raises(DumpRefused, match=why):
        load_dumps(url, [path])
    assert rows(url, "select id, revision from mirror.editions order by id") == before
    assert rows(url, "select to_regclass('mirror_next.editions')") == [(None,)]
    state = rows(url, "select state, reason from mirror_meta.loads order by id desc limit 1")[0]
    assert state[0] == "refused"
    assert str(state[1])


def test_every_line_of_the_real_dumps_is_accounted_for(database_url: str, fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "openlibrary" / "dump").glob("ol_dump_*"))
    report = load_dumps(database_url, files)
    lines = sum(count_lines(path) for path in files)
    assert report.lines == lines == report.copied.total() + report.rejected.total()
    assert report.rejected == {"columns: not five, separated by tabs": 1, "type: none that is mirrored": 1}
    assert report.tables["editions"] == report.copied["editions"] - report.superseded["editions"]
    samples = rows(database_url, "select file, reason, count, sample from mirror_meta.rejects order by reason")
    assert [sample[0] for sample in samples] == ["ol_dump_all_edge_lines.txt"] * 2
    assert "OL_missing_datetime_M" in str(samples[0][3])
    counters = rows(database_url, "select name, value from mirror_meta.counters")
    assert sorted(counters) == sorted(report.tables.items())


def count_lines(path: Path) -> int:
    data = path.read_bytes()
    return len((gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).splitlines())


def test_of_one_key_the_newest_revision_stays(database_url: str, tmp_path: Path) -> None:
    path = dumps.write(
        tmp_path / "all.txt",
        [
            dumps.edition(1, 1, ISBNS[0], 2, title="Old"),
            dumps.edition(1, 1, ISBNS[1], 5, title="New"),
            dumps.edition(1, 1, ISBNS[2], 3, title="Middle"),
            dumps.line("author", 1, 4, name="Old"),
            dumps.line("author", 1, 4, "2021-01-01T00:00:00.000000", name="Same revision, later"),
        ],
    )
    report = load_dumps(database_url, [path])
    assert report.superseded["editions"] == 2
    assert rows(database_url, "select title from mirror.editions") == [("New",)]
    assert rows(database_url, "select name from mirror.authors") == [("Same revision, later",)]
    assert rows(database_url, "select isbn from mirror.edition_isbns") == [(int(ISBNS[1]),)]


def test_a_redirect_and_its_record_of_the_same_key(database_url: str, tmp_path: Path) -> None:
    path = dumps.write(
        tmp_path / "all.txt",
        [
            dumps.line("work", 1, 3, title="Merged away"),
            dumps.line("work:redirect", 1, 4, location="/works/OL2W"),
            dumps.line("work", 2, 1, title="Target"),
            dumps.line("work", 3, 9, title="Came back"),
            dumps.line("work:delete", 3, 8),
        ],
    )
    load_dumps(database_url, [path])
    assert rows(database_url, "select id from mirror.works order by id") == [(2,), (3,)]
    assert rows(database_url, "select kind, id, target_id from mirror.redirects") == [("work", 1, 2)]


def test_references_follow_merges(database_url: str, tmp_path: Path) -> None:
    path = dumps.write(
        tmp_path / "all.txt",
        [
            dumps.line("work:redirect", 1, 2, location="/works/OL2W"),
            dumps.line("work:redirect", 2, 2, location="/works/OL3W"),
            dumps.line("author:redirect", 1, 2, location="/authors/OL2A"),
            dumps.line("author", 2, name="Two"),
            dumps.line("author", 5, name="Five"),
            dumps.line("work", 3, title="Three", authors=[{"author": {"key": f"/authors/OL{n}A"}} for n in (1, 5, 2)]),
            dumps.edition(1, 1, ISBNS[0]),
            dumps.edition(2, None, ISBNS[1], authors=[{"key": "/authors/OL1A"}]),
            dumps.line("work:redirect", 8, 2, location="/works/OL9W"),
            dumps.line("work:redirect", 9, 2, location="/works/OL8W"),
            dumps.edition(3, 8, ISBNS[2]),
        ],
    )
    load_dumps(database_url, [path])
    assert rows(database_url, "select author_ids from mirror.works where id = 3") == [([2, 5],)]
    assert rows(database_url, "select work_id from mirror.editions where id < 3 order by id") == [(3,), (-2,)]
    assert rows(database_url, "select author_id, work_id from mirror.work_authors order by 1, 2") == [
        (2, -2),
        (2, 3),
        (5, 3),
    ]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.txt", b"", "holds no author"),
        ("empty.txt.gz", gzip.compress(b"", mtime=0), "holds no author"),
        ("cut.txt", dumps.edition(9, 1, ISBNS[0])[:-20], "ends in the middle of a line"),
        ("cut.txt.gz", gzip.compress(dumps.edition(9, 1, ISBNS[0]) * 99, mtime=0)[:-20], "damaged or was cut short"),
        ("damaged.txt.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 50, "damaged or was cut short"),
        ("books.csv", b"isbn,title\n9780140328721,Fox\n" * 9, "holds no author"),
        ("covers.txt", b"8739161\t600\t800\t2020-01-01\n" * 9, "holds no author"),
        ("tabs.tsv", b"a\tb\tc\td\te\n" * 9 + dumps.edition(9, 1, ISBNS[0]), "9 of 10 lines are no Open Library"),
        ("image.txt", bytes(range(256)) * 20, "holds no author|middle of a line"),
    ],
)
def test_what_is_no_dump_is_refused(mirror_url: str, tmp_path: Path, name: str, data: bytes, why: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    check_refused(mirror_url, path, why)


def test_a_missing_file_is_refused(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(DumpRefused, match=r"nowhere\.txt: cannot be read \(No such file"):
        load_dumps(database_url, [tmp_path / "nowhere.txt"])


def test_a_mirror_that_would_shrink_is_refused_unless_forced(database_url: str, tmp_path: Path) -> None:
    load_dumps(database_url, [library(tmp_path, editions=20)])
    smaller = dumps.write(tmp_path / "smaller.txt", [dumps.edition(n, 1, ISBNS[0]) for n in range(1, 18)])
    check_refused(database_url, smaller, "editions would shrink from 20 to 17 rows.*--force")
    assert load_dumps(database_url, [smaller], force=True).tables["editions"] == 17


def test_types_that_are_not_given_are_carried_over(database_url: str, tmp_path: Path) -> None:
    load_dumps(database_url, [library(tmp_path)])
    deletes = dumps.write(tmp_path / "deletes.txt", [dumps.line("edition:delete", 1, 2)])
    report = load_dumps(database_url, [deletes], force=True)
    assert report.tables["authors"] == report.tables["works"] == 1
    assert rows(database_url, "select id from mirror.editions order by id") == [(2,), (3,)]
    # its ISBN is remembered, so that asking for it can answer "deleted"
    assert rows(database_url, "select edition_id from mirror.edition_isbns where completeness = -1") == [(1,)]


def test_what_is_newer_here_stays(database_url: str, tmp_path: Path) -> None:
    load_dumps(database_url, [library(tmp_path)])
    with connect(database_url) as connection:  # as a change that was applied after the dump was cut
        connection.execute(
            "update mirror.editions set revision = 7, title = 'Edited', modified = '2020-02-02' where id = 1"
        )
        connection.execute("update mirror.works set revision = 7, modified = '2020-02-02', title = 'New' where id = 1")
    again = dumps.write(
        tmp_path / "again.txt",
        [dumps.edition(n, 1, ISBNS[n % 3]) for n in range(1, 4)]
        + [dumps.line("work", 1, 8, "2020-01-02T00:00:00.000000", title="Newest")],
    )
    load_dumps(database_url, [again])
    assert rows(database_url, "select title from mirror.editions where id = 1") == [("Edited",)]
    assert rows(database_url, "select title from mirror.works") == [("Newest",)]


def test_a_stale_dump_is_refused(database_url: str, tmp_path: Path) -> None:
    def lines(revision: int, modified: str) -> list[bytes]:
        return [dumps.line("author", n, revision, modified, name=f"Author {n}") for n in range(1, 101)]

    load_dumps(database_url, [dumps.write(tmp_path / "new.txt", lines(3, "2020-03-01T00:00:00"))])
    older = dumps.write(tmp_path / "older.txt", lines(2, "2020-02-01T00:00:00"))
    check_refused(database_url, older, "authors in these files end at 2020-02-01.*before those loaded last")
    half = lines(3, "2020-03-01T00:00:00")[:50] + lines(2, "2020-02-01T00:00:00")[50:]
    half.append(dumps.line("author", 101, 1, "2020-04-01T00:00:00", name="New"))
    check_refused(
        database_url, dumps.write(tmp_path / "half.txt", half), "50 of 101 authors in these files are older revisions"
    )


def test_a_part_of_a_dump(database_url: str, tmp_path: Path) -> None:
    path = dumps.write(
        tmp_path / "all.txt",
        [
            dumps.edition(1, 1, ISBNS[0], languages=[{"key": "/languages/ger"}]),
            dumps.edition(2, 1, ISBNS[1], languages=[{"key": "/languages/eng"}]),
            dumps.edition(3, 1, "no number", languages=[{"key": "/languages/ger"}]),
        ],
    )
    report = load_dumps(database_url, [path], part=Part(with_isbn=True, languages=frozenset({"de"})))
    assert rows(database_url, "select id from mirror.editions") == [(1,)]
    assert report.rejected == {"filtered: not in the part that was asked for": 2}


def test_the_previous_mirror_can_be_put_back(database_url: str, tmp_path: Path) -> None:
    with connect(database_url) as connection, pytest.raises(NothingToRollBack):
        roll_back(connection)
    load_dumps(database_url, [library(tmp_path, editions=3)])
    newer = dumps.line("edition", 9, 1, "2021-01-01T00:00:00", isbn_13=[ISBNS[0]])
    load_dumps(database_url, [dumps.write(tmp_path / "b.txt", [newer])], force=True)
    with connect(database_url) as connection:
        roll_back(connection)
    assert rows(database_url, "select count(*) from mirror.editions") == [(3,)]
    assert rows(database_url, "select value from mirror_meta.counters where name = 'editions'") == [(3,)]
    version = "select value from mirror_meta.sync_metadata where key = 'ol_full_dump_version'"
    assert rows(database_url, version) == [("2020-01-01",)]
    with connect(database_url) as connection:
        roll_back(connection)  # and forth again
    assert rows(database_url, "select id from mirror.editions") == [(9,)]


def many(folder: Path) -> Path:
    """A file of several blocks, so that a load of it can be killed between them."""
    padding = "x" * 3000
    return dumps.write(
        folder / "many.txt", (dumps.edition(n, n, ISBNS[n % 3], subjects=[padding]) for n in range(1, 6001))
    )


def load_in_process(url: str, path: Path, workers: int) -> None:
    load_dumps(url, [path], workers=workers)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_killed_load_resumes(database_url: str, tmp_path: Path, workers: int) -> None:
    path = many(tmp_path)
    process = multiprocessing.get_context("spawn").Process(target=load_in_process, args=(database_url, path, workers))
    process.start()
    until(lambda: bool(rows(database_url, "select from mirror_meta.chunks")))
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert rows(database_url, "select count(*) from mirror.editions") == [(0,)]  # nothing half is visible
    report = finish(database_url, path)
    assert report.resumed
    assert report.lines == 6000
    assert rows(database_url, "select count(*), count(distinct id) from mirror.editions") == [(6000, 6000)]


def finish(url: str, path: Path) -> LoadReport:
    """The report of a load, by whatever number of workers, once the server has noticed the killed one's end."""
    until(lambda: not rows(url, "select from pg_locks where locktype = 'advisory' and granted"))
    return load_dumps(url, [path], workers=0)


def test_a_killed_worker_ends_the_load_with_what_to_do(database_url: str, tmp_path: Path) -> None:
    path = many(tmp_path)
    killed: list[int] = []

    def kill_a_worker(progress: object) -> None:
        for child in multiprocessing.active_children():
            if not killed and child.pid:
                os.kill(child.pid, signal.SIGKILL)
                killed.append(child.pid)

    with pytest.raises(LoadFailed, match="run the same command again: it resumes"):
        load_dumps(database_url, [path], workers=2, on_progress=kill_a_worker)
    assert finish(database_url, path).resumed
    assert rows(database_url, "select count(*) from mirror.editions") == [(6000,)]


def test_two_loads_at_once_are_refused(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LEAVING", 0.2)
    with connect(database_url) as other:
        other.execute("select pg_advisory_lock(hashtext('alexandria.mirror.load'))")
        with pytest.raises(LoadFailed, match="another load is running"):
            load_dumps(database_url, [library(tmp_path)])


def test_progress_is_told(database_url: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    load_dumps(database_url, [library(tmp_path)], on_progress=lambda p: told.append((p.stage, p.done, p.total)))
    assert told[0][0] == "reading"
    assert told[-1][0] == "swapping"
    assert told[-1][1] == told[-1][2] > 0
    stored = rows(database_url, "select counts, newest from mirror_meta.loads")[0]
    assert json.loads(json.dumps(stored[0]))["editions"] == 3
