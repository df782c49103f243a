"""What each word of a query may mean, and the terms by which the index is asked. Pure."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

from alexandria.biblio.finding import ARTICLES, AUTHOR, LANGUAGE, is_in_one, pairs_of
from alexandria.search.asked import Wanted

__all__ = ["COMMON", "Meaning", "Other", "ask_for", "is_common", "leave_out"]

COMMON: Final = 200_000  # documents with the rarest word, above which only popular works are read
EVERYWHERE: Final = 1_000_000  # documents with a word that is not asked for where another one is rarer
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


def ask_for(meanings: Sequence[Meaning], language: str | None = None, missing: int = 0) -> str | None:
    """The text of a tsquery that all meanings fulfil, or all but so many; None where there is nothing to ask for."""
    needed = _needed(meanings)
    if not needed or missing >= len(needed):
        return None
    terms = [_term(meaning) for meaning in leave_out(needed)]
    if missing:
        sets = combinations(terms, max(1, len(terms) - missing))
        asked = " | ".join(f"({' & '.join(each)})" for each in sets)
    else:
        asked = " & ".join(terms)
    return f"({asked}) & {_quoted(LANGUAGE + language)}" if language else asked


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
    counts = [meaning.total for meaning in _needed(meanings)]
    return bool(counts) and min(counts) > above


def _term(meaning: Meaning) -> str:
    word, name, _ = meaning.wanted
    forms = [_of_field(word, name)]
    pairs = pairs_of(word) if is_in_one(word) else []
    if pairs:
        forms.append("(" + " & ".join(_of_field(pair, name) for pair in pairs) + ")")
    for other in meaning.others:
        forms.append("(" + " & ".join(_of_field(each, name) for each in other.words) + ")")
    return f"({' | '.join(forms)})"


def _of_field(word: str, name: str) -> str:
    plain, author = _quoted(word), _quoted(AUTHOR + word)
    if name == "title":
        return plain
    return author if name == "author" else f"({plain} | {author})"


def _quoted(term: str) -> str:
    """A term as a tsquery has it, whatever characters are in it."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
