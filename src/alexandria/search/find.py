"""From a query to ranked candidates: exact words first, then doubt about each word, then all words but one or two.

Every step reads at most so many candidates, and no longer than so long: what it cannot find in that time is left out,
and the answer says that it may be incomplete.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from alexandria.biblio.finding import FORMATS, title_code
from alexandria.db import Database, Transaction, load_statements
from alexandria.errors import StatementTimeout
from alexandria.search.asked import Asked, Filters
from alexandria.search.lexicon import BEGUN, Reading
from alexandria.search.meaning import COMMON, Meaning, ask_for, count_together, is_common, read_title
from alexandria.search.rank import Candidate, Ranked, rank

SQL = load_statements(__package__)
MOST_READ = 20_000  # of which that many are looked at where they must fit filters
MOST_OF_TITLE = 60  # candidates with one title
MOST_OF_AUTHOR = 200  # works of an author who was found by a name that is not the mirror's
MILLISECONDS = 1_500  # that a statement may take; on a quiet machine the slowest take a tenth of it


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is read for an answer.

    `begun`: words that an unfinished one may become; `common`: where each word is in more documents than that, popular
    works are looked at first, and others only where the words are in no more than `most_common` documents together;
    `most`: candidates of a step; `good`: agreement of the best candidate above which no word is doubted.
    """

    begun: int = BEGUN
    common: int = COMMON
    most_common: int = 4 * COMMON
    most: int = 300
    good: float = 0.62


THOROUGH = Effort()


@dataclass(frozen=True, slots=True)
class Found:
    """Ranked candidates, the best first. `corrected` says which words of the best were read as others.

    `complete` is False when the time for a step was over, or works that are not popular were too many to look at.
    """

    ranked: Sequence[Ranked] = ()
    detected: str = "words"
    corrected: Sequence[tuple[str, str]] = ()
    complete: bool = True


async def find(database: Database, asked: Asked, filters: Filters, effort: Effort = THOROUGH) -> Found:
    """What is found by words. Raises DatabaseUnavailable."""
    search = _Search(database, asked, filters, effort)
    ranked = await search.run()
    best = ranked[0] if ranked else None
    return Found(ranked, _detected(best), best.corrected if best else (), search.complete)


def _detected(best: Ranked | None) -> str:
    """What the words were, judged by the best candidate."""
    if best is None:
        return "words"
    if best.in_title and best.in_authors:
        return "title and author"
    return "title" if best.in_title else "author"


