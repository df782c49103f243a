"""What an operator's buttons do, in the database."""

import httpx2
import pytest

from tests.conftest import RunSQL
from tests.dashboard.conftest import DEAD, HOSTILE, World, act


def test_a_dead_job_is_tried_again(world: World, operator: httpx2.Client, run_sql: RunSQL) -> None:
    assert act(operator, "/dashboard/jobs/retry", id=DEAD) == "The job is tried again."
    assert run_sql(world.url, f"select kind from queue.jobs where id = '{DEAD}'") == [("edition",)]
    assert act(operator, "/dashboard/jobs/retry", id=DEAD).startswith("That job is no longer dead")


def test_all_dead_jobs_of_a_kind_are_tried_again(world: World, operator: httpx2.Client, run_sql: RunSQL) -> None:
    assert act(operator, "/dashboard/jobs/retry-dead", kind=HOSTILE) == "1 dead jobs are tried again."
    left = run_sql(world.url, f"select count(*) from queue.finished where state = 'dead' and kind = $t${HOSTILE}$t$")
    assert left == [(0,)]


def test_a_campaign_is_paused_resumed_and_cancelled(world: World, operator: httpx2.Client, run_sql: RunSQL) -> None:
    for verb, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        assert act(operator, "/dashboard/campaigns", id="1", verb=verb).startswith("Campaign 1 ")
        assert run_sql(world.url, "select state from harvest.campaigns where id = 1") == [(state,)]
    assert "campaign 1 is cancelled" in act(operator, "/dashboard/campaigns", id="1", verb="pause")


def test_what_is_scheduled_runs_now_and_pauses(world: World, operator: httpx2.Client, run_sql: RunSQL) -> None:
    assert act(operator, "/dashboard/schedule", name="sweep", verb="run") == "sweep runs now."
    assert run_sql(world.url, "select kind from queue.jobs where kind = 'sweep'") == [("sweep",)]
    for verb, paused in (("pause", True), ("resume", False)):
        act(operator, "/dashboard/schedule", name="sweep", verb=verb)
        assert run_sql(world.url, "select is_paused from ops.schedules where name = 'sweep'") == [(paused,)]


def test_a_breaker_is_reset(world: World, operator: httpx2.Client, run_sql: RunSQL) -> None:
    assert "breaker open" in operator.get("/").text
    assert act(operator, "/dashboard/breakers/reset", bucket="isbndb") == "isbndb is asked again."
    assert run_sql(world.url, "select open_until from quota.breakers where bucket = 'isbndb'") == [(None,)]
    assert "breaker open" not in operator.get("/").text, "what was just done is seen at once"


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("/dashboard/jobs/retry", {"id": "1"}, "id"),
        ("/dashboard/jobs/retry", {}, "id"),
        ("/dashboard/jobs/retry-dead", {}, "kind"),
        ("/dashboard/campaigns", {"id": "9" * 30, "verb": "pause"}, "id"),
        ("/dashboard/campaigns", {"id": "-1", "verb": "pause"}, "id"),
        ("/dashboard/campaigns", {"id": "1", "verb": HOSTILE}, "verb"),
        ("/dashboard/campaigns", {"id": "77", "verb": "pause"}, "there is no campaign 77"),
        ("/dashboard/schedule", {"name": HOSTILE, "verb": "run"}, "name"),
        ("/dashboard/schedule", {"name": HOSTILE, "verb": "pause"}, "name"),
        ("/dashboard/schedule", {"name": "sweep", "verb": "x"}, "verb"),
        ("/dashboard/breakers/reset", {"bucket": HOSTILE}, "bucket"),
        ("/dashboard/jobs/retry-dead", {"kind": "a\0b"}, "kind"),
    ],
)
def test_what_cannot_be_done_is_told(operator: httpx2.Client, path: str, fields: dict[str, str], field: str) -> None:
    told = act(operator, path, **fields)
    assert told.startswith(f"Nothing was done: {field}"), told
    assert "<" not in told
