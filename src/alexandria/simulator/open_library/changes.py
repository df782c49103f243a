"""What is edited at Open Library: 2,000 changesets a simulated day since 2026, and the revisions that come of them.

A changeset is a turn: its number counts days and places. A turn's last two digits say its kind, its place in a cycle
of 300,000 turns (150 days) which edition it is about. One turn in a hundred edits a record of the sample catalogue,
so that a mirror of it has something to follow.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.clock import Clock
from alexandria.simulator.open_library import keys

A_DAY, CYCLE = 2_000, 300_000
BEGIN = date(2026, 1, 1).toordinal() * A_DAY
_SAMPLE_AT = 50
_SPREAD = 12_345_677  # prime to the cycle
_BACK = pow(_SPREAD, -1, CYCLE)
_SHARES = (
    ("new-account", 30), ("lists", 15), ("add-cover", 10), ("edit-book", 26), ("update", 8), ("add-book", 5),
    ("merge-works", 3), ("merge-authors", 2), ("add-photo", 1),
)  # fmt: skip
KINDS = [kind for kind, share in _SHARES for _ in range(share)]
_ABOUT_EDITIONS = ("add-cover", "edit-book", "update", "add-book", "merge-works")
_ABOUT_WORKS = ("edit-book", "add-book", "merge-works")


class Change(NamedTuple):
    """One changeset as the site lists it."""

    id: str
    kind: str
    timestamp: str
    comment: str | None
    author: dict[str, str] | None
    ip: None
    changes: list[dict[str, Any]]
    data: dict[str, Any]


class Changes:
    """The changesets up to now, and what they made of each record."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._sample = [
            key for key, record in catalogue.sample.records.items() if "title" in record or "name" in record
        ]
        self._sample_places = {key: place for place, key in enumerate(self._sample)}

    def turns(self, first: int, last: int, kind: str | None) -> Iterator[int]:
        """The turns from `last` (now, if that is earlier) down to `first`, of one kind if it is given."""
        for turn in range(min(last, self.now()), max(first, BEGIN) - 1, -1):
            if kind is None or KINDS[turn % 100] == kind:
                yield turn

    def now(self) -> int:
        """The newest turn."""
        now = self._clock.now()
        second = now.hour * 3600 + now.minute * 60 + now.second
        return now.date().toordinal() * A_DAY + second * A_DAY // 86_400

    def change(self, turn: int) -> Change:
        """The changeset of a turn."""
        kind = KINDS[turn % 100]
        touched, data = self._touched(turn, kind)
        author = author_of(turn)
        return Change(
            id=str(turn),
            kind=kind,
            timestamp=moment(turn),
            comment=None if turn % 7 == 0 else f"invented change {turn}",
            author={"key": author} if author else None,
            ip=None,
            changes=[{"key": key, "revision": self.revision(key, turn)} for key in touched],
            data=data,
        )

    def changes_records(self, turn: int) -> bool:
        """Whether a turn changes editions, works or authors, not only accounts and lists."""
        return KINDS[turn % 100] not in ("new-account", "lists")

    def revision(self, key: str, turn: int | None = None) -> int:
        """The revision of a record after a turn, by default the newest."""
        place = self._sample_places.get(key)
        if place is not None:
            base = int(self._catalogue.sample.records[key].get("revision", 1))
            return base + self._sample_edits(place, self.now() if turn is None else turn)
        parsed = keys.parse(key)
        created = 2 if parsed and parsed.number >= keys.OLD else 1  # a redirect was a record before
        return created + len(self.edits(key, self.now() if turn is None else turn))

    def edits(self, key: str, turn: int) -> list[int]:
        """The turns, up to this one, that touched a record of the catalogue; the oldest first."""
        parsed = keys.parse(key)
        if parsed is None or not keys.LIVE <= parsed.number < keys.GONE:
            return []
        old, number = parsed.number >= keys.OLD, parsed.number % keys.LIVE
        if parsed.kind == "books":
            return [] if old else _turns_about([number], _ABOUT_EDITIONS, turn)
        if parsed.kind == "works":
            return _turns_about(numbers.editions_of(number), ("merge-works",) if old else _ABOUT_WORKS, turn)
        works = [work for work in numbers.works_of(number) if numbers.authors_of(work)[0] == number]
        editions = [edition for work in works for edition in numbers.editions_of(work)]
        return _turns_about(editions, ("merge-authors",) if old else ("merge-authors", "add-photo"), turn)

    def last_edit(self, key: str) -> int | None:
        """The newest turn that touched a record; None when none did."""
        place, now = self._sample_places.get(key), self.now()
        if place is None:
            edits = self.edits(key, now)
            return edits[-1] if edits else None
        round_now = (now - _SAMPLE_AT) // 100
        round_last = round_now - (round_now - place) % len(self._sample)
        turn = round_last * 100 + _SAMPLE_AT
        return turn if turn >= BEGIN else None

    def _touched(self, turn: int, kind: str) -> tuple[list[str], dict[str, Any]]:
        """The keys that a turn changed and what its `data` says."""
        if turn % 100 == _SAMPLE_AT:
            return [self._sample[turn // 100 % len(self._sample)]], {}
        if kind == "new-account":
            return [f"/people/user{turn}", f"/people/user{turn}/usergroup"], {}
        edition = turn * _SPREAD % CYCLE
        work = numbers.work_of(edition)
        author = numbers.authors_of(work)[0]
        edition_key = keys.write("books", keys.LIVE + edition)
        work_key, author_key = keys.write("works", keys.LIVE + work), keys.write("authors", keys.LIVE + author)
        if kind == "lists":
            listed = f"/people/user{turn % 500}/lists/OL{turn % 9_000 + 1}L"
            return [listed], {"list": {"key": listed}, "seeds": [edition_key], "add": [edition_key], "remove": []}
        if kind == "merge-works":
            old = keys.write("works", keys.OLD + work)
            return [work_key, old, edition_key], {"master": work_key, "duplicates": [old]}
        if kind == "merge-authors":
            old = keys.write("authors", keys.OLD + author)
            return [author_key, old], {"master": author_key, "duplicates": [old]}
        if kind == "add-photo":
            return [author_key], {}
        return [edition_key, work_key] if kind in _ABOUT_WORKS else [edition_key], {}

    def _sample_edits(self, place: int, turn: int) -> int:
        """How often the sample's record at that place was edited up to a turn."""
        count = len(self._sample)
        first, last = -(-(BEGIN - _SAMPLE_AT) // 100), (turn - _SAMPLE_AT) // 100
        return max((last - place) // count - (first - 1 - place) // count, 0)


def author_of(turn: int) -> str:
    """The key of who did a turn; nothing for somebody without an account."""
    if turn % 11 == 1:
        return ""
    return "/people/InventedBot" if turn % 3 == 0 else f"/people/user{turn % 500}"


def moment(turn: int) -> str:
    """When a turn happened, as the site writes it: no zone, UTC."""
    day, place = divmod(turn, A_DAY)
    at = datetime.combine(date.fromordinal(day), datetime.min.time(), UTC)
    return (at + timedelta(seconds=place * 86_400 / A_DAY)).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _turns_about(editions: Any, kinds: tuple[str, ...], last: int) -> list[int]:
    found: list[int] = []
    for edition in editions:
        place = edition * _BACK % CYCLE
        if edition < CYCLE and KINDS[place % 100] in kinds and place % 100 != _SAMPLE_AT:
            first = BEGIN + (place - BEGIN) % CYCLE
            found += range(first, last + 1, CYCLE)
    return sorted(found)
