"""A month's end at an Open Library that does everything wrong, with everybody here killed: as if nothing had been.

The feed is down for two days and its pages come twice, not at all, in any order, and too many; the new dump is not
there yet, empty, half of it stale; the disk is full; whoever follows or refreshes is killed at every step. The mirror
in the end is that of a fresh load, every gap is told, and no bad dump was believed.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alexandria.db import connect
from alexandria.errors import AlexandriaError, DumpRefused, LoadFailed, NotEnoughDisk, ProviderFailed
from alexandria.mirror.load import load_dumps
from alexandria.mirror.published import NotPublished
from alexandria.simulator import Simulator
from alexandria.sync.follow import Followed
from alexandria.sync.pages import CUT
from alexandria.sync.refresh import Source, refresh_mirror
from alexandria.wiring import Services
from tests import dumps
from tests.conftest import RunSQL
from tests.mirror.test_changes import mirror_of
from tests.mirror.test_load import ISBNS, rows
from tests.mirror.test_replay import check_whole
from tests.sync import deaths
from tests.sync.conftest import STILL, follower, read_since, serving
from tests.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
EVE = datetime(2026, 10, 30, 20, tzinfo=UTC)
AFTER = EVE + timedelta(days=2)
LATER = AFTER + timedelta(hours=1)
STAGES = ("looking for the dumps", "fetching editions", "checking works", "reading", "indexes", "comparing", "swapping")
FEW = ("fetching editions", "reading", "swapping")
DISK = 512 << 10
DAY = "2026/10/31"
FEED = [
    {"fault": "reordered", "match": "offset=0", "times": 1},
    {"fault": "repeated", "match": f"{DAY}.json?limit=1000&offset=950", "times": 1},
    {"fault": "missing", "match": f"{DAY}.json?limit=1000&offset=1900", "times": 1},
    {"fault": "flooded", "match": f"{DAY}.json", "copies": 9},  # 18,000: to be split by bots and people
    {"fault": "flooded", "match": f"{DAY}/edit-book.json?limit=1000&offset=", "copies": 40},  # too many even so
    {"fault": "reset", "match": "get_many", "skip": 1, "times": 1},
    {"fault": "html", "match": "get_many", "skip": 3, "times": 1},
    {"fault": "truncated", "match": "get_many", "skip": 5, "times": 1},
]
BAD_DUMPS: list[tuple[Mapping[str, Any], type[AlexandriaError], str]] = [
    ({"fault": "status", "status": 404, "match": "works_latest"}, NotPublished, "still publishing"),
    ({"fault": "hollow", "match": "editions"}, DumpRefused, r"published empty \(20 bytes\)"),
    ({"fault": "stale", "match": "works_latest"}, DumpRefused, "different dates"),
]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=STILL, epoch=EVE.timestamp(), limited=False) as running:
        yield running


@pytest.fixture
def tight(server_url: str, run_sql: RunSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A disk of half a megabyte for tables (tablespace `tight`); None where this user may not make one."""
    [(data, mine)] = run_sql(server_url, "select current_setting('data_directory'), current_setting('is_superuser')")
    folder = Path(data).parent / "tight"
    made = os.geteuid() == 0 and mine == "on" and Path(data).is_dir() and not folder.exists()
    if made:
        folder.mkdir()
        made = (
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tight", folder], check=False).returncode == 0
        )
    if not made:
        yield None
        return
    owner = Path(data).stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    folder.chmod(0o700)
    run_sql(server_url, f"create tablespace tight location '{folder}'")
    yield folder
    run_sql(server_url, "drop tablespace tight")
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.fixture
def url(tight: Path | None, database_url: str) -> str:
    """The database, which is gone before the disk is."""
    return database_url


@pytest.fixture
def source(simulator: Simulator, tmp_path: Path) -> Source:
    return Source(base=simulator.urls["dumps"], contact="tests@example.org", folder=tmp_path / "dumps")


