"""`db`: migrations."""

import pytest

from alexandria.db.migrate import migrations
from tests.cli.conftest import Calls

NAMES = [migration.name for migration in migrations()]


def test_migrate_and_status(call: Calls, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", empty_database_url)
    before = call.result("db", "status")
    assert (before["kind"], before["applied"], before["pending"]) == ("external", [], NAMES)
    assert int(before["version"].split(".")[0]) >= 15
    for command in (("mirror", "status"), ("lookup", "9780743273565"), ("api", "--port", "1234")):
        code, _, err = call(*command)
        assert code == 1
        assert "alexandria db migrate" in err
    code, out, _ = call("db", "status")
    assert "pending: run `alexandria db migrate`" in out
    assert call.result("db", "migrate") == {"applied": NAMES}
    assert call.result("db", "status")["applied"] == NAMES
    assert call("db", "migrate") == (0, "the database was up to date\n", "")


def test_distribute_without_the_extension_says_what_to_do(call_on_database: Calls) -> None:
    code, out, err = call_on_database("db", "distribute")
    assert (code, out) == (1, "")
    assert "shared_preload_libraries" in err or "create extension citus" in err
    assert "docs/scale.md" in err
