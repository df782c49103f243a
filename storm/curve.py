"""Curves as an SVG picture: panels one below the other over the same minutes."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

WIDTH: Final = 860
HEIGHT: Final = 180  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 88, 150, 28, 26
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


class Panel(NamedTuple):
    """Some curves in one unit, by their names; all have as many values as there are minutes."""

    title: str
    unit: str
    curves: Mapping[str, Sequence[float]]


def draw(title: str, minutes: Sequence[float], panels: Sequence[Panel]) -> str:
    """The picture as text. All of it is in the file: no font, no script, nothing from elsewhere."""
    height = len(panels) * (HEIGHT + TOP + BOTTOM)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    ]
    for place, panel in enumerate(panels):
        parts += _panel(panel, minutes, place * (HEIGHT + TOP + BOTTOM) + TOP)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, minutes: Sequence[float], top: float) -> list[str]:
    most = max((value for values in panel.curves.values() for value in values), default=0) or 1
    last = max(minutes, default=0) or 1
    across, down = WIDTH - LEFT - RIGHT, top + HEIGHT

    def point(minute: float, value: float) -> str:
        return f"{LEFT + across * minute / last:.1f},{down - HEIGHT * value / (1.05 * most):.1f}"

    parts = [f'<text x="{LEFT}" y="{top - 10:.0f}" font-weight="bold">{escape(panel.title)}</text>']
    for share in (0, 0.5, 1):
        y = down - HEIGHT * share / 1.05
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        label = f"{most * share:,.4g} {escape(panel.unit)}"
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for share in (0, 0.5, 1):
        x = LEFT + across * share
        parts.append(f'<text x="{x:.0f}" y="{down + 16:.0f}" text-anchor="middle">{last * share:.3g} min</text>')
    for number, (name, values) in enumerate(panel.curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(point(minute, value) for minute, value in zip(minutes, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{top + 14 + 17 * number:.0f}" fill="{colour}">{name}</text>')
    return parts
