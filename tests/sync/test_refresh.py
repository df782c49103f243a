"""The newest dump takes the mirror's place when it can be believed; otherwise nothing changes, with the reason."""

import asyncio
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from alexandria.cli.main import execute
from alexandria.db import Database, connect
from alexandria.enrichment.store import Write, store
from alexandria.errors import AlexandriaError, DatabaseUnavailable, DumpRefused, LoadFailed
from alexandria.mirror.load import load_dumps
from alexandria.mirror.parse import Part
from alexandria.mirror.published import NotPublished, StillPublishing
from alexandria.mirror.swap import roll_back
from alexandria.queue.job import Done, Job, Snooze
from alexandria.sync.apart import LATER as LATER_TODAY
from alexandria.sync.apart import SOON, TOMORROW, refresh_handler, when_again
from alexandria.sync.refresh import Refreshed, Source, refresh_mirror
from tests import dumps
from tests.mirror.dump_server import Dump, DumpServer, Fault, serving
from tests.mirror.test_changes import LATER, apply, mirror_of
from tests.mirror.test_load import ISBNS, rows
from tests.mirror.test_replay import check_whole
from tests.waiting import until

OLD, NEW = "2026-06-30", "2026-07-31"
CUT = "2026-07-31T00:00:00.000000"


def records(title: str, revision: int, modified: str, editions: Iterable[int] = range(1, 21)) -> dict[str, list[bytes]]:
    """The lines of each dump file."""
    return {
        "authors": [dumps.line("author", 1, 1, name="Ann Author")],
        "works": [dumps.line("work", 1, 1, title="Work", authors=[{"author": {"key": "/authors/OL1A"}}])],
        "editions": [
            dumps.line(
                "edition", n, revision, modified, title=title, isbn_13=[ISBNS[n % 3]], works=[{"key": "/works/OL1W"}]
            )
            for n in editions
        ],  # fmt: skip
        "redirects": [dumps.line("work:redirect", 7, 1, location="/works/OL1W")],
        "deletes": [dumps.line("work:delete", 8, 1)],
    }


@dataclass
class Publisher:
    """Publishes dumps, and refreshes a mirror from them."""

    server: DumpServer
    folder: Path
    url: str

    def publish(self, day: str, files: dict[str, list[bytes]]) -> None:
        self.server.dumps = {kind: Dump(gzip.compress(b"".join(lines)), day) for kind, lines in files.items()}

    @property
    def source(self) -> Source:
        return Source(base=self.server.base, contact="tests@example.org", folder=self.folder)

    def refresh(self, force: bool = False, keep: bool = False) -> Refreshed:
        return refresh_mirror(self.url, self.source, force=force, keep=keep)


@pytest.fixture
def publisher(database_url: str, tmp_path: Path) -> Iterator[Publisher]:
    """The first dump serves."""
    with serving() as server:
        made = Publisher(server, tmp_path / "dumps", database_url)
        made.publish(OLD, records("Old", 1, "2026-06-29T00:00:00.000000"))
        done = made.refresh()
        assert (done.date, done.is_new) == (OLD, True)
        yield made


def refusal(url: str) -> str | None:
    """Why the newest load was refused, as alerts tell it."""
    [(found,)] = rows(url, "select case state when 'refused' then reason end from mirror_meta.loads order by id desc")[
        :1
    ]
    return str(found) if found else None


def gap(url: str, day: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into mirror_meta.gaps (from_time, to_time, reason) values (%s, %s::timestamptz + '1 h', 'a test')",
            (day, day),
        )


def open_gaps(url: str) -> list[tuple[object, ...]]:
    return rows(url, "select from_time::date::text from mirror_meta.gaps where closed_at is null order by 1")


def test_a_newer_dump_serves_and_can_be_taken_back(publisher: Publisher) -> None:
    url = publisher.url
    assert publisher.refresh().is_new is False
    gap(url, "2026-07-10")
    gap(url, "2026-08-01")
    with connect(url, autocommit=True) as connection:
        connection.execute("insert into mirror_meta.behind values ('work', 5, 2, '2026-07-01'), ('work', 6, 2, now())")
    fresh = records("New", 2, CUT, editions=range(2, 25))
    fresh["redirects"].append(dumps.line("edition:redirect", 1, 2, location="/books/OL2M"))
    fresh["deletes"].append(dumps.line("work:delete", 9, 1))
    publisher.publish(NEW, fresh)
    done = publisher.refresh()
    assert done.differences == {
        **{"authors_added": 0, "authors_changed": 0, "authors_gone": 0, "works_added": 0, "works_changed": 0},
        **{"works_gone": 0, "editions_added": 4, "editions_changed": 19, "editions_gone": 1, "merged": 1, "deleted": 1},
    }
    assert list(publisher.folder.iterdir()) == []
    assert rows(url, "select distinct title from mirror.editions") == [("New",)]
    assert rows(url, "select distinct title from mirror_previous.editions") == [("Old",)]
    assert open_gaps(url) == [("2026-08-01",)]
    assert rows(url, "select id from mirror_meta.behind") == [(6,)]
    with connect(url) as connection:
        roll_back(connection)
    assert rows(url, "select distinct title from mirror.editions") == [("Old",)]
    assert open_gaps(url) == [("2026-07-10",), ("2026-08-01",)]  # what the other dump made up for is missing again
    check_whole(url)


