"""Text made of templates. Whatever a template shows is escaped, unless it is a picture of ours."""

from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from alexandria.dashboard.assets import address
from alexandria.dashboard.charts import colour
from alexandria.queue.entities import REFOLDS, show_entity

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
_RECORDS = {"cover": "edition", **{refold: kind for kind, refold in REFOLDS.items()}}


def render(template: str, **values: object) -> str:
    """The text of a template with these values; one that the template lacks is an error, not a gap."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(asset=address, colour=colour)
    environment.filters.update(
        number=number, span=span, moment=moment, iso=iso, share=share, record=record, record_path=record_path
    )
    return environment


def number(value: float | None, digits: int = 0) -> str:
    """A number as people read it, `1,234,567`; a dash for none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """A part of one in per cent; a dash for none."""
    return "–" if value is None else f"{value * 100:.1f} %"


def span(seconds: float | None) -> str:
    """A length of time, roughly: `12 ms`, `40 s`, `5 min`, `7 h`, `3 days`; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    for longest, unit, word in ((2 * MINUTE, 1.0, "s"), (2 * HOUR, MINUTE, "min"), (2 * DAY, HOUR, "h")):
        if seconds < longest:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds / DAY:,.0f} days"


def moment(at: datetime | None) -> str:
    """A time to the minute, in UTC; a dash for none."""
    return "–" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def iso(at: datetime) -> str:
    """A time for machines, as the attribute `datetime` wants it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def record(key: int, kind: str) -> str:
    """How the record is written that a job or an answer of this kind is about: an ISBN, a key, else the number."""
    try:
        return show_entity(_RECORDS.get(kind, kind), key)
    except ValueError:  # a number that no key has
        return str(key)


def record_path(key: int, kind: str) -> str | None:
    """Where that record is shown; None for what is no record."""
    folder = {"edition": "editions", "work": "works", "author": "authors"}.get(_RECORDS.get(kind, kind))
    return f"/{folder}/{record(key, kind)}" if folder else None
