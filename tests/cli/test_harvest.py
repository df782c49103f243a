"""`alexandria harvest`: campaigns started, priced, shown and held up from the command line."""

import pytest

from tests.cli.conftest import Calls
from tests.conftest import RunSQL


@pytest.fixture
def call(call_on_database: Calls, database_url: str, run_sql: RunSQL) -> Calls:
    """Commands on a database whose mirror has three authors."""
    people = "(1, 1, 'Roald Dahl'), (2, 1, 'Ursula K. Le Guin'), (3, 1, 'Various')"
    run_sql(database_url, f"insert into mirror.authors (id, revision, name) values {people}")
    run_sql(database_url, "insert into mirror.work_authors values (1, 1), (2, 2), (3, 3)")
    run_sql(database_url, "insert into mirror.editions (id, work_id, revision, completeness)"
                          " select n, 1 + n % 3, 1, 0 from generate_series(1, 300) n")  # fmt: skip
    return call_on_database


def test_a_campaign_from_start_to_cancel(call: Calls) -> None:
    begun = call.result("harvest", "authors", "Roald Dahl", "OL2A", "--max-pages", "3")
    assert begun["is_new"]
    assert begun["title"] == "2 authors"
    assert begun["cost"]["units_least"] == 4
    assert not call.result("harvest", "authors", "OL1A", "OL2A", "--max-pages", "3")["is_new"]
    id = begun["id"]
    [shown] = call.result("harvest", "status", id)["campaigns"]
    assert (shown["state"], shown["title"], shown["units"]) == ("planning", "2 authors", 0)
    assert call.result("harvest", "pause", id) == {"id": id, "state": "paused"}
    code, out, err = call("harvest", "pause", id)
    assert (code, out, err) == (1, "", f"alexandria: campaign {id} is paused\n")
    assert call.result("harvest", "resume", id)["state"] == "running"
    assert call.result("harvest", "cancel", id)["state"] == "cancelled"
    other = call.result("harvest", "releases", "--from", "2026-10", "--to", "2026-11")
    assert [each["id"] for each in call.result("harvest", "status")["campaigns"]] == [other["id"], id]
    code, out, _ = call("harvest", "status")
    assert code == 0
    assert "2026-10 to 2026-11" in out


def test_a_dry_run_prices_a_tier(call: Calls) -> None:
    found = call.result("harvest", "authors", "--tier", "top-10", "--dry-run")
    assert found["cost"] == {
        "steps": 2, "units_least": 4, "units_most": 40, "editions": 300, "by_isbn": 300, "days": 0.01,
    }  # fmt: skip
    assert call.result("harvest", "status") == {"campaigns": []}
    code, out, _ = call("harvest", "authors", "--tier", "top-10", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "nothing was started")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("authors",), "author: name authors, or a tier"),
        (("authors", "--tier", "top-7"), "tier: must be one of top-10"),
        (("authors", "--tier", "top-10", "--max-pages", "0"), "max_pages: must be from 1 to 100"),
        (("authors", "\x01"), "author: must hold a letter"),
        (("releases", "--from", "2026-13"), "start_month: must be a month"),
        (("releases", "--from", "2026-03", "--to", "2026-01"), "end_month: is before"),
        (("releases", "--from", "2026-03", "--max-pages", "10000"), "max_pages: must be from 1 to 100"),
        (("pause", "0"), "ID"),
    ],
)
def test_bad_usage(call: Calls, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = call("harvest", *arguments)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    "arguments", [("authors", "Nobody Whatever"), ("authors", "OL77A"), ("status", "12"), ("pause", "12")]
)
def test_what_is_not_known(call: Calls, arguments: tuple[str, ...]) -> None:
    code, out, err = call("harvest", *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
