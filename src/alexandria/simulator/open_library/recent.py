"""`/recentchanges`: lists of changesets by path, newest first, with limits that silently clamp."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice

from alexandria.simulator.messages import Response, json_response, whole_number
from alexandria.simulator.open_library.changes import A_DAY, KINDS, Change, Changes

MOST, DEEPEST = 1_000, 10_000
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
    limit = whole_number(query.get("limit", ""), 100)
    offset = whole_number(query.get("offset", ""), 0)
    turns = changes.turns(first, last, kind)
    found = (change for turn in turns if _wanted(change := changes.change(turn), query))
    start = min(offset or 0, DEEPEST)
    page = islice(found, start, start + min(100 if limit is None else limit, MOST))
    response = json_response([change._asdict() for change in page])
    return response._replace(media="text/plain") if query.get("text") == "true" else response


def one_change(changes: Changes, text: str) -> Change | None:
    """The changeset with an id; None when there is none yet."""
    turn = whole_number(text, 0) if len(text) < 10 else int(text) if text.isdecimal() and len(text) < 12 else None
    return changes.change(turn) if turn and next(changes.turns(turn, turn, None), None) else None


def _wanted(change: Change, query: Mapping[str, str]) -> bool:
    author = (change.author or {}).get("key", "")
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
