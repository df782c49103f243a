"""A cover made of type, for an edition that has no picture: its title and its authors on a colour of its own. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Final

from alexandria.covers.keys import SIZES, Size

_WIDTH, _HEIGHT = 512, 768  # of the drawing, whatever size it is shown at
_MARGIN: Final = 44
_HUES: Final = 24
_GOLDEN: Final = 0.618033988749895  # steps by it spread neighbours far apart
_SIZES: Final = ((64, 4), (48, 6), (36, 8))  # font size of a title, and how many lines of it fit
_SMALL: Final = 26  # font size of the authors
_MOST_AUTHORS: Final = 3
_ADVANCE: Final = 0.56  # mean width of a letter, in font sizes


def draw(isbn: int, title: str | None, authors: Sequence[str], size: Size = "large") -> str:
    """The cover as SVG, in the size's box; without a title it shows the ISBN."""
    width, height = SIZES[size]
    hue = int(isbn * _GOLDEN % 1 * _HUES) * 360 // _HUES
    font, lines = _fit(_legible(title or f"ISBN {isbn}"))
    below = _shorten([_legible(name) for name in authors])
    top = _HEIGHT * 0.3
    texts = [_text(line, font, top + font * 1.2 * number, "600") for number, line in enumerate(lines)]
    bottom = _HEIGHT - _MARGIN - _SMALL * 1.3 * (len(below) - 1)
    texts += [_text(line, _SMALL, bottom + _SMALL * 1.3 * number, "400") for number, line in enumerate(below)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="hsl({hue},38%,32%)"/>'
        f'<rect x="20" y="20" width="{_WIDTH - 40}" height="{_HEIGHT - 40}" fill="none" stroke="hsl({hue},38%,62%)" '
        f'stroke-width="3"/><g fill="#fff" font-family="Georgia,serif" text-anchor="middle">{"".join(texts)}</g></svg>'
    )


def _text(line: str, font: int, y: float, weight: str) -> str:
    return f'<text x="{_WIDTH // 2}" y="{y:.0f}" font-size="{font}" font-weight="{weight}">{escape(line)}</text>'


def _fit(title: str) -> tuple[int, list[str]]:
    """The largest font in which a title fits with its words whole, and its lines; else the smallest, cut at the end."""
    longest = max(map(len, title.split()), default=0)
    for font, most in _SIZES:
        lines = _wrap(title, font)
        if len(lines) <= most and longest <= _letters(font):
            return font, lines
    return font, lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def _letters(font: int) -> int:
    """How many letters a line has."""
    return int((_WIDTH - 2 * _MARGIN) / (font * _ADVANCE))


def _wrap(text: str, font: int) -> list[str]:
    """The lines of a text in a font; a word that is too long for a line is cut into several."""
    most = _letters(font)
    pieces = [word[start : start + most] for word in text.split() for start in range(0, len(word), most)]
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1]) + 1 + len(piece) > most:
            lines.append(piece)
        else:
            lines[-1] = f"{lines[-1]} {piece}".strip()
    return lines


def _shorten(names: Sequence[str]) -> list[str]:
    shown = [_wrap(name, _SMALL)[0] for name in names if name]
    return [*shown[: _MOST_AUTHORS - 1], "…"] if len(shown) > _MOST_AUTHORS else shown


def _legible(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(character for character in text if character.isprintable())
