"""Ranked candidates as answers: each work with its best edition, or each edition that fits."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from alexandria.catalog.records import read_editions, read_works
from alexandria.db import Database, load_statements
from alexandria.search.asked import Filters
from alexandria.search.rank import Ranked

SQL = load_statements(__package__)
EDITIONS = 10  # of a work, where editions are asked for


class Shown(NamedTuple):
    """A result: a work and an edition of it as JSON, either of which may be missing."""

    work: bytes | None
    edition: bytes | None
    editions: int
    languages: Sequence[str]
    agreement: int

    def body(self) -> bytes:
        """The result as JSON."""
        return b'{"work":%b,"edition":%b,"edition_count":%d,"languages":%b,"agreement":%d}' % (
            self.work or b"null",
            self.edition or b"null",
            self.editions,
            msgspec.json.encode(self.languages),
            self.agreement,
        )


class _Edition(NamedTuple):
    """Where an edition stands: its work, its number (-ISBN for one beside the mirror), its first ISBN."""

    work: int
    number: int
    isbn: int | None


async def show(database: Database, ranked: Sequence[Ranked], filters: Filters, *, each: int = 1) -> list[Shown]:
    """The results for candidates in their order; of each work up to `each` editions, in results of their own."""
    works = [one.candidate.work for one in ranked if one.candidate.work is not None]
    bodies = await _works(database, works)
    target = {number: body[0] for number, body in bodies.items()}
    chosen = await _choose(database, list(dict.fromkeys(target.get(work, work) for work in works)), filters, each)
    alone = [_Edition(0, -one.candidate.id, one.candidate.id) for one in ranked if one.candidate.work is None]
    asked = [edition for editions in chosen.values() for edition in editions] + alone
    editions = await read_editions(database, asked) if asked else {}
    shown: list[Shown] = []
    seen: set[int] = set()
    for one in ranked:
        work = one.candidate.work
        if work is None:
            places: Sequence[_Edition] = [_Edition(0, -one.candidate.id, one.candidate.id)]
        else:
            work = target.get(work, work)
            if work in seen:
                continue
            seen.add(work)
            places = chosen.get(work, [])
        found = bodies.get(one.candidate.work) if one.candidate.work is not None else None
        body = found[1] if found else None
        told: list[bytes | None] = [editions[place.number] for place in places if place.number in editions]
        if body is None and not told:
            continue
        shown += [_result(one, body, edition) for edition in told or [None]]
    return shown


def _result(one: Ranked, work: bytes | None, edition: bytes | None) -> Shown:
    candidate = one.candidate
    return Shown(work, edition, candidate.editions, candidate.languages.split(), round(100 * one.agreement))


async def _works(database: Database, works: Sequence[int]) -> Mapping[int, tuple[int, bytes]]:
    """By the number of a work the number and JSON of what it shows as."""
    found = await read_works(database, works)
    merged = {number: shown.merged_into for number, shown in found.items() if shown.merged_into is not None}
    others = await read_works(database, merged.values()) if merged else {}
    told: dict[int, tuple[int, bytes]] = {}
    for number, shown in found.items():
        goal = merged.get(number)
        told[number] = (goal, others[goal].body) if goal is not None and goal in others else (number, shown.body)
    return told


async def _choose(
    database: Database, works: Sequence[int], filters: Filters, each: int
) -> Mapping[int, list[_Edition]]:
    """The best editions of each work."""
    params: dict[str, Any] = {
        "works": works,
        "language": filters.language,
        "format": filters.format,
        "from_year": filters.from_year,
        "to_year": filters.to_year,
        "wished": filters.wished,
        "each": each,
    }
    chosen: dict[int, list[_Edition]] = {}
    for work, number, isbn in await database.fetch(SQL["choose_editions"], params) if works else []:
        chosen.setdefault(work, []).append(_Edition(work, number, isbn))
    return chosen
