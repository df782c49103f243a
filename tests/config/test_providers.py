"""What providers ask of us, by the environment."""

from pathlib import Path

import pytest

from alexandria.config import read_settings
from alexandria.errors import SettingsInvalid

NO_FILE = Path("/nonexistent/.env")


def read(**texts: str) -> dict[str, object]:
    settings = read_settings({f"ALEXANDRIA_{name}": text for name, text in texts.items()}, NO_FILE)
    isbndb = settings.providers["isbndb"]
    return {name: getattr(isbndb, name) for name in ("rate", "daily_limit", "buffer", "batch")}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, {"rate": 1.0, "daily_limit": 1_000, "buffer": 134, "batch": 100}),
        ({"ISBNDB_PLAN": "premium"}, {"rate": 3.0, "daily_limit": 15_000, "buffer": 2_000, "batch": 250}),
        ({"ISBNDB_PLAN": "pro", "ISBNDB_BATCH": "5000"}, {"rate": 5.0, "batch": 1_000}),
        ({"ISBNDB_PLAN": "premium", "ISBNDB_DAILY_LIMIT": "5000"}, {"daily_limit": 5_000, "buffer": 667}),
        ({"ISBNDB_RATE": "0.5", "ISBNDB_BUFFER": "0"}, {"rate": 0.5, "buffer": 0}),
    ],
)
def test_a_plan_and_what_is_given_over_it(texts: dict[str, str], expected: dict[str, object]) -> None:
    assert read(**texts).items() >= expected.items()


def test_hosts_of_wikimedia_share_a_rate_and_a_bucket() -> None:
    settings = read_settings({"ALEXANDRIA_WIKIMEDIA_RATE": "2.5"}, NO_FILE)
    shared = [each for each in settings.providers.values() if each.bucket == "wikimedia"]
    assert {each.name for each in shared} == {"wikidata", "wikidata-sparql", "wikipedia", "commons"}
    assert {each.rate for each in shared} == {2.5}


def test_everything_wrong_is_told_at_once_and_no_secret() -> None:
    wrong = {
        "ISBNDB_PLAN": "gold", "ISBNDB_RATE": "fast", "ISBNDB_API_KEY": "two words", "GOOGLE_BOOKS_BUFFER": "1000",
        "WIKIMEDIA_RATE": "0", "OPEN_LIBRARY_ENABLED": "maybe", "INTERNAL_API_KEY": "short", "CORS_ORIGINS": "x",
        "TRUSTED_PROXIES": "10.0.0.0/33",
    }  # fmt: skip
    with pytest.raises(SettingsInvalid) as caught:
        read(**wrong)
    assert len(caught.value.problems) == len(wrong)
    for name, problem in zip(sorted(wrong), sorted(caught.value.problems), strict=True):
        assert f"ALEXANDRIA_{name} " in problem
    assert "two words" not in str(caught.value)
    assert "short" not in str(caught.value)
