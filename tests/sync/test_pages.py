"""A day's changes are read to the end, whatever is wrong with the pages; what cannot be read is a gap."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from alexandria.biblio.keys import Key
from alexandria.errors import Malformed, Unavailable
from alexandria.providers.open_library.changes import DEEPEST, LONGEST_PAGE, OVERLAP, Change, Changeset, Page
from alexandria.sync.pages import CUT, EMPTY, TORN, TRIES, Ask, Reading, read_day

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 20)
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
END = BEGIN + timedelta(days=1)


def changesets(count: int, kinds: Sequence[str] = ("edit-book",)) -> list[Changeset]:
    """So many, evenly over the day, the newest first; every third by a bot (its id can be divided by three)."""
    step = timedelta(days=1) / count
    return [
        Changeset(n, kinds[n % len(kinds)], BEGIN + n * step, (Change(Key("edition", n + 1), 2),))
        for n in reversed(range(count))
    ]


class Site:
    """Lists changesets as Open Library does: clamped, no deeper than a depth, growing while it is read."""

    def __init__(self, listed: list[Changeset], growing: int = 0) -> None:
        self.listed, self.growing = listed, growing
        self.asked: list[tuple[str | None, bool | None, int]] = []

    async def __call__(
        self, day: date, kind: str | None = None, *, bot: bool | None = None, offset: int = 0, limit: int = LONGEST_PAGE
    ) -> Page:
        assert day == DAY
        assert offset <= DEEPEST
        self.asked.append((kind, bot, offset))
        fits = [
            each
            for each in self.listed
            if kind in (None, each.kind) and (bot is None or bot == (each.id % 3 == 0))
        ]  # fmt: skip
        late = [Changeset(10**6 + len(self.asked) * 100 + n, "edit-book", END, ()) for n in range(self.growing)]
        self.listed = late + self.listed
        found = tuple(fits[offset : offset + limit])
        if len(found) < limit:
            return Page(found, None, is_cut=False)
        if offset >= DEEPEST:
            return Page(found, None, is_cut=True)
        return Page(found, min(offset + limit - OVERLAP, DEEPEST), is_cut=False)


def spoiled(site: Site, spoil: Callable[[int, Page], Page]) -> Ask:
    """The site, each of whose pages somebody changes; with the number of the request."""

    async def ask(
        day: date, kind: str | None = None, *, bot: bool | None = None, offset: int = 0, limit: int = LONGEST_PAGE
    ) -> Page:
        page = await site(day, kind, bot=bot, offset=offset, limit=limit)
        return spoil(len(site.asked), page)

    return ask


async def read(ask: Ask, since: datetime = BEGIN, until: datetime = END) -> Reading:
    return await read_day(ask, DAY, since, until)


def ids(reading: Reading) -> set[int]:
    return {number for number in reading.changesets if number < 10**6}


@pytest.mark.parametrize("count", [0, 1, 50, 999, 1000, 1001, 1950, 5000, 10_999])
async def test_a_day_is_read_whole(count: int) -> None:
    reading = await read(Site(changesets(count) if count else []), until=BEGIN + timedelta(hours=5))
    assert ids(reading) == set(range(count))
    assert reading.gaps == []


async def test_it_stops_where_it_was_the_last_time() -> None:
    site = Site(changesets(9_000))
    reading = await read(site, since=END - timedelta(hours=1))
    assert ids(reading) == set(range(8_625, 9_000))
    assert len(site.asked) == 2


async def test_a_list_that_grows_while_it_is_read() -> None:
    assert ids(await read(Site(changesets(4_000), growing=70))) == set(range(4_000))


async def test_pages_that_are_shuffled_repeated_or_short() -> None:
    random_ = random.Random(1)

    def spoil(number: int, page: Page) -> Page:
        found = list(page.changesets)[: random_.choice([1000, 1000, 300, 51])]
        random_.shuffle(found)
        return Page((*found, *found[:10]), page.next_offset, page.is_cut)

    reading = await read(spoiled(Site(changesets(3_000)), spoil))
    assert ids(reading) == set(range(3_000))
    assert reading.gaps == []


async def test_a_page_that_is_missing_once_is_asked_for_again() -> None:
    empty = Page((), None, is_cut=False)
    reading = await read(spoiled(Site(changesets(4_000)), lambda number, page: empty if number == 3 else page))
    assert ids(reading) == set(range(4_000))
    assert reading.gaps == []


@pytest.mark.parametrize("times", [1, TRIES])
async def test_a_page_that_comes_again_in_place_of_the_next_is_no_end(times: int) -> None:
    first: list[Page] = []

    def spoil(number: int, page: Page) -> Page:
        first.append(page)
        return first[0] if 1 < number < 2 + times else page

    reading = await read(spoiled(Site(changesets(4_000)), spoil))
    if times < TRIES:
        assert ids(reading) == set(range(4_000))
        assert reading.gaps == []
    else:
        assert [gap.reason for gap in reading.gaps] == [TORN]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda number, page: Page((), None, is_cut=False) if number > 2 else page, TORN),
        (lambda number, page: Page((), None, is_cut=False), EMPTY),
        (lambda number, page: Page(tuple(changesets(9)), None, is_cut=False) if number > 2 else page, TORN),
    ],
)
async def test_a_page_that_stays_wrong_is_a_gap(wrong: Callable[[int, Page], Page], reason: str) -> None:
    site = Site(changesets(4_000))
    reading = await read(spoiled(site, wrong))
    [gap] = reading.gaps
    assert (gap.since, gap.until, gap.kind, gap.bot, gap.reason) == (BEGIN, END, None, None, reason)
    assert len(site.asked) <= 2 + TRIES


async def test_an_answer_that_cannot_be_read_is_a_gap_and_one_that_does_not_come_is_not() -> None:
    async def garbled(*args: object, **named: object) -> Page:
        raise Malformed("open-library", "no JSON")

    async def away(*args: object, **named: object) -> Page:
        raise Unavailable("open-library", "away")

    [gap] = (await read(garbled)).gaps
    assert "no JSON" in gap.reason
    with pytest.raises(Unavailable):
        await read(away)


async def test_a_long_day_is_read_in_parts() -> None:
    site = Site(changesets(24_000, kinds=("edit-book", "lists", "add-book", "strange-kind")))
    reading = await read(site)
    assert reading.gaps == []
    kept = {number for number in range(24_000) if number % 4 != 1}  # lists change nothing of ours
    assert kept <= ids(reading)
    assert {each.key.number - 1 for each in reading.wanted()} == kept
    assert {(kind, bot) for kind, bot, _ in site.asked} >= {(None, None), (None, True), (None, False)}


async def test_what_is_too_long_even_in_parts_is_a_gap() -> None:
    reading = await read(Site(changesets(40_000)))
    assert [(gap.kind, gap.bot, gap.reason) for gap in reading.gaps] == [
        ("edit-book", True, CUT),
        ("edit-book", False, CUT),
    ]
    oldest = {bot: min(n for n in ids(reading) if (n % 3 == 0) == bot) for bot in (True, False)}
    for gap in reading.gaps:
        assert gap.since == BEGIN
        assert gap.until == BEGIN + oldest[bool(gap.bot)] * timedelta(days=1) / 40_000
        assert len(ids(reading)) >= 2 * 11_000


async def test_merges_name_what_was_merged() -> None:
    merge = Changeset(
        1, "merge-works", END, (Change(Key("work", 2), 3),), master=Key("work", 2), duplicates=(Key("work", 1),)
    )
    wanted = {(each.key, each.revision) for each in (await read(Site([merge]))).wanted()}
    assert wanted == {(Key("work", 2), 3), (Key("work", 1), 0)}
