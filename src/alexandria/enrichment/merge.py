"""The fold: many answers about one record become one value for each field, and the reason for it.

Pure. The result depends on the answers alone, not on their order; folding what was folded changes nothing; no answer
is lost, since the fold can be made again from them at any time. A locked value stays; empty never replaces something;
the higher rank wins (see `fields`), then the better answer, then the newer word; lists and maps are united, the
winner's part first. Descriptions are not written anew from several: one of them wins.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from alexandria.biblio.keys import Kind
from alexandria.biblio.text import fold as fold_text
from alexandria.enrichment.fields import FIELDS, USER, rank, worth

LONGEST_LIST = 200
UNOPPOSED = "nobody says otherwise"


class Stated(NamedTuple):
    """One answer as it is folded: who said it, what, when each field was said (ISO text), what is locked, how good."""

    provider: str
    source: str
    fields: Mapping[str, Any]
    said: Mapping[str, str]
    locks: frozenset[str] = frozenset()
    quality: int = 0
    licence: str = "open"


class Choice(NamedTuple):
    """The value of a field, the answers that gave it (the first decided), the rule, and those that gave way."""

    value: Any
    winners: tuple[Stated, ...]
    rule: str
    losers: tuple[Stated, ...]


def fold(kind: Kind, answers: Iterable[Stated], names: Collection[str] | None = None) -> dict[str, Choice]:
    """What is chosen for each field that any answer fills, or for each of those names."""
    fields = FIELDS[kind]
    if names is not None:
        fields = {field: how for field, how in fields.items() if field in names}
    said: dict[str, list[Stated]] = {}
    for answer in answers:
        for field, value in answer.fields.items():
            if (value or value == 0) and field in fields:  # else it is empty
                if field in said:
                    said[field].append(answer)
                else:
                    said[field] = [answer]
    chosen = {}
    for field, how in fields.items():  # in this order
        if field not in said:
            continue
        candidates = said[field]
        if len(candidates) > 1:
            chosen[field] = _chosen(candidates, field, how)
        elif how == "one":  # most fields of most records
            chosen[field] = _alone(candidates[0], field)
        else:
            chosen[field] = _united(candidates, field, how)
    return chosen


def _chosen(candidates: Sequence[Stated], field: str, how: str) -> Choice:
    ranked = [(_standing(answer, field), answer) for answer in candidates]
    ranked.sort(key=_by_standing, reverse=True)
    return _one(ranked, field) if how == "one" else _united([answer for _, answer in ranked], field, how)


def _is_locked(answer: Stated, field: str) -> bool:
    return field in answer.locks and answer.provider == USER


Standing = tuple[bool, int, int, str, str, str]


def _standing(answer: Stated, field: str) -> Standing:
    """What decides, in this order; a total order, for no two answers share provider and source."""
    return (
        _is_locked(answer, field),
        rank(answer.provider, field) + worth(field, answer.fields[field]),
        answer.quality if answer.provider != USER else 0,
        answer.said.get(field, ""),
        answer.provider,
        answer.source,
    )


_by_standing = itemgetter(0)


def _alone(answer: Stated, field: str) -> Choice:
    rule = "locked" if answer.locks and _is_locked(answer, field) else UNOPPOSED
    return Choice(answer.fields[field], (answer,), rule, ())


def _one(ranked: Sequence[tuple[Standing, Stated]], field: str) -> Choice:
    (standing, best), *others = ranked
    value = best.fields[field]
    agreeing, losers, against = [], [], None
    for other_standing, other in others:
        if other.fields[field] == value:
            agreeing.append(other)
        else:
            losers.append(other)
            against = against or (other_standing, other)
    return Choice(value, (best, *agreeing), _rule(standing, best, against, field), tuple(losers))


def _rule(ours: Standing, best: Stated, against: tuple[Standing, Stated] | None, field: str) -> str:
    if ours[0]:
        return "locked"
    if against is None:
        return UNOPPOSED
    theirs, loser = against
    if ours[1] != theirs[1]:
        return "says more" if rank(best.provider, field) <= rank(loser.provider, field) else "precedence"
    return "better answer" if ours[2] != theirs[2] else "newest"


def _united(candidates: Sequence[Stated], field: str, how: str) -> Choice:
    locked = _is_locked(candidates[0], field)
    winners = tuple(candidates[:1] if locked else candidates)
    parts = [answer.fields[field] for answer in winners]
    value = unite_lists(parts) if how == "list" else unite_maps(parts)
    return Choice(value, winners, "locked" if locked else "united", tuple(candidates[len(winners) :]))


def unite_lists(lists: Iterable[Iterable[Any]]) -> list[Any]:
    """All values of the lists in order, each once: texts that differ in case or accents only are the same."""
    seen: dict[Any, Any] = {}
    for values in lists:
        for value in values:
            seen.setdefault(_sameness(value), value)
    return list(seen.values())[:LONGEST_LIST]


def unite_maps(maps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All entries of the maps; where several have one, lists are united, else the first one's stays."""
    result: dict[str, Any] = {}
    for each in maps:
        for name, value in each.items():
            held = result.setdefault(name, value)
            if held is not value and isinstance(held, list | tuple) and isinstance(value, list | tuple):
                result[name] = unite_lists([held, value])
    return result


@lru_cache(maxsize=16_384)  # names of subjects and publishers come again and again
def _folded(text: str) -> str:
    return fold_text(text) or text


def _sameness(value: Any) -> Any:
    if isinstance(value, str):
        return _folded(value)
    if isinstance(value, Mapping):  # a contributor
        return tuple((name, _sameness(inner)) for name, inner in sorted(value.items()))
    if isinstance(value, list | tuple):
        return tuple(_sameness(inner) for inner in value)
    return value
