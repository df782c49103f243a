"""Plans: what may be asked for, what it costs, what a page means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.errors import BadInput
from alexandria.harvest import plan
from alexandria.harvest.people import is_author
from alexandria.harvest.plan import Came, Next, next_page


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-11", "2026-11", ["2026-11"]),
        ("2025-12", "2026-02", ["2025-12", "2026-01", "2026-02"]),
    ],
)
def test_months(start: str, end: str, months: list[str]) -> None:
    assert plan.months_between(start, end) == months
    assert plan.releases(start, end).months == tuple(reversed(months))


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-13", "2026-12", "start_month"),
        ("2026-00", "2026-12", "start_month"),
        ("2026-1", "2026-12", "start_month"),
        ("2026-01-01", "2026-12", "start_month"),
        ("٢٠٢٦-٠١", "2026-12", "start_month"),
        ("2026-01\n", "2026-12", "start_month"),
        ("2026-01", "", "end_month"),
        ("2026-01", "2026-13", "end_month"),
        ("2026-02", "2026-01", "end_month"),
        ("2000-01", "2026-01", "end_month"),
        ("0000-01", "2026-01", "start_month"),
    ],
)
def test_months_that_are_none(start: str, end: str, field: str) -> None:
    with pytest.raises(BadInput) as raised:
        plan.releases(start, end)
    assert raised.value.field == field


@pytest.mark.parametrize("pages", [0, -1, 101, 10_000, 2**70])
def test_too_many_pages(pages: int) -> None:
    with pytest.raises(BadInput, match="max_pages: must be from 1 to 100"):
        plan.authors("top-10", (), pages)
    with pytest.raises(BadInput, match="max_pages_per_month"):
        plan.releases("2026-01", "2026-01", pages)


@pytest.mark.parametrize(("tier", "numbers"), [("top-11", ()), (None, ()), ("top-10", (1,)), (None, range(10_001))])
def test_authors_that_are_none(tier: str | None, numbers: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        plan.authors(tier, numbers)


@pytest.mark.parametrize("subjects", [[""], ["…"], ["a"] * 51, ["fine", "\x00\x01"]])
def test_subjects_that_are_none(subjects: list[str]) -> None:
    with pytest.raises(BadInput, match="subjects"):
        plan.releases("2026-01", "2026-01", 1, subjects)


@pytest.mark.parametrize("name", ["", " ", "\x00\x01\x02", "x" * 151, "x" * 10_240, "1234", "…"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadInput, match="author_name"):
        plan.read_name("author_name", name)


def test_a_name_is_cleaned() -> None:
    assert plan.read_name("author_name", " Ursula\x00  K. Le\tGuin ") == "Ursula K. Le Guin"


@pytest.mark.parametrize(
    ("page", "most", "came", "before", "then"),
    [
        (1, 5, Came(100, True, 250, b"1"), None, Next(2)),
        (3, 5, Came(50, False, 250, b"3"), b"2", Next(None)),
        (1, 5, Came(0, False, 0, b"0"), None, Next(None)),
        (2, 5, Came(0, False, None, b"0"), b"0", Next(None)),
        (2, 5, Came(100, True, None, b"1"), b"1", Next(None, "page 2 is the same as the one before", True)),
        (5, 5, Came(100, True, 900, b"5"), b"4", Next(None, "stopped after 5 pages, as asked for")),
        (5, 5, Came(100, False, 500, b"5"), b"4", Next(None)),
        (100, 100, Came(100, False, 10_000, b"5"), b"4", Next(None, "the provider shows no more than 10,000 results")),
    ],
)
def test_what_a_page_means(page: int, most: int, came: Came, before: bytes | None, then: Next) -> None:
    assert next_page(page, most, came, before) == then


@given(st.integers(1, 100), st.lists(st.booleans(), min_size=100, max_size=100))
def test_no_step_asks_more_than_its_pages(most: int, more: list[bool]) -> None:
    page, asked, digest = 1, 0, None
    while True:
        came = Came(100, more[page - 1], None, str(page).encode())
        asked += 1
        following = next_page(page, most, came, digest)
        if following.page is None:
            break
        assert following.page == page + 1
        page, digest = following.page, came.digest
    assert asked <= most


def test_prices() -> None:
    cost = plan.cost_of_authors([1_000, 10, 0], 20, 7_800, by_isbn=True)
    assert (cost.steps, cost.units_least, cost.units_most) == (3, 17, 60)  # 15, 1 and 1
    assert (cost.editions, cost.by_isbn) == (1_515, 1_515)
    assert plan.cost_of_authors([100_000], 20, None, by_isbn=False).units_least == 20
    assert plan.cost_of_releases(2, 20, 40, by_isbn=True).days == 0.05


@pytest.mark.parametrize(
    ("today", "months"),
    [(date(2026, 1, 31), ("2025-12", "2026-01")), (date(2026, 11, 22), ("2026-10", "2026-11"))],
)
def test_the_weekly_look(today: date, months: tuple[str, str]) -> None:
    assert plan.recent_months(today) == months


@pytest.mark.parametrize(
    "name",
    ["Ursula K. Le Guin", "Plato", "村上春樹", "Лев Толстой", "bell hooks", "Alonzo Church", "Gabriel García Márquez",
     "Anne Court", "Johann Wolfgang von Goethe", "Avi"],
)  # fmt: skip
def test_authors(name: str) -> None:
    assert is_author(name)


@pytest.mark.parametrize(
    "name",
    [None, "", "…", "Various", "[name missing]", "Anonymous", "Unknown author", "United States. Congress. Senate.",
     "Oxford University Press", "Great Britain. Parliament", "Editors of Time", "International Business Machines Corp.",
     "National Geographic Society (U.S.)", "World Health Organization", "Verlag Karl Baedeker", "1984",
     "a name of more words than anybody can have in life"],
)  # fmt: skip
def test_no_authors(name: str | None) -> None:
    assert not is_author(name)
