"""Which of two revisions of a record holds, as a load decides it: the newest; of equals the record. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alexandria.biblio.keys import Key
from alexandria.biblio.records import Author, Edition, Record, Redirect, Work
from alexandria.mirror.rows import Row, row_of


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it has become: a redirect or a deletion, too. `modified` is ISO, UTC without a zone."""

    record: Record
    revision: int
    modified: str | None = None

    @property
    def key(self) -> Key:
        match self.record:
            case Redirect(kind=kind, number=number):
                return Key(kind, number)
            case Edition(number=number):
                return Key("edition", number)
            case Work(number=number):
                return Key("work", number)
            case Author(number=number):
                return Key("author", number)

    @property
    def is_redirect(self) -> bool:
        return isinstance(self.record, Redirect)

    def row(self) -> Row:
        """The row of the mirror's table."""
        return row_of(self.record, self.modified, self.revision)


@dataclass(frozen=True, slots=True)
class Held:
    """What the mirror has of a record: lists that others are derived from, and where a redirect leads."""

    is_redirect: bool
    revision: int
    work: int | None = None
    isbns: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    target: Key | None = None


def newest(changes: Iterable[Change]) -> dict[Key, Change]:
    """One change for each record: the newest, and where a redirect has the same revision, the record."""
    found: dict[Key, Change] = {}
    for change in changes:
        other = found.get(change.key)
        if other is None or _rank(change) >= _rank(other):
            found[change.key] = change
    return found


def replaces(change: Change, held: Held | None) -> bool:
    """Whether a change takes the place of what is held; one of the same revision does, so that it may be repaired."""
    if held is None:
        return True
    if change.is_redirect and not held.is_redirect:
        return change.revision > held.revision
    return change.revision >= held.revision


def _rank(change: Change) -> tuple[int, bool]:
    return change.revision, not change.is_redirect


def lead(ids: Iterable[int], finals: Mapping[int, int]) -> list[int]:
    """The numbers with merged ones replaced by what is left of them, each once, in order."""
    return list(dict.fromkeys(finals.get(number, number) for number in ids))