@pytest.fixture
async def services(url: str, simulator: Simulator, tmp_path: Path) -> AsyncIterator[Services]:
    async with serving(url, simulator, tmp_path / "data") as made:
        yield made


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether `--jobs` asks for the long form."""
    return request.config.getoption("--jobs") is not None


async def follow(services: Services, now: datetime) -> Followed:
    with connect(services.database.url, autocommit=True) as connection:
        connection.execute("delete from quota.breakers")  # as if its time were over
    return await follower(services, services.database, patience=0.5).follow(now)


def position(url: str) -> datetime:
    [(value,)] = rows(url, "select value from mirror_meta.sync_metadata where key = 'ol_last_changes_sync'")
    return datetime.fromisoformat(str(value))


def open_gaps(url: str) -> list[tuple[object, ...]]:
    return rows(url, "select kind, bot, reason from mirror_meta.gaps where closed_at is null order by 1, 2")


async def test_a_months_end(
    url: str,
    simulator: Simulator,
    source: Source,
    services: Services,
    thorough: bool,
    tmp_path: Path,
    session_database: Callable[[], str],
) -> None:
    assert refresh_mirror(url, source).date == "2026-09-30"
    read_since(url, EVE - timedelta(hours=1))

    # the feed is down for two days, and bad when it is back
    simulator.faults(open_library=[{"fault": "status", "status": 503}])
    with pytest.raises(ProviderFailed):
        await follow(services, EVE)
    assert position(url) == EVE - timedelta(hours=1)
    simulator.leap((AFTER - EVE).total_seconds())
    simulator.faults(open_library=FEED)
    for _ in range(4):
        with suppress(ProviderFailed):
            await follow(services, AFTER)
            break
    faults = simulator.state()["faults"]["open_library"]
    assert all(each["happened"] for each in faults), faults
    assert open_gaps(url) == [("edit-book", False, CUT)]
    simulator.faults(open_library=[])
    check_whole(url)

    # whatever is no whole dump is refused, and the mirror stays
    before = mirror_of(url)
    for fault, error, reason in BAD_DUMPS:
        simulator.faults(dumps=[fault])
        with pytest.raises(error, match=reason):
            refresh_mirror(url, source)
    simulator.faults(dumps=[])
    assert mirror_of(url) == before

    # killed at every step, the refresh comes to its end
    for stage in STAGES if thorough else FEW:
        assert not deaths.run(deaths.refresh, url, source, stage), f"there is no stage {stage!r}"
        until(lambda: not rows(url, "select from pg_locks where locktype = 'advisory' and granted"))
        assert mirror_of(url) == before
    assert refresh_mirror(url, source).date == "2026-10-31"
    check_whole(url)
    assert open_gaps(url) == []  # the dump has what could not be read

    # and so does following
    simulator.leap((LATER - EVE).total_seconds())
    deaths_seen, batch = 0, 4 if thorough else 10
    for place in range(1, 100 if thorough else 4):
        arguments = (url, simulator.environ, tmp_path / "data", LATER, place, place % 2 == 0, batch)
        if deaths.run(deaths.follow_changes, *arguments):
            break
        deaths_seen += 1
    assert deaths_seen >= 3
    await follow(services, LATER)
    check_whole(url)

    # all as if it had been loaded now
    fresh = session_database()
    refresh_mirror(fresh, Source(base=source.base, contact=source.contact, folder=tmp_path / "fresh"))
    async with serving(fresh, simulator, tmp_path / "fresh-data") as others:
        await follow(others, LATER)
    assert mirror_of(fresh) == mirror_of(url)
    assert open_gaps(url) == open_gaps(fresh) == []


def test_a_full_disk(url: str, simulator: Simulator, source: Source, tight: Path | None, tmp_path: Path) -> None:
    if tight is None:
        pytest.skip("only root may mount a small disk, beside a server of this machine")
    simulator.reset()
    load_dumps(url, [dumps.write(tmp_path / "one.txt", [dumps.edition(1, None, ISBNS[0])])])
    before = mirror_of(url)
    crowded = Source(base=source.base, contact=source.contact, folder=tight / "dumps")
    ballast = tight / "ballast"
    ballast.write_bytes(bytes(DISK - (32 << 10)))
    with pytest.raises(NotEnoughDisk, match="free some space"):
        refresh_mirror(url, crowded)
    ballast.unlink()
    with pytest.raises(LoadFailed, match="the database's disk is full"):
        refresh_mirror(f"{url}{'&' if '?' in url else '?'}options=-c%20default_tablespace%3Dtight", source)
    assert mirror_of(url) == before
    subprocess.run(["mount", "-o", "remount,size=512m", tight], check=True)
    done = refresh_mirror(url, source)  # there is room now
    assert done.load
    assert done.load.resumed
    check_whole(url)
