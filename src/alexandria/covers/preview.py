"""What a picture looks like in a few characters: its main colour, a blurred preview, a number to compare it by. Pure.

The preview is a BlurHash (the published algorithm): the lowest frequencies of the picture in base 83.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import cos, pi, sqrt
from typing import Final

COLUMNS, ROWS = 3, 4  # frequencies across and down
TINY: Final = (18, 24)  # width and height of the picture that all of it is made from, whatever its shape was
ALIKE: Final = 5  # bits in which two looks of one picture may differ
_TELLING: Final = range(10, 55)  # bits that are set in a look of a picture in which there is something to tell it by
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_LINEAR: Final = [
    value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)
]
_WAVES_ACROSS, _WAVES_DOWN = (
    [[cos(pi * number * place / length) for place in range(length)] for number in range(count)]
    for length, count in zip(TINY, (COLUMNS, ROWS), strict=True)
)
Colour = tuple[float, float, float]


def main_colour(pixels: bytes) -> str:
    """The colour that covers most of a picture, as `#rrggbb`: the mean of the fullest of 512 boxes of colours.

    `pixels` are three bytes each.
    """
    boxes: dict[int, list[int]] = defaultdict(list)
    for start in range(0, len(pixels), 3):
        red, green, blue = pixels[start], pixels[start + 1], pixels[start + 2]
        boxes[(red >> 5) << 6 | (green >> 5) << 3 | blue >> 5].append(start)
    fullest = max(boxes.values(), key=len)
    means = (sum(pixels[start + band] for start in fullest) // len(fullest) for band in range(3))
    return "#" + "".join(f"{mean:02x}" for mean in means)


def spread(pixels: bytes) -> int:
    """How far the brightest and the darkest pixel lie apart, in the colour in which that is most."""
    return max(max(pixels[band::3]) - min(pixels[band::3]) for band in range(3))


def look_of(pixels: bytes) -> int:
    """A number of 64 bits, signed, that pictures which look the same share but for a few bits.

    `pixels` is the picture at the size TINY. Each bit says whether one of nine columns is darker than the next, in one
    of eight rows.
    """
    width, height = TINY
    bits = 0
    for top in range(0, height, 3):
        rows = [pixels[row * width * 3 : (row + 1) * width * 3] for row in range(top, top + 3)]
        light = [sum(_brightness(row[left : left + 6]) for row in rows) for left in range(0, width * 3, 6)]
        for one, other in pairwise(light):
            bits = bits << 1 | (one < other)
    return bits - (1 << 64) if bits >> 63 else bits


def _brightness(pixels: bytes) -> int:
    """Of two pixels together."""
    return 3 * (pixels[0] + pixels[3]) + 6 * (pixels[1] + pixels[4]) + pixels[2] + pixels[5]


def are_alike(one: int, other: int) -> bool:
    """Whether two looks are those of one picture. Never for even or all but even ones, which are all alike."""
    bits = [look & 0xFFFFFFFFFFFFFFFF for look in (one, other)]
    return (bits[0] ^ bits[1]).bit_count() <= ALIKE and all(each.bit_count() in _TELLING for each in bits)


def blurhash(pixels: bytes) -> str:
    """The BlurHash of a picture at the size TINY."""
    first, *others = _frequencies(pixels)
    largest = max(abs(part) for colour in others for part in colour)
    step = max(0, min(82, int(largest * 166 - 0.5)))
    scale = (step + 1) / 166
    red, green, blue = map(_to_srgb, first)
    return (
        _base83((COLUMNS - 1) + (ROWS - 1) * 9, 1)
        + _base83(step, 1)
        + _base83(red << 16 | green << 8 | blue, 4)
        + "".join(_base83(_quantised(colour, scale), 2) for colour in others)
    )


def _frequencies(pixels: bytes) -> list[Colour]:
    """The amplitude of each frequency, row after row: first across each line of the picture, then down."""
    width, height = TINY
    lines = [[_LINEAR[value] for value in pixels[y * width * 3 : (y + 1) * width * 3]] for y in range(height)]
    across = [[_project(line, _WAVES_ACROSS[column]) for line in lines] for column in range(COLUMNS)]
    found = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            strength = (2 if row or column else 1) / (width * height)
            pairs = list(zip(_WAVES_DOWN[row], across[column], strict=True))
            red, green, blue = (sum(weight * colour[band] for weight, colour in pairs) for band in range(3))
            found.append((red * strength, green * strength, blue * strength))
    return found


def _project(line: Sequence[float], wave: Sequence[float]) -> Colour:
    red = green = blue = 0.0
    for place, weight in enumerate(wave):
        red += weight * line[3 * place]
        green += weight * line[3 * place + 1]
        blue += weight * line[3 * place + 2]
    return red, green, blue


def _to_srgb(value: float) -> int:
    value = max(0.0, min(1.0, value))
    return int((value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _quantised(colour: Colour, scale: float) -> int:
    parts = (max(0, min(18, int(_signed_root(part / scale) * 9 + 9.5))) for part in colour)
    red, green, blue = parts
    return red * 361 + green * 19 + blue


def _signed_root(value: float) -> float:
    return -sqrt(-value) if value < 0 else sqrt(value)


def _base83(number: int, length: int) -> str:
    return "".join(_DIGITS[number // 83 ** (length - place - 1) % 83] for place in range(length))
