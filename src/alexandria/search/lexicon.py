"""What the words of a query may mean, by the lexicon in the database."""

from collections.abc import Sequence

from alexandria.biblio.finding import is_in_one, pairs_of
from alexandria.db import Transaction, load_statements
from alexandria.search.asked import Wanted
from alexandria.search.meaning import Meaning, Other
from alexandria.search.nearby import (
    Known,
    can_be_wrong,
    corrections,
    halves,
    neighbourhoods,
    swapped,
    words_to_look_up,
)

SQL = load_statements(__package__)
RARE = 20  # documents with a word, below which another word may be meant all the same
OFTEN = 30  # times as often another word must be there to be meant instead of a known one
MOST_WRONG = 5  # words of a query that are corrected
BEGUN = 12  # words that an unfinished one may become
BEGUN_FIT = 0.85
SPLIT_FIT = 0.88


class Reading:
    """The words of one query as they are understood; what the lexicon said once is not asked again."""

    def __init__(self, wanted: Sequence[Wanted], most_begun: int = BEGUN) -> None:
        self._wanted, self._most_begun = wanted, most_begun
        self._known: dict[str, Known] | None = None
        self._begun: list[Other] = []
        self._corrected: dict[Wanted, list[Other]] = {}

    async def meanings(self, transaction: Transaction, *, doubt: bool = False) -> list[Meaning]:
        """The meaning of each wanted word. With `doubt` also words that are known may be wrong."""
        words = [each.word for each in self._wanted]
        known = await self._look_up(transaction, words)
        last = self._wanted[-1]
        wrong = [
            each
            for each in self._wanted
            if _may_be_wrong(each, known, doubt)
            and not (each is last and self._begun and not doubt)  # it is not typed to its end
        ][:MOST_WRONG]
        await self._correct(transaction, wrong, known)
        meanings = []
        for place, each in enumerate(self._wanted):
            count = _count(each, known)
            others: list[Other] = list(self._begun) if each is last else []
            if each in wrong:
                others += self._corrected[each]
            if doubt or not count:
                others += _joined(words, place, known)
            meanings.append(_meaning(each, count, others))
        return meanings

    async def _look_up(self, transaction: Transaction, words: Sequence[str]) -> dict[str, Known]:
        if self._known is None:
            pairs = [pair for word in words if is_in_one(word) for pair in pairs_of(word)]
            rows = await transaction.fetch(SQL["count_words"], {"words": [*words_to_look_up(words), *pairs]})
            last = self._wanted[-1]
            if last.is_open and (len(last.word) > 1 or len(words) == 1):
                self._begun = await _begun(transaction, last, self._most_begun)
            self._known = {row[0]: Known(*row) for row in rows}
        return self._known

    async def _correct(self, transaction: Transaction, wrong: Sequence[Wanted], known: dict[str, Known]) -> None:
        wrong = [each for each in wrong if each not in self._corrected]
        near = await _near(transaction, wrong)
        for each in wrong:
            count = _count(each, known)
            others = _corrected(each, count, [*near[each.word], *_swapped(each, known)])
            self._corrected[each] = others + _split(each, known, count)


def _may_be_wrong(each: Wanted, known: dict[str, Known], doubt: bool) -> bool:
    return can_be_wrong(each.word) and (doubt or _count(each, known) < RARE)


def _count(each: Wanted, known: dict[str, Known]) -> int:
    """In how many documents a word is, where it is looked for."""
    found = known.get(each.word)
    if found is None:
        pairs = pairs_of(each.word) if is_in_one(each.word) else []
        return min((known[pair].spread if pair in known else 0 for pair in pairs), default=0)
    return {"title": found.titles, "author": found.authors, "any": found.spread}[each.field]


def _meaning(each: Wanted, count: int, others: Sequence[Other]) -> Meaning:
    once = {other.words: other for other in sorted(others, key=lambda other: other.fit)}
    total = count + sum(other.spread for other in once.values())
    return Meaning(each, count, sorted(once.values(), key=lambda other: -other.fit), total)


async def _near(transaction: Transaction, wrong: Sequence[Wanted]) -> dict[str, list[Known]]:
    """The words of the lexicon in whose neighbourhood each wrong word is."""
    asked = [(place, near) for place, each in enumerate(wrong) for near in neighbourhoods(each.word)]
    found: dict[str, list[Known]] = {each.word: [] for each in wrong}
    if asked:
        params = {
            "places": [place for place, _ in asked],
            "sizes": [near.size for _, near in asked],
            "fronts": [near.front for _, near in asked],
            "backs": [near.back for _, near in asked],
        }
        for place, word, titles, authors in await transaction.fetch(SQL["list_near_words"], params):
            found[wrong[place].word].append(_in_field(Known(word, titles, authors), wrong[place]))
    return found


def _in_field(word: Known, each: Wanted) -> Known:
    """A word with the counts of the field in which it is looked for."""
    return Known(word.word, 0 if each.field == "author" else word.titles, 0 if each.field == "title" else word.authors)


def _swapped(each: Wanted, known: dict[str, Known]) -> list[Known]:
    return [_in_field(known[word], each) for word in swapped(each.word) if word in known]


def _corrected(each: Wanted, count: int, near: Sequence[Known]) -> list[Other]:
    at_least = count * OFTEN if count else 1
    return [Other((word.word,), fit, "corrected", word.spread) for word, fit in corrections(each.word, near, at_least)]


def _split(each: Wanted, known: dict[str, Known], count: int) -> list[Other]:
    """The word as two that are both known, the likeliest pair."""
    pairs = [
        (min(known[first].spread, known[second].spread), (first, second))
        for first, second in halves(each.word)
        if first in known and second in known and min(len(first), len(second)) > 2
    ]
    best = max(pairs, default=(0, ("", "")))
    return [Other(best[1], SPLIT_FIT, "corrected", best[0])] if best[0] > count else []


def _joined(words: Sequence[str], place: int, known: dict[str, Known]) -> list[Other]:
    """The word with the one before or after it as one, where that is known."""
    word = words[place]
    both = [words[place - 1] + word] if place else []
    both += [word + words[place + 1]] if place + 1 < len(words) else []
    return [Other((each,), SPLIT_FIT, "corrected", known[each].spread) for each in both if each in known]


async def _begun(transaction: Transaction, each: Wanted, most: int) -> list[Other]:
    """The most frequent words that begin like an unfinished one."""
    params = {"front": each.word, "most": most + 1}
    rows = await transaction.fetch(SQL["list_frequent_words"], params)
    if len(rows) < most:
        rows = await transaction.fetch(SQL["list_words"], params)
    words = [_in_field(Known(*row), each) for row in rows if row[0] != each.word]
    return [Other((word.word,), BEGUN_FIT, "begun", word.spread) for word in words[:most] if word.spread]
