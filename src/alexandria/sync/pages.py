"""Reading a day's changes to the end, although the list grows, is cut at a depth, and may come wrong.

Pages overlap: one that shares no changeset with the page before it is asked for again, since something between them
would be missing; and so is a whole page that was seen already, since what stands behind it would be. Nothing ends with
a short page, only with one that brings nothing new. A day that is longer than what
can be reached is read by bots and by people, and those by kind; what is cut even then is a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from alexandria.errors import Malformed
from alexandria.mirror.behind import Gap, Wanted
from alexandria.providers.open_library.changes import DEEPEST, LONGEST_PAGE, OVERLAP, Changeset, Page

SKIPPED = frozenset({"new-account", "lists"})  # they change nothing that is mirrored
KINDS = frozenset(  # those that are documented; others are learned from what is read
    "add-book edit-book merge-works merge-authors add-cover add-photo update undo revert bulk_update "
    "edit-edition-ocaid create-tag".split()
)
TRIES = 3  # of a page that cannot be right
QUIET = timedelta(hours=6)  # without a single change at Open Library, which is not to be believed
CUT = "more changes than Open Library lets anybody list; the next dump has them"
TORN = "pages of the list do not fit together"
EMPTY = "the list is empty"


class Ask(Protocol):
    """Asks for a page of a day's changes. Raises ProviderFailed."""

    async def __call__(
        self, day: date, kind: str | None = None, *, bot: bool | None = None, offset: int = 0, limit: int = LONGEST_PAGE
    ) -> Page: ...


class _Torn(Exception):
    """A slice that cannot be read whole, and why."""


@dataclass(slots=True)
class Reading:
    """What was read: changesets by their ids, and what could not be read."""

    changesets: dict[int, Changeset] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    pages: int = 0

    def wanted(self) -> Iterable[Wanted]:
        """The records that changed, those that were merged among them."""
        for each in self.changesets.values():
            if each.kind not in SKIPPED:
                yield from (Wanted(change.key, change.revision or 0, each.at) for change in each.changes)
                told = {change.key for change in each.changes}
                merged = (*each.duplicates, *((each.master,) if each.master else ()))
                yield from (Wanted(key, 0, each.at) for key in merged if key not in told)

    def newest_id(self) -> int | None:
        return max(self.changesets, default=None)


async def read_day(ask: Ask, day: date, since: datetime, until: datetime) -> Reading:
    """The changes of a day (UTC) from one time on, until another. Raises ProviderFailed."""
    reader = _Reader(ask, day, max(since, day_begins(day)), min(until, day_begins(day + timedelta(days=1))))
    await reader.read_all()
    return reader.reading


async def read_gap(ask: Ask, gap: Gap) -> Reading:
    """The changes of a gap, all of which lies in one day."""
    reader = _Reader(ask, gap.since.astimezone(UTC).date(), gap.since, gap.until)
    await reader.read_all(gap.kind, gap.bot)
    return reader.reading


def day_begins(day: date) -> datetime:
    """Midnight, UTC."""
    return datetime.combine(day, time(), UTC)


class _Reader:
    """Reads one day."""

    def __init__(self, ask: Ask, day: date, since: datetime, until: datetime) -> None:
        self._ask, self._day, self._since, self._until = ask, day, since, until
        self.reading = Reading()

    async def read_all(self, kind: str | None = None, bot: bool | None = None) -> None:
        """Nothing; the slice is read, in parts where it is too long, or there is a gap."""
        try:
            reached = await self._read(kind, bot)
        except (_Torn, Malformed) as error:
            self._miss(self._until, kind, bot, str(error))
            return
        if reached is None:
            return
        if bot is None:
            for each in (True, False):
                await self.read_all(kind, each)
        elif kind is None:
            for name in sorted((KINDS | self._kinds()) - SKIPPED):
                await self.read_all(name, bot)
        else:
            self._miss(reached, kind, bot, CUT)

    def _kinds(self) -> set[str]:
        return {each.kind for each in self.reading.changesets.values() if each.kind}

    def _miss(self, until: datetime, kind: str | None, bot: bool | None, reason: str) -> None:
        self.reading.gaps.append(Gap(self._since, until, reason, kind, bot))

    async def _read(self, kind: str | None, bot: bool | None) -> datetime | None:
        """None when the slice was read to its end; else how far back it could be read."""
        known: set[int] = set()
        offset, longest, oldest = 0, OVERLAP + 1, self._until
        last: set[int] = set()
        passed: set[int] = set()  # of which no whole page can consist that stands further on
        while True:
            page = await self._page(kind, bot, offset, last, passed, longest)
            last = {each.id for each in page.changesets}
            self.reading.changesets.update((each.id, each) for each in page.changesets if each.at >= self._since)
            fresh, known = last - known, known | last
            oldest = min([oldest, *(each.at for each in page.changesets)])
            if not fresh or all(each.at < self._since for each in page.changesets):
                return None
            if page.is_cut:
                return oldest
            before, offset = offset, min(offset + max(len(page.changesets) - OVERLAP, 0), DEEPEST)
            longest = max(longest, len(page.changesets))
            passed = known if offset > before else set()

    async def _page(
        self, kind: str | None, bot: bool | None, offset: int, last: set[int], passed: set[int], longest: int
    ) -> Page:
        """A page that goes on from the last one."""
        for attempt in range(TRIES):
            try:
                page = await self._ask(self._day, kind, bot=bot, offset=offset)
            except Malformed:
                if attempt == TRIES - 1:
                    raise
                continue
            self.reading.pages += 1
            ids = {each.id for each in page.changesets}
            if len(page.changesets) >= longest and ids <= passed:
                continue
            if last & ids or not (last or self._is_doubtful(page, kind, bot)):
                return page
        raise _Torn(TORN if last else EMPTY)

    def _is_doubtful(self, page: Page, kind: str | None, bot: bool | None) -> bool:
        """Whether there should be something on a first page."""
        return not page.changesets and kind is None and bot is None and self._until - self._since >= QUIET
