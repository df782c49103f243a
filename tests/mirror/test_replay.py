"""What changes in the live mirror while a load is under way is in the new mirror too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alexandria.db import connect
from alexandria.errors import NotEnoughDisk
from alexandria.mirror import room
from alexandria.mirror.build import create_next
from alexandria.mirror.documents import write_documents
from alexandria.mirror.load import load_dumps
from alexandria.mirror.report import Progress
from tests import dumps
from tests.mirror.test_load import ISBNS, library, rows


def during(url: str, stage: str, *changes: str) -> Callable[[Progress], None]:
    """A progress callback that applies changes to the live mirror, as a follower of changes would, at a stage."""
    waiting = [stage]

    def on_progress(progress: Progress) -> None:
        if waiting == [progress.stage]:
            waiting.clear()
            with connect(url) as connection:
                for change in changes:
                    connection.execute(change.encode())

    return on_progress


def touch(kind: str, number: int) -> str:
    return f"insert into mirror_meta.touched (kind, id) values ('{kind}', {number})"


def check_whole(url: str) -> None:
    """The lists and counters of the live mirror are what its records say."""
    listed = "select isbn, edition_id, work_id, completeness, revision from mirror.edition_isbns order by 1, 2"
    derived = """
        select isbn, id, work_id, completeness::smallint, revision
        from mirror.editions cross join unnest(isbns) isbn
        union all select isbn, id, 0, -1::smallint, revision from mirror.redirects cross join unnest(isbns) isbn
        where kind = 'edition' order by 1, 2"""
    assert rows(url, listed) == rows(url, derived)
    works = "select author_id, work_id from mirror.work_authors order by 1, 2"
    assert rows(url, works) == rows(
        url,
        """select author, id from mirror.works cross join unnest(author_ids) author
           union all select author, work_id from mirror.editions cross join unnest(author_ids) author
           where work_id < 0 order by 1, 2""",
    )
    check_documents(url)
    counted = """
        select 'authors', count(*) from mirror.authors union all select 'works', count(*) from mirror.works
        union all select 'editions', count(*) from mirror.editions
        union all select 'edition_isbns', count(*) from mirror.edition_isbns
        union all select 'redirects', count(*) from mirror.redirects where target_id is not null
        union all select 'deletes', count(*) from mirror.redirects where target_id is null order by 1"""
    assert rows(url, "select name, value from mirror_meta.counters order by 1") == rows(url, counted)


def check_documents(url: str) -> None:
    """The search index of the live mirror is what would be made of its records now."""
    columns = (
        "work_id, popularity, title_code, year, last_year, formats, has_cover, languages, title, more, extra, "
        r"(select array_agg(name order by name) from string_to_table(authors, e'\n') as t (name))"  # in no order
    )
    before = rows(url, f"select {columns} from mirror.documents order by 1")
    classed = rows(url, "select * from mirror.work_classes order by 1")
    with connect(url) as connection:
        works = connection.execute("select id from mirror.works union select work_id from mirror.editions").fetchall()
        connection.execute("delete from mirror.documents")
        write_documents(connection, [work for (work,) in works], "mirror")
        after = connection.execute(f"select {columns} from mirror.documents order by 1".encode()).fetchall()
        classed_after = connection.execute("select * from mirror.work_classes order by 1").fetchall()
        connection.rollback()
    assert before == after
    assert classed == classed_after
    words = rows(
        url, "select distinct unnest(string_to_array(title, ' ')) from mirror.documents where title <> '' order by 1"
    )
    known = rows(url, "select word from mirror.lexicon")
    assert {word for word in words if len(str(word[0])) > 1} <= set(known)


@pytest.mark.parametrize("stage", ["reading", "indexes", "statistics", "swapping"])
def test_changes_during_a_load_survive_the_swap(database_url: str, tmp_path: Path, stage: str) -> None:
    path = library(tmp_path, editions=30)
    load_dumps(database_url, [path])
    changes = during(
        database_url,
        stage,
        touch("edition", 1),
        f"update mirror.editions set title = 'Edited', revision = 9, isbns = array[{ISBNS[0]}, 9790000000001], "
        "modified = '2021-01-01' where id = 1",
        touch("edition", 2),
        "insert into mirror.redirects select 'edition', 2, '2021-01-01', 9, 'edition', 3, isbns "
        "from mirror.editions where id = 2",
        "delete from mirror.editions where id = 2",
        touch("edition", 4),
        "insert into mirror.redirects select 'edition', 4, '2021-01-01', 9, null, null, isbns "
        "from mirror.editions where id = 4",
        "delete from mirror.editions where id = 4",
        touch("edition", 77),
        "insert into mirror.editions (id, work_id, modified, revision, completeness, isbns, author_ids, title) "
        f"values (77, -77, '2021-01-01', 1, 12, array[{ISBNS[2]}], array[1], 'New')",
        touch("work", 1),
        "update mirror.works set revision = 9, modified = '2021-01-01', title = 'Renamed', author_ids = '{1,5}'",
        touch("author", 5),
        "insert into mirror.authors (id, modified, revision, name) values (5, '2021-01-01', 1, 'Five')",
    )
    load_dumps(database_url, [path], on_progress=changes)
    assert rows(database_url, "select id, title from mirror.editions where id in (1, 2, 4, 77) order by id") == [
        (1, "Edited"),
        (77, "New"),
    ]
    assert rows(database_url, "select title, author_ids from mirror.works") == [("Renamed", [1, 5])]
    assert rows(database_url, "select id, target_id from mirror.redirects order by id") == [(2, 3), (4, None)]
    assert rows(database_url, "select name from mirror.authors order by id") == [("Ann Author",), ("Five",)]
    check_whole(database_url)


@pytest.mark.parametrize("stage", ["reading", "indexes", "statistics"])
def test_what_changes_brought_during_a_load_is_not_missed_from_it(
    database_url: str, tmp_path: Path, stage: str
) -> None:
    """Else a small mirror that grew by a tenth while the dump was read keeps the old dump for ever."""
    path = library(tmp_path)
    load_dumps(database_url, [path])
    grown = [
        statement
        for number in range(77, 81)
        for statement in (
            touch("edition", number),
            "insert into mirror.editions (id, work_id, modified, revision, completeness, isbns, author_ids, title) "
            f"values ({number}, -{number}, '2021-01-01', 1, 12, '{{}}', '{{}}', 'New')",
        )
    ]
    counted = "update mirror_meta.counters set value = value + 4 where name = 'editions'"
    report = load_dumps(database_url, [path], on_progress=during(database_url, stage, *grown, counted))
    assert report.tables["editions"] == 3 + 4
    check_whole(database_url)


def test_an_older_change_does_not_undo_a_newer_dump(database_url: str, tmp_path: Path) -> None:
    load_dumps(database_url, [library(tmp_path)])
    newer = dumps.write(tmp_path / "newer.txt", [dumps.edition(n, 1, ISBNS[0], 5, title="5") for n in (1, 2, 3)])
    changes = during(
        database_url,
        "indexes",
        touch("edition", 1),
        "update mirror.editions set revision = 4, title = '4' where id = 1",
        touch("edition", 2),
        "delete from mirror.editions where id = 2",
        "insert into mirror.redirects (kind, id, revision) values ('edition', 2, 4)",
    )
    load_dumps(database_url, [newer], on_progress=changes)
    assert rows(database_url, "select id, title from mirror.editions order by id") == [(1, "5"), (2, "5"), (3, "5")]
    assert rows(database_url, "select from mirror.redirects") == []
    check_whole(database_url)


def test_a_load_that_would_fill_the_disk_does_not_start(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = library(tmp_path)
    load_dumps(database_url, [path])
    with connect(database_url) as connection:
        found = room.forecast(connection, [path])
    assert found.needed > path.stat().st_size
    assert found.seconds > 0
    monkeypatch.setattr(room, "_free", lambda connection: found.needed - 1)
    with pytest.raises(NotEnoughDisk, match=r"needs about 0\.5 GB .* 0\.5 GB free; make room"):
        load_dumps(database_url, [path])
    assert rows(database_url, "select count(*) from mirror_meta.loads") == [(1,)]


def test_what_an_unfinished_load_takes_counts_as_free(database_url: str, tmp_path: Path) -> None:
    with connect(database_url, autocommit=True) as connection:
        create_next(connection)
        connection.execute("insert into mirror_next.authors (id, revision, name) select n, 1, repeat('x', 500) "
                           "from generate_series(1, 4000) n")  # fmt: skip
        assert room._unfinished(connection) > 2_000_000
        connection.execute("drop schema mirror_next cascade")
        assert room._unfinished(connection) == 0


def test_plain_files_are_forecast_as_if_they_were_gzip(database_url: str, tmp_path: Path) -> None:
    plain = dumps.write(tmp_path / "plain.txt", [dumps.edition(n, 1, ISBNS[0]) for n in range(1, 2000)])
    load_dumps(database_url, [plain])
    stored = rows(database_url, "select packed_bytes from mirror_meta.loads")
    assert stored == [(int(plain.stat().st_size / room.GZIP_RATIO),)]
