"""ISBNdb's originals, whose addresses stop working: taken while they last, kept nowhere."""

from collections.abc import Callable
from typing import Any

import pytest

from alexandria.covers.passing import Passing
from alexandria.covers.service import Covers
from alexandria.covers.store import find_covers
from alexandria.db import Database
from tests.covers.conftest import PLAIN, Host, say, work
from tests.covers.pictures import jpeg

Rows = Callable[[str], list[tuple[Any, ...]]]


def test_an_address_is_taken_once_and_not_believed_for_long() -> None:
    passing = Passing()
    passing.note(1, "https://a.org/1?token=x")
    passing.note(1, "https://a.org/2?token=x")
    assert passing.take(1) == "https://a.org/2?token=x"
    assert passing.take(1) is None
    old = Passing(life=0)
    old.note(1, "https://a.org/1")
    assert old.take(1) is None


def test_not_too_many_are_remembered() -> None:
    passing = Passing(most=2)
    for isbn in (1, 2, 1, 3):
        passing.note(isbn, f"https://a.org/{isbn}")
    assert [passing.take(isbn) for isbn in (1, 2, 3)] == ["https://a.org/1", None, "https://a.org/3"]


@pytest.mark.anyio
async def test_the_original_is_downloaded_while_it_lasts(
    database: Database, covers: Covers, host: Host, rows: Rows
) -> None:
    await say(database, "isbndb", PLAIN, cover_url=host.put("/covers/1.jpg", jpeg(333, 500)))
    covers.passing.note(PLAIN, host.put("/covers/original/1.jpg", jpeg(800, 1200, 2)) + "?signature=verysecret")
    await work(database, covers, PLAIN)
    assert host.asked == ["/covers/original/1.jpg?signature=verysecret"]
    cover = (await find_covers(database, [PLAIN]))[PLAIN]
    assert (cover.provider, cover.width, cover.height) == ("isbndb", 512, 768)
    everything = [rows(f"select * from {table}") for table in ("covers.covers", "covers.attempts", "quota.calls",
                                                               "queue.finished", "enriched.answers")]  # fmt: skip
    assert "verysecret" not in str(everything)


@pytest.mark.anyio
async def test_one_that_has_passed_costs_nothing_but_a_request(database: Database, covers: Covers, host: Host) -> None:
    await say(database, "isbndb", PLAIN, cover_url=host.put("/covers/1.jpg", jpeg(333, 500)))
    covers.passing.note(PLAIN, f"{host.url}/covers/original/gone.jpg?signature=x")
    await work(database, covers, PLAIN)
    assert (await find_covers(database, [PLAIN]))[PLAIN].width == 333
