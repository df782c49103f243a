"""Books like a book: works that share its rarer subjects, its series or its author, with the reason in a phrase.

What was found is kept, and found again each week (`refresh_similar`); where nothing is kept it is found at once.
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from alexandria.catalog.records import read_works
from alexandria.db import Database, load_statements
from alexandria.errors import StatementTimeout

SQL = load_statements(__package__)
SUBJECTS = 15  # of a work that are looked at
MOST = 300  # works of a subject; one that has more is too common to tell anything
OF_AUTHOR = 60
KEPT = 40
OF_SERIES = 60  # works of a series; a longer one is a publisher's, and tells nothing
BY_AUTHOR = 0.6  # what the same author adds; a subject that only two works share adds 1
BY_SERIES = 0.8
PER_DOUBLING = 0.03
MILLISECONDS = "2000"
PIECE = 200  # works that are looked up as stale at a time
MOST_AGAIN = 50_000  # works in one refresh
LONGEST = 3_600.0  # seconds of one


class Similar(msgspec.Struct, frozen=True):
    """A work that is like another, why, and how much (higher is more)."""

    work: int
    because: str
    score: float


class Rated(msgspec.Struct, frozen=True):
    """What ranks a work: how many editions it has, its folded title."""

    editions: int
    title: str


async def find_similar(database: Database, work: int) -> Sequence[Similar]:
    """Works like one, the likest first, kept from the last time or found now. Raises DatabaseUnavailable."""
    kept = await database.fetch_one(SQL["find_stored_similar"], {"work": work})
    if kept:
        return msgspec.json.decode(kept[0], type=list[Similar])
    found = await compute_similar(database, work)
    await database.execute(SQL["store_similar"], {"work": work, "works": msgspec.json.encode(found).decode()})
    return found


async def refresh_similar(database: Database, most: int = MOST_AGAIN, seconds: float = LONGEST) -> dict[str, Any]:
    """How many works were looked at again (`renewed`), and how many that were not for long are forgotten (`forgotten`).

    The oldest first, one after the other: somebody who searches comes in between.
    """
    renewed, deadline, stale = 0, time.monotonic() + seconds, True
    while stale and renewed < most and time.monotonic() < deadline:
        rows = await database.fetch(SQL["list_stale_similar"], {"most": min(PIECE, most - renewed)})
        for (work,) in rows:
            found = msgspec.json.encode(await compute_similar(database, work)).decode()
            await database.execute(SQL["store_similar"], {"work": work, "works": found})
        renewed += len(rows)
        stale = bool(rows)
    [(forgotten,)] = await database.fetch(SQL["forget_similar"])
    return {"renewed": renewed, "forgotten": forgotten}


async def read_similar(database: Database, work: int, limit: int) -> list[tuple[Similar, bytes]]:
    """Works like one with their JSON, the likest first. Raises DatabaseUnavailable."""
    found = (await find_similar(database, work))[:limit]
    bodies = await read_works(database, [each.work for each in found])
    return [
        (each, bodies[each.work].body)
        for each in found
        if each.work in bodies and bodies[each.work].merged_into != work
    ]


async def compute_similar(database: Database, work: int) -> list[Similar]:
    """Works like one, found now."""
    try:
        async with database.transaction() as transaction:
            await transaction.fetch(SQL["bound"], {"milliseconds": MILLISECONDS})
            params = {"work": work, "subjects": SUBJECTS, "most": MOST}
            shared = await transaction.fetch(SQL["find_similar_by_subject"], params)
            same = await transaction.fetch(SQL["find_works_of_same_authors"], {"work": work, "most": OF_AUTHOR})
            series = await transaction.fetch(SQL["find_works_of_same_series"], {"work": work, "most": OF_SERIES})
            works = list({work, *(row[0] for row in (*shared, *same, *series))})
            rows = await transaction.fetch(SQL["rate_works"], {"works": works})
    except StatementTimeout:
        return []
    rated = {number: Rated(editions, title) for number, editions, title in rows}
    in_series = {other: name for other, name, spread in series if spread < OF_SERIES}
    return rank_similar(work, [(row[0], row[1], row[2]) for row in shared], [row[0] for row in same], rated, in_series)


def rank_similar(
    work: int,
    shared: Iterable[tuple[int, str, int]],
    same_author: Iterable[int],
    rated: Mapping[int, Rated],
    in_series: Mapping[int, str] = MappingProxyType({}),
) -> list[Similar]:
    """The works in order: (work, subject, how many works have the subject), works of the author, what is known of all,
    works of its series with the name of that.

    Another record of the same title is no other book, so each title comes once, and that of `work` not at all.
    """
    subjects: dict[int, dict[str, float]] = {}
    for other, subject, spread in shared:
        if spread < MOST:
            subjects.setdefault(other, {})[subject] = 1 / math.log2(max(spread, 2))
    authors = set(same_author)
    found: list[Similar] = []
    for other in subjects.keys() | authors | in_series.keys():
        known = rated.get(other)
        if other == work or known is None:
            continue
        told = subjects.get(other, {})
        score = sum(told.values()) + (BY_AUTHOR if other in authors else 0.0)
        score += BY_SERIES if other in in_series else 0.0
        score += PER_DOUBLING * math.log2(1 + max(known.editions, 0))
        found.append(Similar(other, _phrase(told, other in authors, in_series.get(other)), round(score, 4)))
    found.sort(key=lambda each: (-each.score, each.work))
    first: dict[str, Similar] = {}
    for each in found:
        first.setdefault(rated[each.work].title, each)
    first.pop(rated[work].title if work in rated else "", None)
    return list(first.values())[:KEPT]


def _phrase(subjects: Mapping[str, float], same_author: bool, series: str | None) -> str:
    """Why, such as "same author; also about Foxes and Hens"."""
    rarest = sorted(subjects, key=lambda subject: (-subjects[subject], subject))[:2]
    parts = ["same author"] if same_author else []
    parts += [f"also in the series {series}"] if series else []
    parts += [f"also about {' and '.join(rarest)}"] if rarest else []
    return "; ".join(parts)
