"""The mirror follows what the simulated Open Library changes, through everything that may go wrong on the way."""

from pathlib import Path

import pytest

from alexandria.mirror.load import load_dumps
from alexandria.simulator.open_library.records import Records
from tests import dumps
from tests.mirror.test_changes import mirror_of
from tests.mirror.test_load import rows
from tests.mirror.test_replay import check_whole
from tests.sync.conftest import Follow, dump_lines

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
