"""`init`: the settings file."""

from pathlib import Path

import pytest

from alexandria.cli.init import render_settings
from alexandria.config import read_env_file, read_settings, variable, variables
from tests.cli.conftest import Calls

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_example_in_the_repository_is_current() -> None:
    hint = "run: alexandria init --force --out .env.example"
    assert EXAMPLE.read_text(encoding="utf-8") == render_settings(), hint


def test_it_names_every_setting_and_changes_none(call: Calls, tmp_path: Path) -> None:
    code, out, _ = call("init")
    assert code == 0
    assert ".env" in out
    text = (tmp_path / ".env").read_text()
    for entry in variables():
        assert f"#{variable(entry.name)}=" in text
        assert entry.help in text
    assert read_env_file(tmp_path / ".env") == {}
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def test_a_line_taken_out_of_its_comment_counts(call: Calls, tmp_path: Path) -> None:
    call("init", "--out", "mine")
    text = (tmp_path / "mine").read_text().replace("#ALEXANDRIA_PORT=8000", "ALEXANDRIA_PORT=8001")
    (tmp_path / "mine").write_text(text)
    assert read_settings({}, tmp_path / "mine").port == 8001


def test_it_never_overwrites_unless_told(call: Calls, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("precious\n" * 1000)
    code, out, err = call("init")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "--force" in err
    assert (tmp_path / ".env").read_text().startswith("precious")
    result = call.result("init", "--force")
    assert result["written"] == ".env"
    assert "ALEXANDRIA_PORT" in result["settings"]
    assert (tmp_path / ".env").read_text() == render_settings()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here, the disk that is always full")
def test_a_full_disk_is_one_line(call: Calls) -> None:
    code, out, err = call("init", "--force", "--out", "/dev/full")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "/dev/full: No space left on device; free some space" in err


def test_a_folder_that_is_not_there_is_one_line(call: Calls, tmp_path: Path) -> None:
    code, out, err = call("init", "--out", tmp_path / "nowhere" / ".env")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "nowhere/.env: No such file or directory; check the path" in err
