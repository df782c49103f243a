"""What may be meant by what was typed so far."""

from collections.abc import Sequence

import msgspec

from alexandria.db import Database, load_statements
from alexandria.search.asked import Asked, Filters
from alexandria.search.find import Effort, find

SQL = load_statements(__package__)
# Who types waits for each letter, and names a part of a title at most: less agreement is good.
QUICK = Effort(begun=20, common=20_000, most_common=200_000, most=100, good=0.5)


class Suggestion(msgspec.Struct, frozen=True):
    """A work that may be meant: its key, its title, the names of its authors."""

    key: str
    title: str | None
    authors: list[str]


async def suggest(database: Database, asked: Asked, filters: Filters, limit: int) -> Sequence[Suggestion]:
    """The likeliest works, the likeliest first. Raises DatabaseUnavailable."""
    found = await find(database, asked, filters, QUICK)
    works = [one.candidate.work for one in found.ranked if one.candidate.work is not None][:limit]
    rows = await database.fetch(SQL["read_suggestions"], {"works": works}) if works else []
    return [Suggestion(key, title, authors) for key, title, authors in rows]
