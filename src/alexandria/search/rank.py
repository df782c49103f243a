"""How well a candidate agrees with what was asked, and which come first. Pure.

Agreement comes first, popularity among those that agree about alike, the wished language a little.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from alexandria.biblio.finding import AUTHOR, initials_of, is_in_one
from alexandria.search.meaning import Meaning

__all__ = ["Candidate", "Ranked", "rank"]

LEAST: Final = 0.25  # agreement below which a candidate is no result
TAIL: Final = 0.55  # as a share of the best agreement
WHOLE: Final = 0.25  # of the agreement: how much of the title was named
EXACT: Final = 0.12  # for naming a whole title, nothing else
SURE: Final = 0.8  # how well each word must fit for that: a letter of a longer one may be wrong
POPULARITY: Final = 0.035  # for each doubling of editions, or of readers
MOST_DOUBLINGS: Final = 9.0
WISHED: Final = 0.08  # for the language that comes first
BEGUN_NAME: Final = 0.7  # how well an initial does for a name, or a name for an initial


class Candidate(NamedTuple):
    """A document that may be meant, as the statements give it; `work` is None for an edition without one."""

    kind: str
    id: int
    work: int | None
    popularity: int
    year: int | None
    last_year: int | None
    formats: int
    has_cover: bool
    languages: str
    title: str
    more: str
    authors: str
    editions: int = 0


class Ranked(NamedTuple):
    """A candidate with its agreement (0–1), its score, where words were found, and what was read as another word."""

    candidate: Candidate
    agreement: float
    score: float
    in_title: bool
    in_authors: bool
    corrected: tuple[tuple[str, str], ...]


class _Fit(NamedTuple):
    """How well a word is in a list of words, and the words that did for it where it was corrected."""

    value: float = 0.0
    by: tuple[str, ...] = ()
    corrected: bool = False


NONE: Final = _Fit()


class _Text(NamedTuple):
    """A title or a name: its words in order, the same to look them up, its initials as words."""

    words: Sequence[str]
    known: frozenset[str]
    initials: Sequence[str]


def _text(words: Sequence[str]) -> _Text:
    initials = list(initials_of(words)) if list(map(len, words)).count(1) > 1 else ()
    return _Text(words, frozenset(words), initials)


def rank(candidates: Iterable[Candidate], meanings: Sequence[Meaning], wished: str | None = None) -> list[Ranked]:
    """The candidates that agree, the best first; of each work and each edition without one the best document."""
    weights = [meaning.weight for meaning in meanings]
    best: dict[tuple[str, int], Ranked] = {}
    popularity: dict[tuple[str, int], int] = {}
    for candidate in candidates:
        key = ("work", candidate.work) if candidate.work is not None else (candidate.kind, candidate.id)
        popularity[key] = max(popularity.get(key, 0), candidate.popularity)
        ranked = judge(candidate, meanings, weights, wished)
        if ranked.agreement >= LEAST and (key not in best or ranked.agreement > best[key].agreement):
            best[key] = ranked
    least = TAIL * max((each.agreement for each in best.values()), default=0.0)
    found = [
        each._replace(score=each.score + _by_popularity(popularity[key]))
        for key, each in best.items()
        if each.agreement >= least
    ]
    return sorted(found, key=lambda each: (-each.score, each.candidate.id))


def _by_popularity(popularity: int) -> float:
    return POPULARITY * min(math.log2(1 + max(popularity, 0)), MOST_DOUBLINGS)


def judge(candidate: Candidate, meanings: Sequence[Meaning], weights: Sequence[float], wished: str | None) -> Ranked:
    """A candidate with its agreement, without what its popularity adds."""
    names = [_text([word.removeprefix(AUTHOR) for word in line.split()]) for line in candidate.authors.split("\n")]
    in_names = [_in_names(meaning, names) for meaning in meanings]
    total = sum(weights) or 1.0
    best: Ranked | None = None
    for title, is_main in _titles(candidate):
        in_title = [_in_title(meaning, title) for meaning in meanings]
        chosen = [max(pair, key=lambda fit: fit.value) for pair in zip(in_title, in_names, strict=True)]
        explained = sum(fit.value * weight for fit, weight in zip(chosen, weights, strict=True)) / total
        by_title = [fit for fit, name in zip(in_title, in_names, strict=True) if fit.value and fit.value >= name.value]
        whole = _named_part(title.words, by_title) if by_title else _named_name(names, in_names)
        is_exact = whole == 1.0 and bool(by_title) and all(fit.value >= SURE for fit in chosen)
        agreement = explained**2 * (1 - WHOLE + WHOLE * whole)
        score = agreement + (EXACT if is_exact and is_main else 0.0)
        if best is None or score > best.score:
            corrected = [
                (meaning.wanted.word, " ".join(fit.by))
                for fit, meaning in zip(chosen, meanings, strict=True)
                if fit.corrected
            ]
            only_names = [name.value > title.value for title, name in zip(in_title, in_names, strict=True)]
            best = Ranked(candidate, agreement, score, bool(by_title), any(only_names), tuple(corrected))
    assert best is not None
    more = WISHED if wished and wished in candidate.languages.split() else 0.0
    return best._replace(score=best.score + more)


def _titles(candidate: Candidate) -> list[tuple[_Text, bool]]:
    """The titles of a candidate, and whether it is the main one or that with what follows it."""
    main = candidate.title.split()
    rest, *others = [line.split() for line in candidate.more.split("\n")]
    titles = [(_text(main), True)]
    if rest:
        titles.append((_text(main + rest), True))
    return titles + [(_text(words), True) for words in others if words]


def _in_title(meaning: Meaning, title: _Text) -> _Fit:
    if meaning.wanted.field == "author":
        return NONE
    return _in_text(meaning, title)


def _in_text(meaning: Meaning, text: _Text) -> _Fit:
    word = meaning.wanted.word
    if word in text.known:
        return _Fit(1.0, (word,))
    best = NONE
    if is_in_one(word):
        holding = next((each for each in text.words if word in each), None)
        if holding:
            best = _Fit(0.9, (holding,))
    elif word in text.initials:  # spa for S.P.A.
        best = _Fit(0.9, tuple(word))
    for other in meaning.others:
        if other.fit > best.value and text.known.issuperset(other.words):
            best = _Fit(other.fit, other.words, other.how == "corrected")
    return best


def _in_names(meaning: Meaning, names: Sequence[_Text]) -> _Fit:
    """How well a word is in names, where an initial may stand for a name and the other way round."""
    if meaning.wanted.field == "title":
        return NONE
    word = meaning.wanted.word
    best = NONE
    for name in names:
        fit = _in_text(meaning, name)
        if fit.value < BEGUN_NAME and _as_initial(word, name.words):
            fit = _Fit(BEGUN_NAME)
        if fit.value > best.value:
            best = fit
    return best


def _as_initial(word: str, name: Sequence[str]) -> bool:
    if len(word) == 1:
        return any(each[0] == word for each in name)
    if any(len(each) == 1 and each == word[0] for each in name[:-1]):
        return True
    return len(word) <= 4 and "".join(each[0] for each in name if each).startswith(word)  # jrr


def _named_part(words: Sequence[str], fits: Iterable[_Fit]) -> float:
    """Which part of a title was named, by its letters."""
    named = {word for fit in fits for word in fit.by}
    length = sum(map(len, words))
    return sum(len(word) for word in words if word in named) / length if length else 0.0


def _named_name(names: Sequence[_Text], fits: Sequence[_Fit]) -> float:
    """Which part of the best named name was named; initials count for nothing."""
    named = {word for fit in fits for word in fit.by}
    best = 0.0
    for name in names:
        length = sum(len(word) for word in name.words if len(word) > 1)
        if length:
            best = max(best, sum(len(word) for word in name.words if word in named and len(word) > 1) / length)
    return best
