"""What a campaign is about, what it costs, and what a page means for its step. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from alexandria.biblio.text import clean_line
from alexandria.errors import BadInput

PAGE: Final = 100  # editions on a page, which costs one unit
MOST_PAGES: Final = 100  # of one question: the provider shows 10,000 results
PAGES_OF_AUTHOR: Final = 20  # unless somebody says otherwise
PAGES_OF_MONTH: Final = 20
MOST_MONTHS: Final = 120
FIRST_YEAR: Final = 1450
LONGEST_NAME: Final = 150  # characters that the provider takes
MOST_AUTHORS: Final = 10_000  # of a list
MOST_SUBJECTS: Final = 50
MOST_MISSES: Final = 3  # answers in a row that are of no use
MORE_THAN_MIRROR: Final = 1.5  # editions that the provider has for one of the mirror

TIERS: Final[Mapping[str, tuple[int, int | None]]] = MappingProxyType(
    {
        "top-10": (1, 10),
        "top-100": (1, 100),
        "top-1000": (1, 1_000),
        "1000-5000": (1_001, 5_000),
        "5000-20000": (5_001, 20_000),
        "all": (1, None),
    }
)  # the first and the last rank
Kind = Literal["authors", "releases"]


class Authors(msgspec.Struct, frozen=True, tag="authors", forbid_unknown_fields=True):
    """Bibliographies: of a tier, or of these authors' numbers."""

    tier: str | None = None
    numbers: tuple[int, ...] = ()
    max_pages: int = PAGES_OF_AUTHOR
    skip_existing: bool = True


class Releases(msgspec.Struct, frozen=True, tag="releases", forbid_unknown_fields=True):
    """What was published in these months (2026-11), the newest first; with `subjects` only about one of these."""

    months: tuple[str, ...]
    max_pages: int = PAGES_OF_MONTH
    subjects: tuple[str, ...] = ()
    skip_existing: bool = True


Parameters = Authors | Releases


@dataclass(frozen=True, slots=True)
class Cost:
    """What a campaign would cost: steps, units at least and at the most, editions that they may bring.

    `days`: as long as the lane's share lasts, None without a limit. `by_isbn`: units for the same editions one by one.
    """

    steps: int
    units_least: int
    units_most: int
    editions: int | None
    by_isbn: int | None
    days: float | None


def authors(
    tier: str | None = None,
    numbers: Sequence[int] = (),
    max_pages: int = PAGES_OF_AUTHOR,
    skip_existing: bool = True,
) -> Authors:
    """The bibliographies that are asked for. Raises BadInput."""
    if tier is not None and tier not in TIERS:
        raise BadInput("tier", f"must be one of {', '.join(TIERS)}")
    if (tier is None) == (not numbers):
        raise BadInput("tier", "name a tier, or authors")
    if len(numbers) > MOST_AUTHORS:
        raise BadInput("author_key", f"a list takes up to {MOST_AUTHORS:,} authors, not {len(numbers):,}")
    return Authors(tier, tuple(dict.fromkeys(numbers)), _pages("max_pages", max_pages), skip_existing)


def releases(
    start_month: str,
    end_month: str,
    max_pages: int = PAGES_OF_MONTH,
    subjects: Sequence[str] = (),
    skip_existing: bool = True,
    field: str = "max_pages_per_month",
) -> Releases:
    """The releases that are asked for. Raises BadInput."""
    cleaned = [clean_line(text, 200) for text in subjects]
    if len(cleaned) > MOST_SUBJECTS or not all(any(letter.isalnum() for letter in text) for text in cleaned):
        raise BadInput("subjects", f"takes up to {MOST_SUBJECTS} subjects, each with a letter in it")
    months = tuple(reversed(months_between(start_month, end_month)))
    return Releases(months, _pages(field, max_pages), tuple(dict.fromkeys(cleaned)), skip_existing)


def _pages(field: str, number: int) -> int:
    if not 1 <= number <= MOST_PAGES:
        raise BadInput(field, f"must be from 1 to {MOST_PAGES}: the provider shows no more than 10,000 results")
    return number