def test_what_was_learned_beside_the_mirror_stays(publisher: Publisher) -> None:
    async def tell() -> None:
        database = Database(publisher.url)
        await database.open()
        await store(database, [Write("edition", int(ISBNS[0]), "user", "me", {"title": "Ours"})])
        await database.close()

    asyncio.run(tell())
    before = rows(
        publisher.url, "select a::text from enriched.answers a union all select e::text from enriched.editions e"
    )
    publisher.publish(NEW, records("New", 2, CUT))
    publisher.refresh()
    assert before == rows(
        publisher.url, "select a::text from enriched.answers a union all select e::text from enriched.editions e"
    )


def empty(files: dict[str, Dump]) -> None:
    files["editions"].replace(gzip.compress(b"", mtime=0))


def cut_short(files: dict[str, Dump]) -> None:
    files["editions"].listed["size"] = "999999"


@pytest.mark.parametrize(
    ("files", "spoil", "error", "reason"),
    [
        (records("New", 2, CUT), empty, DumpRefused, r"published empty \(\d\d bytes\)"),
        (records("New", 2, CUT), cut_short, StillPublishing, "still being uploaded"),
        (records("New", 2, CUT), dict.clear, NotPublished, "still publishing"),
        (records("New", 2, CUT, range(1, 11)), None, DumpRefused, "editions would shrink from 20 to 10"),
        (records("New", 2, "2026-05-01T00:00:00.000000"), None, DumpRefused, "before those loaded last"),
        (records("New", 0, CUT), None, DumpRefused, "20 of 20 editions in these files are older revisions"),
    ],
)
def test_a_bad_dump_is_refused_with_its_reason(
    publisher: Publisher, files: dict[str, list[bytes]], spoil: object, error: type[AlexandriaError], reason: str
) -> None:
    before = mirror_of(publisher.url)
    publisher.publish(NEW, files)
    if callable(spoil):
        spoil(publisher.server.dumps)
    with pytest.raises(error, match=reason):
        publisher.refresh()
    assert mirror_of(publisher.url) == before
    assert bool(refusal(publisher.url)) == (error is DumpRefused)  # else it is only not there yet
    publisher.publish(NEW, records("Good", 2, CUT))
    assert publisher.refresh().is_new  # what came later is believed
    assert refusal(publisher.url) is None


def test_what_is_published_no_more_is_refused_no_more(publisher: Publisher) -> None:
    publisher.publish(NEW, records("New", 2, CUT))
    empty(publisher.server.dumps)
    for _ in range(2):
        with pytest.raises(DumpRefused):
            publisher.refresh()
    assert rows(publisher.url, "select count(*) from mirror_meta.loads where state = 'refused'") == [(1,)]
    publisher.publish(OLD, records("Old", 1, "2026-06-29T00:00:00.000000"))
    assert not publisher.refresh().is_new
    assert refusal(publisher.url) is None


def test_files_that_were_refused_are_not_loaded_again(publisher: Publisher) -> None:
    publisher.publish(NEW, records("New", 2, CUT, range(1, 11)))
    for _ in range(2):
        with pytest.raises(DumpRefused, match="shrink") as raised:
            publisher.refresh()
    assert "refused already" in str(raised.value)
    loads = "select count(*) from mirror_meta.loads where state = 'refused'"
    assert rows(publisher.url, loads) == [(1,)]
    publisher.refresh(force=True, keep=True)
    assert rows(publisher.url, "select count(*) from mirror.editions") == [(10,)]
    assert len(list(publisher.folder.glob("*.gz"))) == 5


def test_the_same_part_is_loaded_again(publisher: Publisher, tmp_path: Path) -> None:
    part = Part(with_isbn=True, languages=frozenset({"en"}))
    english = {**records("New", 3, CUT), "editions": []}
    english["editions"] = [
        dumps.line("edition", n, 3, CUT, languages=[{"key": f"/languages/{code}"}], isbn_13=[ISBNS[0]])
        for n, code in enumerate(["eng", "ger", "eng"], start=1)
    ]
    path = dumps.write(tmp_path / "some.txt", english["editions"])
    load_dumps(publisher.url, [path], part=part, force=True)
    publisher.publish(NEW, english)
    publisher.refresh()
    assert rows(publisher.url, "select id from mirror.editions order by 1") == [(1,), (3,)]


# --- going back --------------------------------------------------------------------------------------------------


def in_database(url: str, lines: list[bytes]) -> None:
    async def run() -> None:
        database = Database(url)
        await database.open()
        await apply(database, lines)
        await database.close()

    asyncio.run(run())


