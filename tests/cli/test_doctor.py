"""`doctor`: what it finds, and what it says to do."""

from pathlib import Path

import pytest

from alexandria.cli import doctor
from alexandria.db import connect
from alexandria.ops.invariants import PROMISES
from alexandria.simulator.launch import Simulator
from tests.cli.conftest import Calls


def _levels(call: Calls, code: int) -> dict[str, str]:
    result = call.result("doctor", code=code)
    assert result["ok"] is (code == 0)
    without = {finding["name"] for finding in result["findings"] if finding["level"] != "ok" and not finding["advice"]}
    assert without <= {"database"}, "an error of the database says itself what to do"
    return {finding["name"]: finding["level"] for finding in result["findings"]}


def test_a_fresh_machine_is_no_failure(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    monkeypatch.setattr(doctor, "LEAST_BYTES", 0)
    levels = _levels(call, 0)
    assert (levels["python"], levels["data folder"], levels["database"]) == ("ok", "ok", "warn")
    assert levels["api"] == "warn"
    code, out, _ = call("doctor")
    assert code == 0
    assert "`alexandria up` makes it" in out


def test_a_loaded_database(call_on_database: Calls, sample_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    assert _levels(call_on_database, 0)["mirror"] == "warn"
    call_on_database.result("mirror", "load", *sample_files)
    levels = _levels(call_on_database, 0)
    assert {levels[name] for name in ("database", "migrations", "mirror")} == {"ok"}


def test_what_is_broken(call: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ALEXANDRIA_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", "postgresql://127.0.0.1:1/x")
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    monkeypatch.setattr(doctor, "LEAST_BYTES", 1 << 62)
    levels = _levels(call, 1)
    assert {levels[name] for name in ("data folder", "disk", "database")} == {"fail"}


def test_an_unmigrated_database(call: Calls, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    assert _levels(call, 1)["migrations"] == "fail"


def test_wrong_settings_are_all_listed(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_PORT", "x")
    monkeypatch.setenv("ALEXANDRIA_WORKERS", "x")
    findings = call.result("doctor", code=1)["findings"]
    assert [finding["level"] for finding in findings] == ["ok", "fail", "fail"]


def test_providers_are_asked_once_each(call_on_database: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    levels = _levels(call_on_database, 0)
    asked = ("isbndb", "google-books", "open-library", "wikidata", "wikipedia")
    assert [levels[name] for name in asked] == ["warn"] * 5  # no key, no contact: nobody is asked
    with Simulator() as simulator:
        own = {"ISBNDB_API_KEY": "one", "GOOGLE_BOOKS_API_KEY": "two", "WIKIPEDIA_ENABLED": "no", "CONTACT": "me@x"}
        settings = {**simulator.environ, **{f"ALEXANDRIA_{name}": text for name, text in own.items()}}
        for name, text in settings.items():
            monkeypatch.setenv(name, text)
        code, out, _ = call_on_database("doctor")
        assert code == 0
        assert "units left today" in out
        seen = simulator.state()
        asked_of = ("isbndb", "google_books", "open_library", "wikimedia")
        assert {name: seen[name]["requests"] for name in asked_of} == dict.fromkeys(asked_of, 1)
        monkeypatch.setenv("ALEXANDRIA_ISBNDB_DAILY_LIMIT", "1200")
        assert "warn isbndb: 1,000 units a day (plan basic), 1,200 by the settings: " in call_on_database("doctor")[1]
        monkeypatch.delenv("ALEXANDRIA_ISBNDB_DAILY_LIMIT")
        monkeypatch.setenv("ALEXANDRIA_ISBNDB_API_KEY", "bad-key")
        assert [_levels(call_on_database, 1)[name] for name in asked] == ["fail", "ok", "ok", "ok", "ok"]
        monkeypatch.setenv("ALEXANDRIA_ISBNDB_API_KEY", "three")  # whoever mends it need not wait for the breaker
        assert _levels(call_on_database, 0)["isbndb"] == "ok"


def test_deep_is_about_what_is_in_the_database(
    call_on_database: Calls, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXANDRIA_PORT", "1")
    assert set(PROMISES) <= {finding["name"] for finding in call_on_database.result("doctor", "--deep")["findings"]}
    with connect(database_url) as connection:
        connection.execute("update mirror_meta.counters set value = 3 where name = 'works'")
    found = call_on_database.result("doctor", "--deep", code=1)["findings"]
    assert [each["name"] for each in found if each["level"] == "fail"] == ["counters_wrong"]
