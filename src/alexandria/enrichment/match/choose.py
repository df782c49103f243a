"""Which of several candidates is meant."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any, Final, overload

from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match.score import (
    THRESHOLD,
    KnownAuthor,
    KnownWork,
    SaidAuthor,
    SaidWork,
    Score,
    score_author,
    score_work,
)

__all__ = ["best"]

MOST_EQUALS: Final = 20


@overload
def best(said: SaidAuthor, candidates: Iterable[KnownAuthor]) -> tuple[KnownAuthor, Score] | None: ...
@overload
def best(said: SaidWork, candidates: Iterable[KnownWork]) -> tuple[KnownWork, Score] | None: ...
def best(said: Any, candidates: Iterable[Any]) -> tuple[Any, Score] | None:
    """The candidate that is the same, and its score; None where there is none, or nothing says which of several.

    Of equals that can be one (duplicates of a record) the one with Open Library's lowest number is taken, ours last. Of
    equals that cannot (two of a name, born in different years) none is: the order of the candidates never matters.
    """
    scored = [
        (each, score_author(said, each) if isinstance(each, KnownAuthor) else score_work(said, each))
        for each in candidates
    ]
    highest = max((score.value for _, score in scored), default=0.0)
    if highest < THRESHOLD:
        return None
    equals = sorted((pair for pair in scored if pair[1].value == highest), key=lambda pair: _standing(pair[0]))
    records = {each.number: each for each, _ in equals}
    if any(_rivals(one, two) for one, two in combinations(list(records.values())[:MOST_EQUALS], 2)):
        return None
    return equals[0]


def _standing(known: KnownAuthor | KnownWork) -> tuple[bool, bool, int]:
    """What decides among equals: Open Library's first, then works of single editions, then minted ones."""
    return known.number >= MINTED, known.number < 0, abs(known.number)


def _rivals(one: Any, two: Any) -> bool:
    """Whether two records cannot be one: authors that contradict, works of other titles or of such authors."""
    if isinstance(one, KnownAuthor):
        return score_author(one, two).verdict == "different"
    if score_work(one, two).verdict == "different":
        return True
    return all(_rivals(a, b) for a in one.authors for b in two.authors)
