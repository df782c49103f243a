"""`schedule`, `status`, `sync`, `archive` and `mirror refresh` as their users see them."""

import asyncio
import json
from pathlib import Path

import pytest

from alexandria.db import Database, connect
from alexandria.mirror.load import load_dumps
from alexandria.ops.archive import archive
from alexandria.ops.schedule import TABLE
from alexandria.queue.expire import expire
from alexandria.store.objects import Objects
from tests import dumps
from tests.cli.conftest import Calls
from tests.mirror.test_load import ISBNS

SCHEDULED = [each.name for each in TABLE]


@pytest.fixture
def run(call: Calls, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Commands on a fresh database; nobody may be asked."""
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", database_url)
    monkeypatch.setenv("ALEXANDRIA_DATA_DIR", str(tmp_path / "data"))
    return call


def test_the_schedule(run: Calls) -> None:
    found = run.result("schedule", "list")["schedule"]
    assert [each["name"] for each in found] == SCHEDULED
    assert all(each["next_at"] and each["last_at"] is None for each in found)
    job_id = run.result("schedule", "run", "sweep")["job_id"]
    assert run.result("schedule", "run", "sweep")["job_id"] == job_id  # it is under way already
    assert run.result("schedule", "pause", "changes") == {"name": "changes", "paused": True}
    now = {each["name"]: each for each in run.result("schedule", "list")["schedule"]}
    assert (now["sweep"]["outcome"], now["sweep"]["job_id"]) == ("pending", job_id)
    assert (now["changes"]["is_paused"], now["changes"]["next_at"]) == (True, None)
    code, out, _ = run("schedule", "list")
    assert code == 0
    assert all(name in out for name in (*SCHEDULED, "paused", "never ran", "0 3 * * *"))
    assert run.result("schedule", "pause", "changes", "--resume")["paused"] is False
    for command in ("run", "pause"):
        code, out, err = run("schedule", command, "warming")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "'warming' is not scheduled; there are covers, sweep" in err


def test_the_status(run: Calls, database_url: str, tmp_path: Path) -> None:
    before = run.result("status")
    assert (before["mirror_age"], before["changes_lag"], before["gaps"]) == (None, None, 0)
    load_dumps(database_url, [dumps.write(tmp_path / "dump.txt", [dumps.edition(1, 1, ISBNS[0])])])
    with connect(database_url, autocommit=True) as connection:
        connection.execute("update mirror_meta.sync_metadata set value = (now() - interval '3 h')::text "
                           "where key = 'ol_last_changes_sync'")  # fmt: skip
        connection.execute("insert into mirror_meta.gaps (from_time, to_time, reason) values (now(), now(), 'x')")
    found = run.result("status")
    assert found["mirror_age"] > 5 * 365 * 86_400  # of 2020
    assert 10_800 <= found["changes_lag"] < 11_400
    assert found["gaps"] == 1
    code, out, _ = run("status")
    assert code == 0
    assert "changes: read 3 h ago, 1 gaps" in out


def test_nobody_is_asked_without_a_contact(run: Calls) -> None:
    code, out, err = run("sync", "changes")
    assert (code, out) == (1, "")
    assert "ALEXANDRIA_CONTACT" in err.splitlines()[-1]
    code, out, err = run("mirror", "refresh")
    assert (code, out) == (1, "")
    assert "ALEXANDRIA_CONTACT" in err.splitlines()[-1]


def test_the_archive(run: Calls, database_url: str, tmp_path: Path) -> None:
    assert run.result("archive", "read", "jobs") == {"rows": []}
    with connect(database_url, autocommit=True) as connection:
        connection.execute(
            "insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, "
            "most_attempts, created_at, finished_at) "
            "select gen_random_uuid(), 'edition', n, 'enrichment', 5, '{}', '{}', 'dead', 1, 5, "
            "now(), date '2020-01-01' + n from generate_series(1, 3) n"
        )

    async def move() -> int:
        database, objects = Database(database_url), Objects((tmp_path / "data" / "archive").as_uri())
        await database.open()
        moved = await archive(database, objects, [expire], 30)
        await database.close()
        objects.close()
        return moved

    assert asyncio.run(move()) == 3
    code, out, err = run("archive", "read", "jobs", "--since", "2020-01-03")
    assert (code, err) == (0, "")
    assert [json.loads(line)["key"] for line in out.splitlines()] == [2, 3]
    assert [row["key"] for row in run.result("archive", "read", "jobs", "--until", "2020-01-02")["rows"]] == [1]
    wrong = ((("books",), "name: must be one of"), (("jobs", "--since", "May"), "since: 'May' is no day"))
    for arguments, says in wrong:
        code, out, err = run("archive", "read", *arguments)
        assert (code, out) == (2, "")
        assert says in err
