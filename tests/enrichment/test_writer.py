"""Writes that come together: one transaction for many, and each caller is told their own outcome."""

import asyncio

import pytest

from alexandria.biblio.isbn import parse_isbn
from alexandria.db import Database, connect
from alexandria.enrichment import writer as module
from alexandria.enrichment.store import Write, Written
from alexandria.enrichment.writer import LARGEST, MOST, Writer
from alexandria.errors import AlexandriaError, DatabaseUnavailable
from tests.conftest import RunSQL

pytestmark = pytest.mark.anyio
ISBN = parse_isbn("9780306406157")


def told(source: str, isbn: int = ISBN, title: str = "T") -> Write:
    return Write("edition", isbn, "user", source, {"title": title})


async def test_what_comes_together_shares_transactions(
    database: Database, loaded_url: str, run_sql: RunSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    count = 1 + LARGEST + 7
    writer = Writer(database)
    outcomes = await asyncio.gather(*(writer.one(told(f"k{n}", title=str(n))) for n in range(count)))
    assert [outcome.created for outcome in outcomes] == [True] * count
    [(logged, transactions)] = run_sql(loaded_url, "select count(*), count(distinct xmin::text) from enriched.log")
    assert (logged, transactions) == (count, 3)


async def test_each_caller_gets_their_own_outcome(database: Database) -> None:
    writer = Writer(database)
    await writer.one(told("same"))
    writes = [
        told("same"),
        told("a"),
        told("same", title="other"),
        told("b", parse_isbn("9780140328721")),
        told("same"),
    ]
    outcomes = await asyncio.gather(*map(writer.one, writes * 3))
    assert [outcome.created for outcome in outcomes[:5]] == [False, True, False, True, False]
    assert [outcome.created for outcome in outcomes[5:]] == [False] * 10


async def test_one_that_cannot_be_stored_does_not_take_the_others_with_it(
    database: Database, loaded_url: str, run_sql: RunSQL
) -> None:
    writer = Writer(database)
    writes = [told(f"k{n}", title="bad\0" if n == 5 else "good") for n in range(12)]
    outcomes = await asyncio.gather(*map(writer.one, writes), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Written)] == [5]
    assert not isinstance(outcomes[5], AlexandriaError)
    assert run_sql(loaded_url, "select count(*) from enriched.answers") == [(11,)]


async def test_a_caller_who_goes_away_leaves_the_others_alone(database: Database) -> None:
    writer = Writer(database)
    tasks = [asyncio.create_task(writer.one(told(f"k{n}"))) for n in range(10)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[7].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Written)] == [0, 7]
    assert (await writer.one(told("later"))).created


async def test_everybody_is_told_that_the_database_is_away(database: Database) -> None:
    writer = Writer(database)
    await database.close()
    outcomes = await asyncio.gather(*(writer.one(told(f"k{n}")) for n in range(10)), return_exceptions=True)
    assert all(isinstance(outcome, DatabaseUnavailable) for outcome in outcomes)


async def test_a_record_that_somebody_holds_stops_nobody_else(
    database: Database, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    writer, other = Writer(database), parse_isbn("9780140328721")
    await writer.one(told("first"))
    with connect(loaded_url) as holder:
        holder.execute("select from enriched.editions for update")
        held = []
        for n in range(2 * MOST):
            held.append(asyncio.create_task(writer.one(told(f"held {n}"))))
            await writer.one(told(f"between {n}", other))
        outcomes = await asyncio.gather(*(writer.one(told(f"k{n}", other)) for n in range(20)))
        assert all(outcome.created for outcome in outcomes)
        assert not any(task.done() for task in held)
    assert all(outcome.created for outcome in await asyncio.gather(*held))