class _Search:
    """One query while it is searched for."""

    def __init__(self, database: Database, asked: Asked, filters: Filters, effort: Effort) -> None:
        self._database, self._asked, self._filters, self._effort = database, asked, filters, effort
        self._reading = Reading(asked.wanted, effort.begun)
        self.complete = True
        self._candidates: dict[tuple[str, int], Candidate] = {}
        self._codes: set[int] = set()  # of titles that were asked for
        self._asked_for: list[Sequence[str]] = []
        self._order: list[Ranked] = []
        self._order_of: tuple[Sequence[Meaning], int] = [], 0

    async def run(self) -> list[Ranked]:
        """The candidates in order."""
        if not self._asked.wanted:
            return []
        meanings = await self._step(doubt=False)
        ranked = self._ranked(meanings)
        if self._is_good(ranked):
            return ranked
        doubted = await self._step(doubt=True)
        ranked = self._ranked(doubted)
        for missing in (1, 2):
            if self._is_good(ranked) or len(self._asked.wanted) < 2 * missing:
                break
            await self._ask_without(doubted, missing)
            ranked = self._ranked(doubted)
        return ranked

    def _ranked(self, meanings: Sequence[Meaning]) -> list[Ranked]:
        """The candidates in order, which is made anew only where a step brought something new."""
        state = meanings, len(self._candidates)
        if state != self._order_of:
            wished = self._filters.wished or self._filters.language
            self._order, self._order_of = rank(self._candidates.values(), meanings, wished), state
        return self._order

    def _is_good(self, ranked: Sequence[Ranked]) -> bool:
        return bool(ranked) and ranked[0].agreement >= self._effort.good

    async def _step(self, *, doubt: bool) -> list[Meaning]:
        """The meanings of the words; what they find is among the candidates."""
        meanings: list[Meaning] = []
        try:
            async with self._bounded() as transaction:
                meanings = await self._reading.meanings(transaction, doubt=doubt)
                await self._ask_by_title(transaction, meanings)
                await self._ask_by_terms(transaction, meanings, missing=0)
        except StatementTimeout:
            self.complete = False
        return meanings or [Meaning(each, 0) for each in self._asked.wanted]

    async def _ask_without(self, meanings: Sequence[Meaning], missing: int) -> None:
        """Nothing; what has all words but so many is among the candidates."""
        try:
            async with self._bounded() as transaction:
                await self._ask_by_terms(transaction, meanings, missing)
        except StatementTimeout:
            self.complete = False

    async def _ask_by_title(self, transaction: Transaction, meanings: Sequence[Meaning]) -> None:
        titles = [each for words in self._asked.titles for each in (words, read_title(words, meanings))]
        codes = {title_code(words) for words in titles} - self._codes
        if codes:
            self._codes |= codes
            params = {**self._params(), "language": self._filters.language, "most": MOST_OF_TITLE}
            self._add(await transaction.fetch(SQL["find_documents_by_title"], {**params, "codes": sorted(codes)}))

    async def _ask_by_terms(self, transaction: Transaction, meanings: Sequence[Meaning], missing: int) -> None:
        effort = self._effort
        terms = ask_for(meanings, self._filters.language, missing, effort.common)
        if not terms or terms in self._asked_for:
            return
        self._asked_for.append(terms)
        params = {**self._params(), "terms": terms, "most_read": self._most_read(), "most": effort.most}
        rows: Sequence[Sequence[Any]] = []
        all_read = True
        if is_common(meanings, effort.common):
            rows = await transaction.fetch(SQL["find_popular_documents"], params)
            all_read = not missing and count_together(meanings) <= effort.most_common
        if not rows and all_read:
            rows = await transaction.fetch(SQL["find_documents"], params)
        self.complete = self.complete and (bool(rows) or all_read)
        self._add(rows)
        await self._add_works_of_authors(transaction)

    def _most_read(self) -> int:
        filters = self._filters
        some = (filters.from_year, filters.to_year, filters.format, filters.has_cover)
        return self._effort.most if all(each is None for each in some) else MOST_READ

    def _params(self) -> dict[str, Any]:
        filters = self._filters
        return {
            "from_year": filters.from_year,
            "to_year": filters.to_year,
            "formats": 1 << FORMATS.index(filters.format) if filters.format else None,
            "has_cover": filters.has_cover,
        }

    def _add(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            candidate = Candidate(*row)
            self._candidates.setdefault((candidate.kind + str(candidate.work), candidate.id), candidate)

    async def _add_works_of_authors(self, transaction: Transaction) -> None:
        """The works of authors who were found by what was learned about them, instead of these."""
        authors = {each.id: each for each in self._candidates.values() if each.kind == "author"}
        self._candidates = {key: each for key, each in self._candidates.items() if each.kind != "author"}
        if not authors:
            return
        params = {"authors": sorted(authors), "most": MOST_OF_AUTHOR}
        for author, *row in await transaction.fetch(SQL["find_documents_of_authors"], params):
            work = Candidate(*row)
            names = f"{authors[author].authors}\n{work.authors}"
            self._candidates["by", work.id] = work._replace(authors=names)

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[Transaction]:
        async with self._database.transaction() as transaction:
            await transaction.fetch(SQL["bound"], {"milliseconds": str(MILLISECONDS)})
            yield transaction
