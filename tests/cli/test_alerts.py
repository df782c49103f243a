"""`alerts` and the alerts of `status` as their users see them."""

from pathlib import Path

import pytest

from alexandria.db import connect
from alexandria.ops.tell import name_of
from tests.cli.conftest import Calls
from tests.ops.receiver import Receiver


@pytest.fixture
def run(call: Calls, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", database_url)
    monkeypatch.setenv("ALEXANDRIA_DATA_DIR", str(tmp_path / "data"))
    return call


def test_what_is_wrong(run: Calls, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = run("alerts", "list")
    assert (code, out.strip()) == (0, "nothing is wrong")
    assert "set ALEXANDRIA_ALERT_URLS" in err
    assert run.result("status")["alerts"] == []
    with connect(database_url, autocommit=True) as connection:
        connection.execute(
            "insert into ops.alerts (rule, subject, severity, summary, runbook, raised_at, last_seen_at, resolved_at) "
            "values ('gap-found', 'mirror', 'warning', 'two gaps', 'gap-found', now(), now(), null), "
            "('sync-lag', 'mirror', 'warning', 'late', 'sync-lag', now(), now(), now())"
        )
        connection.execute(
            "insert into ops.messages (title, body, severity, tries, error) values ('t', 'b', 'info', 2, 'away')"
        )
    monkeypatch.setenv("ALEXANDRIA_RUNBOOKS_URL", "https://example.org/books")
    found = run.result("alerts", "list")
    assert [(each["alert"]["rule"], each["what_to_do"]) for each in found["alerts"]] == [
        ("gap-found", "https://example.org/books/gap-found.md")
    ]
    assert [(each["tries"], each["error"]) for each in found["undelivered"]] == [(2, "away")]
    past = run.result("alerts", "list", "--past")["alerts"]
    assert [each["alert"]["rule"] for each in past] == ["gap-found", "sync-lag"]
    code, out, err = run("alerts", "list", "--past")
    assert code == 0
    assert "two gaps" in out
    assert "was tried 2 times: away" in err
    code, out, _ = run("status")
    assert (code, out.splitlines()[0]) == (0, "WARNING gap-found (mirror): two gaps")
    assert [each["rule"] for each in run.result("status")["alerts"]] == ["gap-found"]


def test_a_message_to_try(run: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = run("alerts", "test")
    assert (code, out) == (2, "")
    assert "ALEXANDRIA_ALERT_URLS is not set" in err
    with Receiver() as receiver:
        away = "json://127.0.0.1:1/very-secret"
        monkeypatch.setenv("ALEXANDRIA_ALERT_URLS", f"{receiver.url} {away}")
        found = run.result("alerts", "test", code=1)
        assert found["reached"] == [name_of(receiver.url)]
        assert found["error"].startswith(name_of(away))
        monkeypatch.setenv("ALEXANDRIA_ALERT_URLS", receiver.url)
        code, out, err = run("alerts", "test")
        assert (code, out, err) == (0, f"{name_of(receiver.url)}: has it\n", "")
        assert [each["title"] for each in receiver.got] == ["Alexandria: test"] * 2


def test_a_wrong_address_is_not_shown(run: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_ALERT_URLS", "very-secret")
    code, out, err = run("alerts", "test")
    assert (code, out) == (2, "")
    assert "ALEXANDRIA_ALERT_URLS must be URLs that apprise knows" in err
    assert "very-secret" not in err
