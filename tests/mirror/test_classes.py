"""Works that are no works by their titles have a class, after a load and after a change."""

from pathlib import Path

import pytest

from alexandria.mirror.changes import apply_changes
from alexandria.mirror.load import load_dumps
from tests import dumps
from tests.mirror.test_changes import LATER, to_change
from tests.mirror.test_load import rows
from tests.mirror.test_replay import check_whole
from tests.pools import opened

CLASSES = "select work_id, class from mirror.work_classes order by 1"


@pytest.mark.anyio
async def test_classes_follow_the_titles(database_url: str, tmp_path: Path) -> None:
    lines = [
        dumps.line("work", 1, title="Mort"),
        dumps.line("work", 2, title="Mort: Boxed Set"),
        dumps.line("work", 3, title="Mort", subtitle="Free Preview"),
        dumps.edition(4, None, "9780140328721", title="A Study Guide to Mort"),
        dumps.edition(5, 3, "9780306406157", title="Mort"),
    ]
    load_dumps(database_url, [dumps.write(tmp_path / "library.txt", lines)])
    assert rows(database_url, CLASSES) == [(-4, "derived"), (2, "set"), (3, "sampler")]
    changed = [
        dumps.line("work", 1, 2, LATER, title="Mort, Part 1 of 2"),
        dumps.line("work", 2, 2, LATER, title="Mort and more"),
        dumps.line("work:delete", 3, 2, LATER),
    ]
    async with opened(database_url) as database, database.transaction() as transaction:
        await apply_changes(transaction, [to_change(line) for line in changed])
    assert rows(database_url, CLASSES) == [(-4, "derived"), (1, "split")]
    check_whole(database_url)
