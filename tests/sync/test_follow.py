"""The mirror follows what the simulated Open Library changes, through everything that may go wrong on the way."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alexandria.biblio.keys import Key
from alexandria.db import connect
from alexandria.enrichment.store import Write, store
from alexandria.mirror.behind import Gap, Position
from alexandria.mirror.load import load_dumps
from alexandria.mirror.parse import WHOLE
from alexandria.providers.open_library import Many
from alexandria.providers.open_library.records import read_fetched
from alexandria.simulator import Simulator
from alexandria.simulator.open_library.records import Records
from alexandria.sync.follow import TOO_OLD, NothingToFollow, begin, reasons
from alexandria.sync.pages import EMPTY
from alexandria.wiring import Services
from tests import dumps
from tests.mirror.test_changes import mirror_of
from tests.mirror.test_load import rows
from tests.mirror.test_replay import check_whole
from tests.sync.conftest import NOW, Follow, dump_lines, follower, serving

pytestmark = pytest.mark.anyio


def behind(url: str) -> list[str]:
    """The keys of everything of which it is known that it changed, no more."""
    found = rows(url, "select kind, id from mirror_meta.behind")
    return [dumps.key(str(kind), int(str(number))) for kind, number in found]


def changed_keys(url: str) -> list[str]:
    """The keys of everything that was touched in the mirror."""
    found = rows(url, "select distinct kind, id from mirror_meta.touched order by 1, 2")
    return [dumps.key(str(kind), int(str(number))) for kind, number in found]


async def test_the_mirror_becomes_what_a_dump_would_make_it(
    sample_url: str, follow: Follow, records: Records, tmp_path: Path
) -> None:
    done = await follow()
    assert done.gaps == []
    assert done.applied > 100
    assert done.vain == sum(records.get(key) is None for key in behind(sample_url)) > 0  # it announces some in vain
    followed = mirror_of(sample_url)
    check_whole(sample_url)

    again = await follow()
    assert (again.fetched, again.applied, again.vain) == (0, 0, done.vain)  # what is known is not fetched again
    assert mirror_of(sample_url) == followed

    path = dumps.write(tmp_path / "end.txt", dump_lines(records, changed_keys(sample_url)))
    load_dumps(sample_url, [path])
    assert mirror_of(sample_url) == followed


async def check_end(url: str, follow: Follow, records: Records, folder: Path) -> None:
    """The mirror is that of a dump of the same end."""
    check_whole(url)
    followed = mirror_of(url)
    load_dumps(url, [dumps.write(folder / "end.txt", dump_lines(records, changed_keys(url)))])
    assert mirror_of(url) == followed


async def test_two_at_once(
    sample_url: str, services: Services, records: Records, follow: Follow, tmp_path: Path
) -> None:
    done = await asyncio.gather(*(follower(services, services.database).follow(NOW) for _ in range(2)))
    assert sum(each.fetched for each in done) > 0
    await check_end(sample_url, follow, records, tmp_path)


async def test_a_gap_is_reported_and_closed_when_it_can_be_read(
    sample_url: str, follow: Follow, records: Records, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults(open_library=[{"fault": "status", "status": 200, "body": [], "match": "recentchanges"}])
    [gap] = (await follow()).gaps
    assert gap.reason == EMPTY
    simulator.reset()
    assert len((await follow()).gaps) == 0
    assert rows(sample_url, "select closed_at is not null, closed_by from mirror_meta.gaps") == [(True, None)]
    await check_end(sample_url, follow, records, tmp_path)


async def test_what_follows_from_changes(sample_url: str, follow: Follow, services: Services) -> None:
    done = await follow(room=7)
    jobs = rows(sample_url, "select kind, lane, priority, count(*)::int from queue.jobs group by 1, 2, 3 order by 1")
    fresh = rows(
        sample_url, "select count(distinct isbn)::int from mirror.edition_isbns where edition_id > 10000000000"
    )
    assert jobs == [("cover", "covers", 3, fresh[0][0]), ("edition", "enrichment", 3, 7)]
    assert done.enqueued == sum(int(str(count)) for *_, count in jobs)


async def test_what_somebody_told_more_about_is_chosen_again(
    sample_url: str, follow: Follow, services: Services
) -> None:
    first = await follow()
    assert first.applied
    [(isbn,)] = rows(sample_url, "select isbn from mirror.edition_isbns where edition_id > 10000000000 limit 1")
    await store(services.database, [Write("edition", int(str(isbn)), "user", "me", {"page_count": 77})])
    with connect(sample_url, autocommit=True) as connection:
        connection.execute("delete from queue.jobs")
        connection.execute("insert into mirror_meta.behind select distinct 'edition', edition_id, 0, now() "
                           "from mirror.edition_isbns where isbn = %s", (isbn,))  # fmt: skip
    await follow()
    assert rows(sample_url, "select kind, key from queue.jobs") == [("refold", isbn)]


async def test_without_a_mirror_there_is_nothing_to_follow(
    database_url: str, simulator: Simulator, tmp_path: Path
) -> None:
    async with serving(database_url, simulator, tmp_path) as services:
        with pytest.raises(NothingToFollow, match="mirror refresh"):
            await follower(services, services.database).follow()


def position(since: datetime | None, dump: datetime) -> Position:
    return Position(since, None, dump, WHOLE, NOW)


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("since", "dump", "begin_at"),
    [
        (None, NOW - 9 * DAY, NOW - 10 * DAY),
        (NOW - DAY, NOW - 9 * DAY, NOW - DAY - 3 * HOUR),
        (NOW - 20 * DAY, NOW - 9 * DAY, NOW - 10 * DAY),  # the dump is newer than what was followed
        (NOW, NOW, NOW - 3 * HOUR),
    ],
)
def test_where_to_begin(since: datetime | None, dump: datetime, begin_at: datetime) -> None:
    assert begin(position(since, dump), NOW) == (begin_at, None)


def test_what_is_too_old_is_a_gap() -> None:
    since, gap = begin(position(None, NOW - 100 * DAY), NOW)
    assert since == NOW - 62 * DAY
    assert gap == Gap(NOW - 101 * DAY, since, TOO_OLD)


def test_why_a_record_is_still_behind() -> None:
    raw = b'{"key": "/works/OL1W", "type": {"key": "/type/work"}, "title": "T", "revision": 3}'
    found = read_fetched(raw, Key("work", 1))
    many = Many({found.key: found}, (Key("work", 2),), {Key("work", 3): "no JSON"})
    wanted = {Key("work", 1): 4, Key("work", 2): 1, Key("work", 3): 1}
    assert reasons(wanted, many) == {
        Key("work", 1): "revision 3 came where 4 was announced",
        Key("work", 2): "Open Library has no such record",
        Key("work", 3): "no JSON",
    }
    assert reasons({Key("work", 1): 3}, Many({found.key: found}, (), {})) == {}
