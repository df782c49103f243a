"""The fold: many answers about one record become one value for each field, and the reason for it.

Pure. The result depends on the answers alone, not on their order; folding what was folded changes nothing; no answer
is lost, since the fold can be made again from them at any time. A locked value stays; empty never replaces something;
the higher rank wins (see `fields`), then the better answer, then the newer word; lists and maps are united, the
winner's part first. Descriptions are not written anew from several: one of them wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from alexandria.biblio.keys import Kind
from alexandria.biblio.text import fold as folded_text
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


def fold(kind: Kind, answers: Iterable[Stated]) -> dict[str, Choice]:
    """What is chosen for each field that any answer fills."""
    fields = FIELDS[kind]
    said: dict[str, list[Stated]] = {}
    for answer in answers:
        for field, value in answer.fields.items():
            if field in fields and value not in _EMPTY:
                said.setdefault(field, []).append(answer)
    return {field: _chosen(said[field], field, how) for field, how in fields.items() if field in said}


def _chosen(candidates: list[Stated], field: str, how: str) -> Choice:
    if len(candidates) > 1:
        candidates.sort(key=lambda answer: _standing(answer, field), reverse=True)
    return _one(candidates, field) if how == "one" else _united(candidates, field, how)


_EMPTY: tuple[Any, ...] = (None, "", [], (), {})


def _is_locked(answer: Stated, field: str) -> bool:
    return field in answer.locks and answer.provider == USER


def _standing(answer: Stated, field: str) -> tuple[Any, ...]:
    """What decides, in this order; a total order, for no two answers share provider and source."""
    value = answer.fields[field]
    return (
        _is_locked(answer, field),
        rank(answer.provider, field) + worth(field, value),
        answer.quality if answer.provider != USER else 0,
        answer.said.get(field, ""),
        answer.provider,
        answer.source,
    )


def _one(candidates: Sequence[Stated], field: str) -> Choice:
    best, *others = candidates
    value = best.fields[field]
    if not others:
        return Choice(value, (best,), "locked" if _is_locked(best, field) else UNOPPOSED, ())
    agreeing = tuple(answer for answer in others if answer.fields[field] == value)
    losers = tuple(answer for answer in others if answer.fields[field] != value)
    return Choice(value, (best, *agreeing), _rule(best, losers, field), losers)


def _rule(best: Stated, losers: Sequence[Stated], field: str) -> str:
    if _is_locked(best, field):
        return "locked"
    if not losers:
        return UNOPPOSED
    ours, theirs = _standing(best, field), _standing(losers[0], field)
    if ours[1] != theirs[1]:
        same_rank = rank(best.provider, field) <= rank(losers[0].provider, field)
        return "says more" if same_rank else "precedence"
    return "better answer" if ours[2] != theirs[2] else "newest"


def _united(candidates: Sequence[Stated], field: str, how: str) -> Choice:
    if _is_locked(candidates[0], field):
        best = candidates[0]
        return Choice(best.fields[field], (best,), "locked", tuple(candidates[1:]))
    parts = [answer.fields[field] for answer in candidates]
    value = unite_lists(parts) if how == "list" else unite_maps(parts)
    return Choice(value, tuple(candidates), "united", ())


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


def _sameness(value: Any) -> Any:
    if isinstance(value, str):
        return folded_text(value) or value
    if isinstance(value, Mapping):  # a contributor
        return tuple((name, _sameness(inner)) for name, inner in sorted(value.items()))
    if isinstance(value, list | tuple):
        return tuple(_sameness(inner) for inner in value)
    return value
