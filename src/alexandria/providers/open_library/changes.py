"""Open Library's recent changes: who changed which records, newest first; pure.

There is no "since" and no cursor: a day is paged by offset, and no further than about 11,000 changesets. The list grows
at its head meanwhile, so pages overlap and changesets are told apart by their id.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec

from alexandria.biblio.keys import Key, parse_key
from alexandria.errors import BadInput, Malformed
from alexandria.providers.open_library.profile import BUCKET
from alexandria.providers.open_library.wire import ChangesetWire

LONGEST_PAGE = 1_000
DEEPEST = 10_000  # a larger offset silently gives this one again
OVERLAP = 50  # changesets of a page that are asked for again with the next
_KIND = re.compile(r"[a-z0-9_-]{1,40}")
_OURS = re.compile(r"/(?:books|works|authors)/OL[1-9][0-9]{0,11}[MWA]")
_decoder = msgspec.json.Decoder(list[ChangesetWire])


class Change(NamedTuple):
    """A record that changed, and the revision that it has since."""

    key: Key
    revision: int | None


@dataclass(frozen=True, slots=True)
class Changeset:
    """One act of somebody, with the editions, works and authors that it changed.

    `master` and `duplicates` say what a merge made one.
    """

    id: int
    kind: str
    at: datetime
    changes: tuple[Change, ...]
    master: Key | None = None
    duplicates: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Changesets, newest first. `next_offset` is None after the last page, and when there is more than can be reached.

    Then `is_cut` is true: the day is to be split by kind and by `bot`, or waits for the next dump.
    """

    changesets: tuple[Changeset, ...]
    next_offset: int | None
    is_cut: bool


def changes_path(day: date, kind: str | None) -> str:
    """The path of a day's changes, of one kind or of all."""
    if kind is not None and not _KIND.fullmatch(kind):
        raise BadInput("kind", "must be a kind of change such as edit-book")
    return f"/recentchanges/{day:%Y/%m/%d}{f'/{kind}' if kind else ''}.json"


def check_window(offset: int, limit: int) -> None:
    """Nothing; BadInput for a window that the server would silently put elsewhere."""
    if not 0 <= offset <= DEEPEST:
        raise BadInput("offset", f"must be 0 to {DEEPEST:,}: Open Library gives no changes beyond")
    if not OVERLAP < limit <= LONGEST_PAGE:
        raise BadInput("limit", f"must be {OVERLAP + 1} to {LONGEST_PAGE:,}")


def read_changes(body: bytes, offset: int, limit: int) -> Page:
    """The page that stands at `offset`. Raises Malformed."""
    try:
        found = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(BUCKET, f"recent changes cannot be read: {error}") from error
    changesets = tuple(_read_changeset(each) for each in found)
    if len(found) < limit:
        return Page(changesets, None, is_cut=False)
    if offset >= DEEPEST:
        return Page(changesets, None, is_cut=True)
    return Page(changesets, min(offset + limit - OVERLAP, DEEPEST), is_cut=False)


def _read_changeset(wire: ChangesetWire) -> Changeset:
    number = str(wire.id)
    try:
        at = datetime.fromisoformat(wire.timestamp)
    except ValueError:
        raise Malformed(BUCKET, f"a changeset of the time {wire.timestamp[:40]!r}") from None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Malformed(BUCKET, f"a changeset of the number {number[:40]!r}")
    changes = [Change(key, each.revision) for each in wire.changes or () for key in _keys([each.key])]
    data = wire.data if isinstance(wire.data, dict) else {}
    masters, duplicates = _keys([data.get("master")]), data.get("duplicates")
    return Changeset(
        id=int(number),
        kind=wire.kind,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        changes=tuple(dict.fromkeys(changes)),
        master=masters[0] if masters else None,
        duplicates=tuple(_keys(duplicates)) if isinstance(duplicates, list) else (),
    )


def _keys(names: Iterable[Any]) -> list[Key]:
    """The keys among the names that are of editions, works and authors."""
    found = []
    for name in names:
        if isinstance(name, str) and _OURS.fullmatch(name):
            try:
                found.append(parse_key(name))
            except BadInput:  # folder and letter do not go together
                continue
    return found