def months_between(start: str, end: str) -> list[str]:
    """The months from one to the other, both included. Raises BadInput for the field that is wrong."""
    first, last = _month("start_month", start), _month("end_month", end)
    if last < first:
        raise BadInput("end_month", f"is before start_month {start}")
    if last - first >= MOST_MONTHS:
        raise BadInput("end_month", f"a campaign takes up to {MOST_MONTHS} months")
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def _month(field: str, text: str) -> int:
    match = re.fullmatch(r"(\d{4})-(\d\d)", text, re.ASCII)
    if not match or not 1 <= int(match[2]) <= 12 or not FIRST_YEAR <= int(match[1]) <= 2100:
        raise BadInput(field, "must be a month such as 2026-11")
    return int(match[1]) * 12 + int(match[2]) - 1


def recent_months(today: date) -> tuple[str, str]:
    """The months of a weekly look: the last one, for what came late, and this one."""
    before = date(today.year - (today.month == 1), today.month - 1 or 12, 1)
    return f"{before:%Y-%m}", f"{today:%Y-%m}"


def read_name(field: str, text: str) -> str:
    """The name of an author, clean. Raises BadInput for one that nobody can have."""
    if len(text) > 10 * LONGEST_NAME:
        raise BadInput(field, f"must not be longer than {LONGEST_NAME} characters, and has {len(text):,}")
    name = clean_line(text, 10 * LONGEST_NAME)
    if not any(character.isalpha() for character in name):
        raise BadInput(field, "must hold a letter")
    if len(name) > LONGEST_NAME:
        raise BadInput(field, f"must not be longer than {LONGEST_NAME} characters, and has {len(name):,}")
    return name


def kind_of(parameters: Parameters) -> Kind:
    """The kind of a campaign."""
    return "authors" if isinstance(parameters, Authors) else "releases"


def title_of(parameters: Parameters) -> str:
    """What a campaign is called."""
    if isinstance(parameters, Releases):
        first, last = parameters.months[-1], parameters.months[0]
        return first if first == last else f"{first} to {last}"
    count = len(parameters.numbers)
    return parameters.tier or f"{count:,} author{'s' if count > 1 else ''}"


# --- prices -------------------------------------------------------------------------------------------------


def cost_of_authors(editions: Sequence[int], max_pages: int, share: int | None, by_isbn: bool) -> Cost:
    """What the bibliographies of authors cost that have so many editions each in the mirror."""
    expected = [min(ceil(number * MORE_THAN_MIRROR / PAGE) or 1, max_pages) for number in editions]
    found = sum(min(ceil(number * MORE_THAN_MIRROR), PAGE * max_pages) for number in editions)
    return _cost(len(expected), sum(expected), len(expected) * max_pages, found, share, by_isbn)


def cost_of_tier(first: int, last: int | None, max_pages: int) -> Cost:
    """What a tier costs as far as its name tells, without a look at its authors."""
    steps = last - first + 1 if last else 0
    return Cost(steps, steps, steps * max_pages, None, None, None)


def cost_of_releases(months: int, max_pages: int, share: int | None, by_isbn: bool) -> Cost:
    """What the releases of so many months cost: nobody knows before how many there are."""
    most = months * max_pages
    return _cost(months, months, most, most * PAGE, share, by_isbn)


def _cost(steps: int, least: int, most: int, editions: int, share: int | None, by_isbn: bool) -> Cost:
    days = round(least / share, 2) if share else None
    return Cost(steps, least, most, editions, editions if by_isbn else None, days)


# --- one page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """What came for a page: of how many results in all, whether there are more, and a digest of what was on it."""

    editions: int
    more: bool
    total: int | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Next:
    """What a page means for its step: the `page` to ask for next, None at the end; why it ended before the last one."""

    page: int | None
    reason: str | None = None
    is_repeat: bool = False


def next_page(page: int, max_pages: int, came: Came, before: bytes | None) -> Next:
    """Where a step goes on after a page."""
    if came.editions and came.digest == before:
        return Next(None, f"page {page} is the same as the one before", is_repeat=True)
    if not came.more:
        if came.total is not None and page >= MOST_PAGES and came.total >= page * PAGE:
            return Next(None, "the provider shows no more than 10,000 results")
        return Next(None)
    if page >= max_pages:
        return Next(None, f"stopped after {max_pages} pages, as asked for")
    return Next(page + 1)


def eta_seconds(done: int, left: int, seconds: float) -> float | None:
    """Seconds until so many steps are done, at the rate of those that are; None before the first."""
    return left * seconds / done if done and seconds > 0 else None
