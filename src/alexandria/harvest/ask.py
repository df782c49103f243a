"""What somebody asks for, before it is started: which author is meant, and what it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alexandria.db import Database
from alexandria.errors import AlexandriaError
from alexandria.harvest.campaign import SQL
from alexandria.harvest.plan import TIERS, Authors, Cost, Parameters, cost_of_authors, cost_of_releases, read_name
from alexandria.harvest.tiers import FRESH, rank
from alexandria.quota.policy import LANES, Policy

BUCKET: Final = "isbndb"
MANY: Final = 5  # redirects that are followed


class UnknownAuthor(AlexandriaError):
    """No such author is known."""


@dataclass(frozen=True, slots=True)
class Named:
    """An author as they are shown, by number."""

    number: int
    name: str


async def author_named(database: Database, text: str, field: str = "author_name") -> Named:
    """The author of a name, of several the one with the most works. Raises BadInput, UnknownAuthor."""
    name = read_name(field, text)
    row = await database.fetch_one(SQL["find_named"], {"name": name.lower()})
    if row is None:
        raise UnknownAuthor(f"No author named {name[:60]!r} is known.")
    return Named(row[0], row[1])


async def author_numbered(database: Database, number: int, key: str) -> Named:
    """The author of a number, or what they were merged into. Raises UnknownAuthor."""
    for _ in range(MANY):
        rows = await database.fetch(SQL["find_authors"], {"ids": [number]})
        if rows:
            return Named(rows[0][1], rows[0][2])
        redirect = await database.fetch_one(SQL["find_redirect"], {"id": number})
        if redirect is None or redirect[0] is None:
            break
        number = redirect[0]
    raise UnknownAuthor(f"No author {key} is known.")


async def cost_of(database: Database, about: Parameters, policy: Policy | None, *, by_isbn: bool) -> Cost:
    """What a campaign would cost. For a tier, authors are ranked first where that was long ago, which takes minutes."""
    share = share_of_day(policy)
    if not isinstance(about, Authors):
        return cost_of_releases(len(about.months), about.max_pages, share, by_isbn)
    return cost_of_authors(await _editions(database, about), about.max_pages, share, by_isbn)


async def _editions(database: Database, about: Authors) -> Sequence[int]:
    """How many editions the mirror has of each author whom somebody would have to be asked about."""
    if about.tier is None:
        return [row[3] for row in await database.fetch(SQL["find_authors"], {"ids": list(about.numbers)})]
    await rank(database)
    first, last = TIERS[about.tier]
    params = {"first": first, "last": last or 2**31 - 1, "fresh": FRESH if about.skip_existing else None}
    row = await database.fetch_one(SQL["count_tier"], params)
    return list(row[1]) if row else []


def share_of_day(policy: Policy | None) -> int | None:
    """Units of a day that the lane `harvest` may have from its beginning; None: there is no limit."""
    if policy is None or policy.allowance is None:
        return None
    return int(policy.allowance * (1 - LANES["harvest"].leaves))
