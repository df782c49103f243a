"""What is told of the buckets: by Python, over HTTP and on the command line."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest
import typer
from litestar import Litestar

from alexandria.api.problems import HANDLERS
from alexandria.api.quota import QuotaStatus, get_quota_status
from alexandria.cli import quota as cli
from alexandria.db import Database
from alexandria.errors import BadInput, QuotaExhausted, Throttled
from alexandria.net.gate import Call, Lane, Outcome
from alexandria.quota.breakers import SharedBreakers
from alexandria.quota.ledger import Ledger
from alexandria.quota.policy import Policy
from alexandria.quota.status import Usage, read_status, read_usage
from tests.conftest import RunSQL
from tests.pools import opened
from tests.quota.conftest import NOON, SetClock

pytestmark = pytest.mark.anyio
PAID, FREE = Policy("isbndb", 500.0, 1_000, 100), Policy("open-library", 100.0)
POLICIES = {"isbndb": PAID, "open-library": FREE}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as found:
        yield found


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Ledger]:
    made = Ledger(database, POLICIES)
    yield made
    await made.close()


async def spend(ledger: Ledger, lane: Lane, units: int, outcome: Outcome, kind: str = "book") -> None:
    permit = await ledger.permit(Call("isbndb", lane, kind, units, units), 5)
    await ledger.settle(permit, outcome)


async def live_a_little(database: Database, ledger: Ledger) -> None:
    """Requests of several lanes, refusals, and a breaker that opened."""
    await spend(ledger, "interactive", 1, Outcome(sent=True, status=200, found=1))
    await spend(ledger, "enrichment", 100, Outcome(sent=True, status=200, charged=98, found=49), "books")
    await spend(ledger, "enrichment", 10, Outcome(sent=False, error="no route"), "books")
    await spend(ledger, "harvest", 1, Outcome(sent=True, status=404), "author")
    await spend(ledger, "harvest", 1, Outcome(sent=True, status=503, error="broken"), "author")
    with pytest.raises(QuotaExhausted):
        await ledger.permit(Call("isbndb", "anonymous", "book", 46), 5)
    for _ in range(5):
        await SharedBreakers(database).report("open-library", Outcome(sent=True, error="timeout"))


# --- status ---------------------------------------------------------------------------------------------------


async def test_a_bucket_that_was_never_used(database: Database, set_clock: SetClock) -> None:
    set_clock(NOON)
    pacific = Policy("google-books", 1.0, 1_000, zone="America/Los_Angeles")
    paid, free = await read_status(database, {"p": PAID, "google-books": pacific})
    assert (paid.bucket, free.bucket) == ("google-books", "isbndb")
    assert paid.resets_at - datetime.now(UTC) < timedelta(hours=20)
    assert paid.resets_at - datetime.now(UTC) > timedelta(hours=18)
    assert (free.limit, free.buffer, free.used, free.remaining) == (1_000, 100, 0, 900)
    assert free.lanes["anonymous"].remaining == 45
    assert (free.blocked_until, free.provider_limit, free.refusals) == (None, None, [])
    assert (free.breaker.state, free.breaker.failures) == ("closed", 0)


async def test_what_was_used_by_whom(database: Database, ledger: Ledger, set_clock: SetClock) -> None:
    set_clock(NOON.replace(hour=11, minute=30))
    await live_a_little(database, ledger)
    paid, free = await read_status(database, POLICIES)
    assert {lane: (status.used, status.remaining) for lane, status in paid.lanes.items()} == {
        "interactive": (1, 799), "enrichment": (98, 710), "harvest": (2, 620), "covers": (0, 620),
        "anonymous": (0, 45),
    }  # fmt: skip
    assert (paid.used, paid.remaining) == (101, 799)
    assert [(each.lane, each.count, each.reason) for each in paid.refusals] == [("anonymous", 1, "lane")]
    assert (free.limit, free.remaining, free.lanes["harvest"].remaining) == (None, None, None)
    assert (free.breaker.state, free.breaker.failures, free.breaker.reason) == ("open", 5, "timeout")
    assert free.breaker.retry_at
    assert timedelta(seconds=5) < free.breaker.retry_at - datetime.now(UTC) <= timedelta(seconds=30)


async def test_the_provider_is_believed(database: Database, ledger: Ledger, set_clock: SetClock) -> None:
    set_clock(NOON)
    soon = datetime.now(UTC) + timedelta(minutes=7)
    await spend(ledger, "harvest", 10, Outcome(sent=True, status=429, remaining=300, wait_until=soon))
    paid, _ = await read_status(database, POLICIES)
    assert (paid.provider_limit, paid.remaining) == (210, 200)
    assert paid.blocked_until
    assert abs(paid.blocked_until - soon) < timedelta(seconds=5)
    with pytest.raises(Throttled):
        await ledger.permit(Call("isbndb", "harvest", "book"), 1)
    assert (await read_status(database, POLICIES))[0].refusals[0].reason == "blocked"


async def test_a_new_day_shows_nothing_of_the_last(database: Database, ledger: Ledger, set_clock: SetClock) -> None:
    set_clock(NOON)
    await spend(ledger, "harvest", 10, Outcome(sent=True, status=200, remaining=300))
    set_clock(NOON + timedelta(days=1))
    paid = (await read_status(database, POLICIES))[0]
    assert (paid.used, paid.remaining, paid.provider_limit) == (0, 900, None)


# --- report ---------------------------------------------------------------------------------------------------


async def test_what_units_brought(database: Database, ledger: Ledger, set_clock: SetClock) -> None:
    set_clock(NOON - timedelta(hours=3))
    await spend(ledger, "harvest", 1, Outcome(sent=True, status=200, found=100), "author")
    set_clock(NOON)
    await live_a_little(database, ledger)
    found = [_row(each) for each in await read_usage(database, 24)]
    assert found == [
        (12, "author", 2, 1, 2, 2, None, None),
        (12, "book", 1, 0, 1, 1, 1, 1.0),
        (12, "books", 1, 0, 98, 100, 49, 0.5),
        (9, "author", 1, 0, 1, 1, 100, 100.0),
    ]
    assert [_row(each)[1] for each in await read_usage(database, 2)] == ["author", "book", "books"]
    assert await read_usage(database, 24, "open-library") == []


def _row(usage: Usage) -> tuple[Any, ...]:
    """A line of the report; its hour is told in real time, so that it is counted back from now."""
    ago = round((datetime.now(UTC) - usage.hour) / timedelta(hours=1))
    return (
        12 - ago, usage.kind, usage.requests, usage.failures, usage.units, usage.items, usage.found,
        usage.found_per_unit,
    )  # fmt: skip


# --- HTTP -----------------------------------------------------------------------------------------------------


async def test_over_http(database: Database, ledger: Ledger, set_clock: SetClock) -> None:
    set_clock(NOON)
    await live_a_little(database, ledger)
    app: Any = Litestar([get_quota_status], exception_handlers=HANDLERS)
    app.state.update({"database": database, "policies": POLICIES})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        answer = await client.get("/api/quota/status")
    assert answer.status_code == 200
    shaped = msgspec.json.decode(answer.content, type=QuotaStatus)
    assert json.loads(msgspec.json.encode(shaped)) == answer.json(), "nothing is told that is not described"
    paid, free = answer.json()["buckets"]
    assert (paid["bucket"], paid["used"], paid["lanes"]["enrichment"]["used"]) == ("isbndb", 101, 98)
    assert paid["refusals"][0]["reason"] == "lane"
    assert (free["limit"], free["breaker"]["state"]) == (None, "open")


# --- the command line -----------------------------------------------------------------------------------------


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXANDRIA_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> None:
    typer.main.get_command(cli.app).main(list(arguments), standalone_mode=False)


@pytest.mark.usefixtures("settings")
def test_status_on_the_command_line(
    database_url: str, run_sql: RunSQL, capsys: pytest.CaptureFixture[str], set_clock: SetClock
) -> None:
    set_clock(NOON)
    run("status", "--json")
    buckets = {each["bucket"]: each for each in json.loads(capsys.readouterr().out)["buckets"]}
    assert sorted(buckets) == [
        "elsewhere", "google-books", "google-books-pictures", "internet-archive", "isbndb", "isbndb-pictures",
        "open-library", "open-library-covers", "wikimedia",
    ]  # fmt: skip
    assert (buckets["isbndb"]["limit"], buckets["isbndb"]["buffer"], buckets["isbndb"]["remaining"]) == (1000, 134, 866)
    run_sql(database_url, "INSERT INTO quota.refusals VALUES ('isbndb', 'harvest', 1234, 'day', quota.now())")
    run_sql(
        database_url,
        "INSERT INTO quota.breakers (bucket, failures, open_until, reason) "
        "VALUES ('wikimedia', 7, quota.now() + interval '1 hour', '403 ban')",
    )
    run("status")
    out = capsys.readouterr().out
    assert "1,234" in out
    assert "403 ban" in out


@pytest.mark.usefixtures("settings")
def test_report_on_the_command_line(database_url: str, run_sql: RunSQL, capsys: pytest.CaptureFixture[str]) -> None:
    run("report")
    assert "nothing was asked in the last 24 hours" in capsys.readouterr().err
    run_sql(
        database_url,
        "INSERT INTO quota.calls (at, bucket, lane, kind, units, items, found, sent, status) "
        "VALUES (quota.now() - interval '1 second', 'isbndb', 'harvest', 'books', 250, 250, 125, true, 200)",
    )
    run("report", "--hours", "2", "--bucket", "isbndb", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["hours"] == 2
    assert [(each["units"], each["found"], each["found_per_unit"]) for each in told["usage"]] == [(250, 125, 0.5)]
    run("report")
    assert "0.50" in capsys.readouterr().out
    with pytest.raises(BadInput, match="only elsewhere, google-books"):
        run("report", "--bucket", "isbnbd")
