"""Invented covers as PNG: coloured blocks, mirrored, in a frame."""

import zlib
from functools import lru_cache

from alexandria.sample.plan import scatter

WIDTH, HEIGHT = 800, 1200  # of an original, in pixels
_ACROSS, _DOWN = 8, 12  # blocks; the outer ones are the frame


@lru_cache(maxsize=64)
def draw(number: int, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The cover of that number, so many pixels wide and high."""
    frame = _colour(scatter(number, 70))
    lines = []
    for row in range(_DOWN):
        bits = scatter(number * _DOWN + row, 71)
        half = [_colour(bits >> 12 * place) for place in range(_ACROSS // 2 - 1)]
        inside = [frame] * (_ACROSS - 2) if row in (0, _DOWN - 1) else [*half, *reversed(half)]
        blocks = [frame, *inside, frame]
        ends = [width * (place + 1) // _ACROSS for place in range(_ACROSS)]
        line = b"".join(
            colour * (end - start) for colour, start, end in zip(blocks, [0, *ends[:-1]], ends, strict=True)
        )
        lines.append((b"\0" + line) * (height * (row + 1) // _DOWN - height * row // _DOWN))
    return png(width, height, b"".join(lines))


def fitted(number: int, width: int, height: int) -> bytes:
    """The cover, as large as fits into a box, and no larger than the original."""
    share = min(width / WIDTH, height / HEIGHT, 1)
    return draw(number, max(round(WIDTH * share), 1), max(round(HEIGHT * share), 1))


def png(width: int, height: int, lines: bytes) -> bytes:
    """A PNG file of so many pixels, whatever its lines hold (a byte 0, then three bytes a pixel)."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def _colour(bits: int) -> bytes:
    return bytes((40 + (bits & 15) * 13, 40 + (bits >> 4 & 15) * 13, 40 + (bits >> 8 & 15) * 13))
