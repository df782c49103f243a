"""Pictures of numbers, as SVG with a title and a description for those who do not see it. Pure.

Colours are classes, `c1` to `c6`, that the style sheet gives a colour by day and by night; there is no style in here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final, NamedTuple

from markupsafe import Markup

COLOURS: Final = 6
Point = tuple[float, float]


class Part(NamedTuple):
    """A piece of a bar."""

    name: str
    value: float


def sparkline(name: str, title: str, values: Sequence[float], *, width: int = 240, height: int = 48) -> Markup:
    """A line through values that lie equally far apart, from 0 up to the greatest. `name`: an id of the page."""
    top = max(values, default=0.0)
    points = _along(values, width, height, top)
    told = f"from {_told(values[0])} to {_told(values[-1])}, at most {_told(top)}" if values else "no values yet"
    shapes = []
    if points:
        area = [(points[0][0], float(height)), *points, (points[-1][0], float(height))]
        shapes = [f'<polygon class="c1 area" points="{_points(area)}"/>', _line("c1", points)]
    return _picture(name, title, told, width, height, shapes)


def stacked(
    name: str, title: str, series: Mapping[str, Sequence[float]], *, width: int = 640, height: int = 160
) -> Markup:
    """Areas of as many values each, one on the other, the first at the bottom."""
    length = max(map(len, series.values()), default=0)
    totals = [sum(values[n] for values in series.values()) for n in range(length)]
    top = max(totals, default=0.0)
    floor = [0.0] * length
    shapes = []
    for number, values in enumerate(series.values()):
        ceiling = [low + value for low, value in zip(floor, values, strict=True)]
        outline = _along(ceiling, width, height, top) + _along(floor, width, height, top)[::-1]
        if outline:
            shapes.append(f'<polygon class="{colour(number)} solid" points="{_points(outline)}"/>')
        floor = ceiling
    told = "; ".join(f"{each}: {_told(values[-1])} now" for each, values in series.items() if values)
    return _picture(name, title, f"{told or 'no values yet'}; at most {_told(top)}", width, height, shapes)


def gauge(
    name: str, title: str, parts: Sequence[Part], limit: float, buffer: float = 0, *, width: int = 320, height: int = 20
) -> Markup:
    """A bar that is full at `limit`: what each part has of it, and at its right end the buffer, which is never used."""
    shapes = [f'<rect class="track" x="0" y="0" width="{width}" height="{height}" rx="3"/>']
    at = 0.0
    for number, part in enumerate(parts):
        wide = min(_scaled(part.value, limit, width), width - at)
        if wide > 0:
            shapes.append(_rect(f"{colour(number)} solid", at, wide, height))
        at += wide
    if buffer > 0:
        wide = min(_scaled(buffer, limit, width), float(width))
        shapes.append(_rect("buffer", width - wide, wide, height))
    used = sum(part.value for part in parts)
    told = f"{_told(used)} of {_told(limit)} used, of which {_told(buffer)} are kept as a buffer"
    named = ", ".join(f"{part.name} {_told(part.value)}" for part in parts if part.value)
    return _picture(name, title, f"{told}; {named}" if named else told, width, height, shapes)


def day_curve(
    name: str,
    title: str,
    points: Sequence[tuple[datetime, float]],
    day: tuple[datetime, datetime],
    limit: float,
    *,
    width: int = 320,
    height: int = 72,
) -> Markup:
    """What was used from the beginning of a day to its end, as steps; with lines at `limit` and of an even pace."""
    began, ended = day
    length = (ended - began).total_seconds()
    top = max([limit, *(value for _, value in points)])
    known = [
        (width * (at - began).total_seconds() / length, height - _scaled(value, top, height))
        for at, value in points
        if began <= at <= ended
    ]
    high = height - _scaled(limit, top, height)
    shapes = [
        f'<line class="even" x1="0" y1="{height}" x2="{width}" y2="{_short(high)}"/>',
        f'<line class="limit" x1="0" y1="{_short(high)}" x2="{width}" y2="{_short(high)}"/>',
    ]
    if known:
        shapes.append(_line("c1", _steps([(0.0, float(height)), *known])))
    told = f"{_told(points[-1][1])} used so far" if known else "nothing known of this day yet"
    return _picture(name, title, f"{told}, of at most {_told(limit)}", width, height, shapes)


def progress(name: str, title: str, part: float, *, width: int = 240, height: int = 12) -> Markup:
    """A bar that is full at 1."""
    part = min(max(part, 0.0), 1.0)
    shapes = [f'<rect class="track" x="0" y="0" width="{width}" height="{height}" rx="3"/>']
    if part:
        shapes.append(_rect("c1 solid", 0.0, part * width, height))
    return _picture(name, title, f"{part * 100:.0f} per cent", width, height, shapes)


def colour(number: int) -> str:
    """The class of the colour of a series; after the last it begins again."""
    return f"c{number % COLOURS + 1}"


def _picture(name: str, title: str, told: str, width: int, height: int, shapes: Sequence[str]) -> Markup:
    name = escape(name, quote=True)
    return Markup(  # noqa: S704  all text in it is escaped, all else are numbers
        f'<svg class="chart" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" '
        f'aria-labelledby="{name}-title {name}-text"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(told)}</desc>{"".join(shapes)}</svg>'
    )


def _along(values: Sequence[float], width: int, height: int, top: float) -> list[Point]:
    """Points from the left edge to the right one; a lone value is a line."""
    if len(values) == 1:
        values = [*values, *values]
    step = width / (len(values) - 1) if values else 0.0
    return [(number * step, height - _scaled(value, top, height)) for number, value in enumerate(values)]


def _steps(points: Sequence[Point]) -> list[Point]:
    """The points with a corner before each: what is counted stays as it was until it is counted again."""
    found = [points[0]]
    for (_, before), (x, y) in zip(points, points[1:], strict=False):
        found += [(x, before), (x, y)]
    return found


def _scaled(value: float, top: float, length: float) -> float:
    return max(value, 0.0) / top * length if top > 0 else 0.0


def _line(name: str, points: Sequence[Point]) -> str:
    return f'<polyline class="{name} line" points="{_points(points)}"/>'


def _rect(name: str, at: float, wide: float, height: int) -> str:
    return f'<rect class="{name}" x="{_short(at)}" y="0" width="{_short(wide)}" height="{height}"/>'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_short(x)},{_short(y)}" for x, y in points)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _told(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.1f}"
