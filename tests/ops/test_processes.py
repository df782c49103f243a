"""A process tells that it lives and what it counted; who ends of itself is not missed, who is killed is."""

from pathlib import Path

import pytest

from alexandria.db import Database, connect
from alexandria.ops.alerts import Teller, look, open_alerts
from alexandria.ops.processes import Heart, list_minutes, list_processes
from alexandria.telemetry.metrics import Metrics
from alexandria.telemetry.summary import summarize
from tests.ops.faults import POLICIES

pytestmark = pytest.mark.anyio


async def test_what_a_process_counts_is_known_to_all(database: Database, tmp_path: Path) -> None:
    hearts = [Heart(database, "api", Metrics(), tmp_path), Heart(database, "worker", Metrics(), tmp_path)]
    hearts[0].metrics.note_lookup("hit", 0.001)
    hearts[0].metrics.note_request("GET", "/api/isbn", 500, 0.001)
    for heart in hearts:
        await heart.beat()
    hearts[0].metrics.note_lookup("missing", 0.001)
    await hearts[0].beat()
    hearts[1].metrics.note_lookup("hit", 60)
    await hearts[1].beat()
    found = await list_processes(database)
    assert [(each.service, each.id) for each in found] == [("api", hearts[0].id), ("worker", hearts[1].id)]
    assert summarize(each.counters for each in found).lookups == 3
    [disk] = found[0].disks
    assert disk.folder == tmp_path.name
    assert 0 < disk.free <= disk.total
    minutes = await list_minutes(database)
    assert [sum(getattr(each, name) for each in minutes) for name in ("requests", "errors", "lookups", "hits")] == [
        1, 1, 3, 2,
    ]  # fmt: skip
    assert [sum(column) for column in zip(*(each.took for each in minutes), strict=True)][:4] == [0, 0, 2, 0]


async def test_who_says_goodbye_is_not_missed(database: Database, database_url: str, tmp_path: Path) -> None:
    ended, killed = Heart(database, "worker", Metrics(), tmp_path), Heart(database, "scheduler", Metrics(), tmp_path)
    async with ended.beating():
        await killed.beat()
        await ended.beat()
    with connect(database_url, autocommit=True) as connection:
        connection.execute("update ops.processes set seen_at = seen_at - interval '31 seconds'")
    await look(database, POLICIES, Teller())
    assert [(each.rule, each.subject) for each in await open_alerts(database)] == [("process-silent", "scheduler")]
    assert await list_processes(database) == []
