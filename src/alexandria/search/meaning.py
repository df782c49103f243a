"""What each word of a query may mean, and the terms by which the index is asked. Pure."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

from alexandria.biblio.finding import ARTICLES, AUTHOR, LANGUAGE, is_in_one, pairs_of
from alexandria.search.asked import Wanted

__all__ = ["COMMON", "Meaning", "Other", "ask_for", "count_together", "is_common", "leave_out", "read_title"]

COMMON: Final = 200_000  # documents with the rarest word, above which only popular works are read
EVERYWHERE: Final = 1_000_000  # documents with a word that is not asked for where another one is rarer
PAYS: Final = 4  # times as many documents of other words may be read again for each form of a word
How = Literal["begun", "corrected"]


class Other(NamedTuple):
    """Another word, or several, that will do for the one asked: how well (0–1), and why."""

    words: tuple[str, ...]
    fit: float
    how: How
    spread: int = 0
    """In how many documents they are, the rarest of them."""


class Meaning(NamedTuple):
    """A word that was asked for, in how many documents it is, and what else may be meant by it."""

    wanted: Wanted
    spread: int
    others: Sequence[Other] = ()
    total: int = 0
    """Documents with it or any of the others."""

    @property
    def reach(self) -> int:
        """Documents to be expected: letters are not counted, for they are everywhere."""
        return max(self.total, EVERYWHERE) if len(self.wanted.word) == 1 and not self.must_match else self.total

    @property
    def weight(self) -> float:
        """How much the word tells: a rare one 1, the commonest 0.1."""
        if not self.must_match:
            return 0.05
        known = self.spread or self.total
        return max(0.1, 1 - math.log10(1 + known) / 7) if known else 0.9

    @property
    def must_match(self) -> bool:
        """Whether the index is asked for it: single letters are initials or say too little, articles are left out."""
        word = self.wanted.word
        return word not in ARTICLES and (len(word) > 1 or is_in_one(word))


def ask_for(
    meanings: Sequence[Meaning], language: str | None = None, missing: int = 0, common: int = COMMON
) -> list[str]:
    """The texts of tsqueries of which documents fulfil any: all meanings, or all but so many.

    Words that are left when some are missing must tell something: those that are all common are not asked for, unless
    all are. Empty where there is nothing to ask for.
    """
    needed = _needed(meanings)
    if missing >= len(needed):
        return []
    told = leave_out(needed)
    if missing:
        sets = [list(each) for each in combinations(told, max(1, len(told) - missing))]
        telling = [each for each in sets if min(meaning.reach for meaning in each) <= common] or sets
    else:
        telling = [told]
    asked = [text for each in telling for text in _distributed(each)]
    return [f"({each}) & {_quoted(LANGUAGE + language)}" if language else each for each in asked]


def _distributed(meanings: Sequence[Meaning]) -> list[str]:
    """One tsquery, or one for each form of the word that has the most, with the others.

    The index goes through the documents of the rarest word, and weighs all forms of all words for each. One form after
    the other it weighs less, but reads the other words again each time: that pays where it goes through a good part of
    their documents in any case.
    """
    widest = max(meanings, key=lambda meaning: len(meaning.others))
    rest = [meaning for meaning in meanings if meaning is not widest]
    asked = list(map(_term, rest))
    gone_through = min(meaning.total for meaning in meanings)
    if PAYS * gone_through < sum(meaning.total for meaning in rest):
        return [_all_of([*asked, _term(widest)])]
    return [_all_of([*asked, form]) for form in _forms(widest)]


def _needed(meanings: Iterable[Meaning]) -> list[Meaning]:
    """Those that must match, or all where none must: a single letter that is typed first."""
    told = list(meanings)
    return [meaning for meaning in told if meaning.must_match] or told


def leave_out(meanings: Sequence[Meaning]) -> list[Meaning]:
    """The meanings without words that are everywhere, where others tell more."""
    told = [meaning for meaning in meanings if meaning.total <= EVERYWHERE]
    return told or sorted(meanings, key=lambda meaning: meaning.total)[:3]


def is_common(meanings: Iterable[Meaning], above: int = COMMON) -> bool:
    """Whether even the rarest word is in so many documents that only popular works can be looked at."""
    counts = [meaning.reach for meaning in _needed(meanings)]
    return bool(counts) and min(counts) > above


def read_title(words: Sequence[str], meanings: Iterable[Meaning]) -> list[str]:
    """The words of a title as they are read: in place of those that nothing has, what is likeliest to be meant."""
    read: list[str] = []
    likeliest = {
        meaning.wanted.word: meaning.others[0].words
        for meaning in meanings
        if meaning.others and not meaning.spread and meaning.wanted.field != "author"
    }
    before: tuple[str, ...] = ()
    for word in words:
        meant = likeliest.get(word, (word,))
        if meant != before:  # two words may be read as one
            read += meant
        before = meant
    return read


def count_together(meanings: Iterable[Meaning]) -> int:
    """In how many documents the words are that the index is asked for, each counted by itself."""
    return sum(meaning.total for meaning in leave_out(_needed(meanings)))


def _term(meaning: Meaning) -> str:
    return _any_of(_forms(meaning))


def _forms(meaning: Meaning) -> list[str]:
    """A tsquery for each of the words that will do."""
    word, name, _ = meaning.wanted
    forms = [_of_field(word, name)]
    pairs = pairs_of(word) if is_in_one(word) else []
    if pairs:
        forms.append(_all_of(_of_field(pair, name) for pair in pairs))
    for other in meaning.others:
        forms.append(_all_of(_of_field(each, name) for each in other.words))
    return forms


def _all_of(terms: Iterable[str]) -> str:
    return f"({' & '.join(terms)})"


def _any_of(terms: Iterable[str]) -> str:
    return f"({' | '.join(terms)})"


def _of_field(word: str, name: str) -> str:
    plain, author = _quoted(word), _quoted(AUTHOR + word)
    if name == "title":
        return plain
    return author if name == "author" else f"({plain} | {author})"


def _quoted(term: str) -> str:
    """A term as a tsquery has it, whatever characters are in it."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
