"""The picture of what was measured against a limit in the same run: a bar for each ratio, as SVG."""

from collections.abc import Sequence
from math import log10
from typing import Final
from xml.sax.saxutils import escape

from bench.report import number
from bench.result import Result

WIDTH: Final = 1100
LEFT, RIGHT, TOP, ROW = 430, 330, 44, 22
COLOURS: Final = {True: "#009e73", False: "#d55e00", None: "#56b4e9"}
MEANINGS: Final = {True: "goal met", False: "goal not met", None: "no goal of its own"}


def picture(results: Sequence[Result]) -> str:
    """The picture as text; bars begin at 1 ×, to the left what is less, on a logarithmic axis.

    All of it is in the file: no font, no script, nothing from elsewhere.
    """
    rows = [(result, figure) for result in results for figure in result.figures if figure.ratio]
    ends = [log10(figure.ratio) for _, figure in rows if figure.ratio]
    low, high = min([-0.5, *ends]), max([0.5, *ends])
    height = TOP + ROW * (len(rows) + 1)

    def across(power: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (power - low) / (high - low)

    title = "What was measured against a limit, each pair in one run"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{title}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    ]
    for place, met in enumerate(COLOURS):
        x = LEFT + 130 * place
        parts.append(f'<rect x="{x}" y="10" width="12" height="12" fill="{COLOURS[met]}"/>')
        parts.append(f'<text x="{x + 18}" y="20">{MEANINGS[met]}</text>')
    for line, (result, figure) in enumerate(rows):
        y = TOP + ROW * line
        begin, end = sorted((across(0), across(log10(figure.ratio or 1))))
        name = f"{result.bench}, {result.size:,}: {figure.name}"
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{begin:.1f}" y="{y + 3}" width="{max(end - begin, 1):.1f}" height="{ROW - 8}" '
            f'fill="{COLOURS[figure.met]}"/>',
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 14}">'
            f"{number(figure.ratio or 0)} × {escape(figure.ratio_to)}</text>",
        ]
    bottom = TOP + ROW * len(rows)
    parts.append(f'<path d="M{across(0):.1f} {TOP - 6}V{bottom}" stroke="#000"/>')
    parts.append(f'<text x="{across(0):.0f}" y="{bottom + 14}" text-anchor="middle">1 ×</text>')
    return "\n".join([*parts, "</svg>", ""])
