"""Colours, previews and looks say what a picture is like."""

from math import cos, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.preview import TINY, are_alike, blurhash, look_of, main_colour

WIDTH, HEIGHT = TINY
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
tiny = st.binary(min_size=WIDTH * HEIGHT * 3, max_size=WIDTH * HEIGHT * 3)


def plain(red: int, green: int, blue: int) -> bytes:
    return bytes([red, green, blue]) * (WIDTH * HEIGHT)


def decoded(text: str, x: int, y: int) -> list[float]:
    """The colour of a pixel that a BlurHash stands for, by the published algorithm."""

    def number(digits: str) -> int:
        value = 0
        for digit in digits:
            value = value * 83 + DIGITS.index(digit)
        return value

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    size = number(text[0])
    columns, rows = size % 9 + 1, size // 9 + 1
    most = (number(text[1]) + 1) / 166
    mean = number(text[2:6])
    colours = [[linear(mean >> 16), linear(mean >> 8 & 255), linear(mean & 255)]]
    for place in range(1, columns * rows):
        value = number(text[4 + place * 2 : 6 + place * 2])
        parts = (value // 361, value // 19 % 19, value % 19)
        colours.append([(abs(part - 9) / 9) ** 2 * (1 if part > 9 else -1) * most for part in parts])
    found = [0.0, 0.0, 0.0]
    for row in range(rows):
        for column in range(columns):
            wave = cos(pi * x * column / WIDTH) * cos(pi * y * row / HEIGHT)
            for band in range(3):
                found[band] += colours[row * columns + column][band] * wave
    return [255 * (12.92 * max(v, 0) if v <= 0.0031308 else 1.055 * min(v, 1) ** (1 / 2.4) - 0.055) for v in found]


def test_a_preview_is_like_the_picture() -> None:
    pixels = b"".join(
        bytes([200, 30, 30]) if row < HEIGHT // 2 else bytes([20, 40, 180])
        for row in range(HEIGHT)
        for _ in range(WIDTH)
    )
    text = blurhash(pixels)
    assert len(text) == 4 + 2 * 12
    above, below = decoded(text, WIDTH // 2, 3), decoded(text, WIDTH // 2, HEIGHT - 4)
    assert above[0] > 150 > 90 > above[2]
    assert below[2] > 140 > 90 > below[0]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30)])
def test_an_even_picture_has_an_even_preview(colour: tuple[int, int, int]) -> None:
    text = blurhash(plain(*colour))
    assert decoded(text, 5, 5) == pytest.approx(colour, abs=12)
    assert main_colour(plain(*colour)) == "#{:02x}{:02x}{:02x}".format(*colour)


@given(tiny)
def test_every_picture_has_all_of_it(pixels: bytes) -> None:
    text = blurhash(pixels)
    assert len(text) == 28
    assert set(text) <= set(DIGITS)
    assert len(main_colour(pixels)) == 7
    assert -(2**63) <= look_of(pixels) < 2**63


def test_the_main_colour_is_that_of_most_of_it() -> None:
    pixels = plain(250, 250, 250)[: 3 * 200] + plain(10, 20, 200)[: 3 * 232]
    assert main_colour(pixels) == "#0a14c8"


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=8))
def test_looks_are_alike_that_differ_in_a_few_bits(look: int, flips: set[int]) -> None:
    other = look
    for bit in flips:
        other ^= 1 << bit if bit < 63 else -(1 << 63)
    telling = all((each & (1 << 64) - 1).bit_count() in range(10, 55) for each in (look, other))
    assert are_alike(look, other) == are_alike(other, look) == (telling and len(flips) <= 5)


def test_an_even_look_is_like_no_other() -> None:
    assert look_of(plain(255, 255, 255)) == 0
    assert not are_alike(0, 0)
    assert not are_alike(-1, -1)
