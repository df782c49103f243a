"""What the database knows of covers: facts to search by, the covers themselves, searches, pictures marked wrong.

Writing happens in a transaction of the caller's, together with what else belongs to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from alexandria.covers.choose import Standing
from alexandria.covers.find import Said, Told
from alexandria.covers.preview import are_alike
from alexandria.db import Database, Transaction, load_statements

SQL = load_statements(__package__)
EVERYWHERE: Final = 0  # the ISBN of pictures that are no cover of any book
AGAIN_DAYS: Final = (7, 30, 90)  # after the first search in vain, the second, …
State = Literal["stored", "missing", "refused", "later"]
_TOLD: Final = msgspec.json.Decoder(Told)


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover that is stored. `digest` names its objects; width and height are those of the large picture."""

    isbn: int
    digest: bytes
    width: int
    height: int
    colour: str
    preview: str
    look: int
    provider: str
    url: str | None = None
    page_url: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    author: str | None = None
    stored_at: datetime | None = None

    @property
    def standing(self) -> Standing:
        return Standing(self.provider, self.width, self.height, self.stored_at)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A picture that somebody said is not the cover of this book."""

    digest: bytes
    look: int
    url: str | None


@dataclass(slots=True)
class Facts:
    """All that a search for the cover of an ISBN begins with. `placeholders` are pictures that are no cover of any."""

    isbn: int
    cover_ids: tuple[int, ...] = ()
    ocaids: tuple[str, ...] = ()
    answers: list[Said] = field(default_factory=list)
    cover: Cover | None = None
    wrong: list[Wrong] = field(default_factory=list)
    placeholders: Collection[bytes] = ()

    def is_wrong(self, digest: bytes, look: int) -> bool:
        """Whether this picture was marked wrong, at whatever size it was then."""
        return any(each.digest == digest or are_alike(each.look, look) for each in self.wrong)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last search for a cover: what came of it, whom was asked, how often in vain in a row, when again."""

    isbn: int
    state: State
    reason: str | None
    tried: Sequence[Mapping[str, Any]]
    times: int
    at: datetime
    next_at: datetime | None


async def read_facts(database: Database, isbns: Sequence[int]) -> dict[int, Facts]:
    """What is known of each ISBN."""
    found, params = {isbn: Facts(isbn) for isbn in isbns}, {"isbns": list(isbns)}
    for isbn, covers, ocaids in await database.fetch(SQL["read_mirror_facts"], params):
        found[isbn].cover_ids = tuple(msgspec.json.decode(covers, type=list[int])) if covers else ()
        found[isbn].ocaids = tuple(msgspec.json.decode(ocaids, type=list[str])) if ocaids else ()
    for isbn, provider, source, at, told in await database.fetch(SQL["read_answer_facts"], params):
        found[isbn].answers.append(Said(provider, source, at, _TOLD.decode(told)))
    for isbn, cover in (await find_covers(database, isbns)).items():
        found[isbn].cover = cover
    placeholders: set[bytes] = set()
    for isbn, digest, look, url in await database.fetch(SQL["find_wrong"], params):
        if isbn == EVERYWHERE:
            placeholders.add(bytes(digest))
        else:
            found[isbn].wrong.append(Wrong(bytes(digest), look, url))
    for facts in found.values():
        facts.placeholders = placeholders
    return found


async def find_covers(database: Database, isbns: Sequence[int]) -> dict[int, Cover]:
    """The covers that there are of these ISBNs."""
    rows = await database.fetch(SQL["find_covers"], {"isbns": list(isbns)})
    return {row[0]: Cover(row[0], bytes(row[1]), *row[2:]) for row in rows}


async def find_attempts(database: Database, isbns: Sequence[int]) -> dict[int, Attempt]:
    """The last search for each of these ISBNs that was ever searched for."""
    rows = await database.fetch(SQL["find_attempts"], {"isbns": list(isbns)})
    return {
        isbn: Attempt(isbn, state, reason, msgspec.json.decode(tried), times, at, next_at)
        for isbn, state, reason, tried, times, at, next_at in rows
    }


async def write_covers(transaction: Transaction, covers: Sequence[Cover]) -> set[int]:
    """The ISBNs whose cover was stored: a user's stays, and so does the mark of a wrong one."""
    if not covers:
        return set()
    rows = [
        {
            "isbn": each.isbn, "hash": each.digest.hex(), "width": each.width, "height": each.height,
            "colour": each.colour, "preview": each.preview, "look": each.look, "provider": each.provider,
            "url": each.url, "page_url": each.page_url, "licence": each.licence, "licence_url": each.licence_url,
            "author": each.author,
        }
        for each in covers
    ]  # fmt: skip
    return {row[0] for row in await transaction.fetch(SQL["write_covers"], {"rows": _json(rows)})}


async def write_attempts(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Nothing; searches are noted. Rows have `isbn`, `state`, `reason`, `tried`, and `pause` (seconds) or `days`."""
    if rows:
        await transaction.execute(SQL["write_attempts"], {"rows": _json(rows)})


async def mark_wrong(transaction: Transaction, isbn: int, by: str, *, everywhere: bool = False) -> list[int] | None:
    """The ISBNs that lost their cover; None when this one has none."""
    row = await transaction.fetch_one(SQL["lock_cover"], {"isbn": isbn})
    if row is None:
        return None
    digest, look, url = row
    marked = EVERYWHERE if everywhere else isbn
    params = {"isbn": marked, "hash": digest, "look": look, "url": url, "by": by}
    await transaction.execute(SQL["mark_wrong"], params)
    if everywhere:
        lost = [each[0] for each in await transaction.fetch(SQL["delete_picture"], {"hash": digest})]
    else:
        await transaction.execute(SQL["delete_cover"], {"isbn": isbn})
        lost = [isbn]
    await transaction.execute(SQL["search_at_once"], {"isbns": lost})
    return lost


async def unmark_wrong(transaction: Transaction, isbn: int) -> int:
    """How many pictures may be the cover of an ISBN again."""
    forgotten = await transaction.execute(SQL["unmark_wrong"], {"isbn": isbn})
    if forgotten:
        await transaction.execute(SQL["search_at_once"], {"isbns": [isbn]})
    return forgotten


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
