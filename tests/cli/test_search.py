"""`search`: works on the screen, by whatever is typed."""

from pathlib import Path

import pytest

from tests.cli.conftest import Calls


@pytest.fixture
def loaded(call_on_database: Calls, sample_files: list[Path]) -> Calls:
    assert call_on_database("mirror", "load", *sample_files)[0] == 0
    return call_on_database


def test_what_is_found_and_what_was_corrected(loaded: Calls) -> None:
    code, out, err = loaded("search", "fitzgerald", "great", "gastby")
    assert (code, err) == (0, "gastby: read as gatsby\n")
    for word in ("OL468431W", "The Great Gatsby", "F. Scott Fitzgerald", "9780743273565", "by title and author"):
        assert word in out
    result = loaded.result("search", "great gastby", "--limit", 1)
    assert result["corrected"] == [{"from": "gastby", "to": "gatsby"}]
    assert [each["work"]["key"] for each in result["results"]] == ["OL468431W"]
    assert "AXE16262504W" in loaded("search", "les ombres errantes")[1]


def test_nothing_and_nonsense(loaded: Calls) -> None:
    assert loaded("search", "xqzzyplugh")[:2] == (1, "nothing found\n")
    assert loaded.result("search", "xqzzyplugh", code=1)["results"] == []
    assert loaded("search", " ") == (2, "", "alexandria: q: must not be empty\n")
    code, _, err = loaded("search", "fox", "--language", "klingonese")
    assert (code, err) == (
        2,
        "alexandria: language: not a language that we know; a code such as en or ger, or a name\n",
    )