def test_a_rollback_keeps_what_changed_since(publisher: Publisher) -> None:
    url = publisher.url
    publisher.publish(NEW, records("New", 2, CUT))
    publisher.refresh()
    changes = [
        dumps.edition(3, 1, ISBNS[1], 9, title="Edited"),
        dumps.line("edition:delete", 4, 9, LATER),
        dumps.edition(70, 1, ISBNS[1], 1, title="Born"),
    ]
    in_database(url, changes)
    after = mirror_of(url)
    with connect(url) as connection:
        roll_back(connection)
    check_whole(url)
    changed = "select id, title from mirror.editions where id in (3, 4, 70) order by 1"
    assert rows(url, changed) == [(3, "Edited"), (70, "Born")]
    assert rows(url, "select title from mirror.editions where id = 1") == [("Old",)]
    assert rows(url, "select value from mirror_meta.sync_metadata where key = 'ol_last_changes_sync'") == [("",)]
    with connect(url) as connection:
        roll_back(connection)
    assert mirror_of(url) == after


def test_no_rollback_while_a_load_runs(publisher: Publisher) -> None:
    publisher.publish(NEW, records("New", 2, CUT))
    publisher.refresh()
    with connect(publisher.url) as loader, connect(publisher.url) as connection:
        loader.execute("select pg_advisory_lock(hashtext('alexandria.mirror.load'))")
        with pytest.raises(LoadFailed, match="a load is running"):
            roll_back(connection)
        loader.execute("select pg_advisory_unlock(hashtext('alexandria.mirror.load'))")
        loader.execute("create schema mirror_next")  # an abandoned load
        loader.commit()
        roll_back(connection)


# --- by schedule --------------------------------------------------------------------------------------------------


def job() -> Job:
    return Job(uuid4(), "refresh", 1, "enrichment", 5, {}, 1, 1, datetime.now(UTC))


async def outcome(url: str, source: Source) -> Done | Snooze:
    [step] = [step async for step in refresh_handler(url, source)([job()])]
    result = step.results[0].outcome
    assert isinstance(result, Done | Snooze)
    return result


@pytest.mark.anyio
async def test_the_scheduled_refresh(publisher: Publisher) -> None:
    done = await outcome(publisher.url, publisher.source)
    assert done == Done({"date": OLD, "is_new": False})
    publisher.server.dumps.clear()
    later = await outcome(publisher.url, publisher.source)
    assert isinstance(later, Snooze)
    assert "still publishing" in later.reason
    assert timedelta(hours=23) < later.until - datetime.now(UTC) < timedelta(hours=25)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (NotPublished("n"), TOMORROW),
        (DumpRefused("r"), TOMORROW),
        (DatabaseUnavailable("a"), SOON),
        (LoadFailed("it resumes"), SOON),
        (AlexandriaError("x"), LATER_TODAY),
    ],
)
def test_only_a_bad_dump_is_put_off_until_tomorrow(error: AlexandriaError, again: timedelta) -> None:
    assert when_again(error) == again


@pytest.mark.anyio
async def test_the_first_load_is_for_a_person(database_url: str, tmp_path: Path) -> None:
    nowhere = Source(base="http://127.0.0.1:1/data", contact=None, folder=tmp_path)
    done = await outcome(database_url, nowhere)
    assert isinstance(done, Done)
    assert done.found is False
    assert "mirror refresh" in done.result["reason"]


@pytest.mark.anyio
async def test_a_refresh_that_is_given_up_ends(publisher: Publisher) -> None:
    publisher.publish(NEW, records("New", 2, CUT))
    publisher.server.dumps["editions"].faults = [Fault(hold_at=10)]
    task = asyncio.create_task(outcome(publisher.url, publisher.source))
    await asyncio.to_thread(until, lambda: bool(publisher.server.transfers("editions")), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rows(publisher.url, "select distinct title from mirror.editions") == [("Old",)]
    publisher.server.release.set()
    assert publisher.refresh().is_new  # the next run goes on


def test_the_command(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"DATABASE_URL": publisher.url, "DATA_DIR": tmp_path, "DUMPS_URL": publisher.server.base}
    for name, value in {**settings, "CONTACT": "tests@example.org"}.items():
        monkeypatch.setenv(f"ALEXANDRIA_{name}", str(value))
    assert execute(["mirror", "refresh"]) == 0
    assert capsys.readouterr().out == f"the dump of {OLD} serves already\n"
    publisher.publish(NEW, records("New", 2, CUT))
    assert execute(["mirror", "refresh"]) == 0
    out, err = capsys.readouterr()
    assert "editions changed" in out
    assert "swapping" in err
    publisher.publish("2026-08-31", records("Bad", 2, CUT, range(1, 3)))
    assert execute(["mirror", "refresh", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "editions would shrink from 20 to 2" in err.splitlines()[-1]
