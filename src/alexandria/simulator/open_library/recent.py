"""`/recentchanges`: lists of changesets by path, newest first, with limits that silently clamp."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice
from random import Random

from alexandria.simulator.faults import Fault
from alexandria.simulator.messages import Response, json_response, whole_number
from alexandria.simulator.open_library.changes import A_DAY, KINDS, Change, Changes, author_of

MOST, DEEPEST = 1_000, 10_000
_COPIES, _ORDER = "_copies", "_order"  # parameters that no real query has
_RARE = ("undo", "revert", "bulk_update", "edit-edition-ocaid", "create-tag")  # none happens here
_PERIOD = re.compile(r"(\d{4})(?:/(\d\d)(?:/(\d\d))?)?", re.ASCII)


def list_changes(changes: Changes, period: str | None, kind: str | None, query: Mapping[str, str]) -> Response | None:
    """The page asked for; None for a day or a kind that cannot be."""
    first, last = 0, changes.now()
    if period:
        days = _days(period)
        if days is None:
            return None
        first, last = days[0] * A_DAY, days[1] * A_DAY - 1
    limit, start = _window(query)
    wanted = (turn for turn in changes.turns(first, last, kind) if _wanted(author_of(turn), query))
    copies = int(query.get(_COPIES, "1"))
    places = ((turn, copy) for turn in wanted for copy in range(copies))
    page = [_copy(changes.change(turn), copy) for turn, copy in islice(places, start, start + limit)]
    if _ORDER in query:
        Random(start).shuffle(page)  # noqa: S311
    response = json_response([change._asdict() for change in page])
    return response._replace(media="text/plain") if query.get("text") == "true" else response


def bend(query: Mapping[str, str], fault: Fault) -> Mapping[str, str]:
    """What is answered instead of a query for a page, when the list goes wrong as the fault says."""
    limit, start = _window(query)
    match fault.fault:
        case "repeated":
            return {**query, "offset": str(max(start - limit, 0))}
        case "missing":
            return {**query, "offset": str(start + limit)}
        case "reordered":
            return {**query, _ORDER: "any"}
        case "flooded":
            return {**query, _COPIES: str(fault.copies)}
    return query


def _window(query: Mapping[str, str]) -> tuple[int, int]:
    """The length of the page and where it begins, silently clamped."""
    limit = whole_number(query.get("limit", ""), 100)
    offset = whole_number(query.get("offset", ""), 0)
    return min(100 if limit is None else limit, MOST), min(offset or 0, DEEPEST)


def _copy(change: Change, number: int) -> Change:
    """The changeset again, as another one."""
    return change._replace(id=f"{change.id}{number:03}") if number else change


def one_change(changes: Changes, text: str) -> Change | None:
    """The changeset with an id; None when there is none yet."""
    turn = whole_number(text, 0) if len(text) < 10 else int(text) if text.isdecimal() and len(text) < 12 else None
    return changes.change(turn) if turn and next(changes.turns(turn, turn, None), None) else None


def _wanted(author: str, query: Mapping[str, str]) -> bool:
    if query.get("author") and query["author"] != author:
        return False
    return query.get("bot") not in ("true", "false") or (query["bot"] == "true") == author.endswith("Bot")


def _days(period: str) -> tuple[int, int] | None:
    """The first day of a year, month or day and the one after it, as ordinals."""
    match = _PERIOD.fullmatch(period)
    if not match:
        return None
    try:
        first = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        if match[3]:
            after = first + timedelta(days=1)
        elif match[2]:
            after = (first + timedelta(days=32)).replace(day=1)
        else:
            after = (first + timedelta(days=366)).replace(day=1, month=1)
    except (ValueError, OverflowError):
        return None
    return first.toordinal(), after.toordinal()


def is_kind(text: str) -> bool:
    """Whether there may be changesets of this kind."""
    return text in KINDS or text in _RARE
