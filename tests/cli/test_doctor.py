"""`doctor`: what it finds, and what it says to do."""

from pathlib import Path

import pytest

from alexandria.cli import doctor
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
