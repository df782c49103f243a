"""ISBNdb's feed of updates: so many editions a day, of the last seven days, by cursor."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alexandria.simulator.catalogue import Catalogue, numbers
from alexandria.simulator.clock import Clock
from alexandria.simulator.isbndb.paging import Refused
from alexandria.simulator.messages import whole_number

DAYS, A_DAY, LARGEST_PAGE = 7, 500, 1_000
_SPREAD = 387_420_489


def read(catalogue: Catalogue, clock: Clock, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of the feed; `next` is missing on the last one. Raises Refused."""
    today = clock.now().date()
    first = _first_day(query.get("lastUpdated", ""), today)
    size = whole_number(query.get("pageSize", ""), 100)
    if not size or size > LARGEST_PAGE:
        raise Refused(f"pageSize must be from 1 to {LARGEST_PAGE}")
    match = re.fullmatch(r"c(\d{1,9})", query.get("cursor") or "c0", re.ASCII)
    if not match:
        raise Refused("cursor is not one of ours")
    start, end = int(match[1]), ((today - first).days + 1) * A_DAY
    data = [_item(catalogue, first, place) for place in range(start, min(start + size, end))]
    return {"data": data, **({"next": f"c{start + size}"} if start + size < end else {})}


def _first_day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise Refused("lastUpdated must be YYYY-MM-DD") from None
    if not today - timedelta(days=DAYS) <= day <= today:
        raise Refused(f"lastUpdated must be within the last {DAYS} days")
    return day


def _item(catalogue: Catalogue, first: date, place: int) -> dict[str, Any]:
    days, turn = divmod(place, A_DAY)
    day = first + timedelta(days=days)
    number = (day.toordinal() * A_DAY + turn) * _SPREAD % numbers.UNDER_978
    known = number if catalogue.knows("isbndb", number) else catalogue.another("isbndb", number)
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=turn * 100)
    return {"isbn13": str(numbers.isbn_of(known)), "updated_at": at}
