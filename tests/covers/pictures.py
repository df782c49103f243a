"""Pictures to test with: made here, so that each is known to the last pixel."""

from functools import cache
from typing import Any

import pyvips


@cache
def picture(width: int = 500, height: int = 750, seed: int = 1) -> Any:
    """A picture in which there is something to see, another one for each seed."""
    places = pyvips.Image.xyz(width, height)
    x, y = places[0] * (360.0 / width), places[1] * (360.0 / height)
    wave = (x * (1 + seed % 5) + y * (seed % 3)).sin() * 60 + (y * (2 + seed % 4)).cos() * 60 + 120
    other = (y * (1 + seed % 7) - x * (1 + seed % 4)).sin() * 90 + 128
    bands = wave.bandjoin([other, x * 0.5])
    return bands.cast("uchar").copy(interpretation="srgb").copy_memory()


@cache
def jpeg(width: int = 500, height: int = 750, seed: int = 1) -> bytes:
    """Such a picture as JPEG."""
    return bytes(picture(width, height, seed).jpegsave_buffer(Q=85))


@cache
def flat(width: int = 300, height: int = 450) -> bytes:
    """One colour as JPEG."""
    return bytes((pyvips.Image.black(width, height, bands=3) + [240, 240, 230]).cast("uchar").jpegsave_buffer())


def opened(data: bytes) -> Any:
    """A WebP or JPEG picture, to be looked at."""
    return (pyvips.Image.webpload_buffer if data[:4] == b"RIFF" else pyvips.Image.jpegload_buffer)(data)


def pixel(data: bytes, x: int, y: int) -> list[float]:
    """The colour of a pixel."""
    return [float(value) for value in opened(data).getpoint(x, y)]
