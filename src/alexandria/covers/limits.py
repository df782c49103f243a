"""What a picture may cost to decode, decided by its header before a pixel is read. Pure.

A small file may hold a huge picture. What counts is what the decoder needs at once: JPEG and WebP can be made smaller
while they are read, the others cannot, and some have to be unpacked as a whole.
"""

from dataclasses import dataclass
from typing import Final

from alexandria.covers.result import Refused
from alexandria.covers.sniff import Kind

SMALLEST: Final = 32  # pixels, the shorter side: less is no cover
MOST_PIXELS: Final = 40_000_000
MOST_WHOLE: Final = 16_000_000  # pixels of a format that cannot be made smaller while it is read
MOST_BYTES: Final = 256_000_000  # that a decoder holds at once, which with the program itself is under 300 MB
_AVIF, _DEEP_AVIF = 20, 27  # bytes a pixel, as measured: planes, the decoder's own copies, RGB; with 10 or 12 bits


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture's header says. `depth` is bytes a pixel as decoded, `sample` bytes of one colour of it.

    `interlaced`: its pixels do not come in the order of its rows.
    """

    kind: Kind
    width: int
    height: int
    depth: int = 3
    sample: int = 1
    pages: int = 1
    interlaced: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height


def check(header: Header, data: bytes) -> Refused | None:
    """Why a picture is not decoded; None when it may be."""
    if min(header.width, header.height) < SMALLEST:
        return Refused("too_small", f"has {header.width}×{header.height} pixels, where {SMALLEST} is the least")
    shrinks = header.kind in ("jpeg", "webp") and header.pages == 1
    most = MOST_PIXELS if shrinks else MOST_WHOLE
    if header.pixels > most:
        return Refused("too_large", f"has {header.pixels / 1e6:.1f} million pixels, of which {most / 1e6:.0f} are read")
    needed = _needed(header, data)
    if needed > MOST_BYTES:
        return Refused(
            "too_large", f"needs {needed / 1e6:.0f} MB to be unpacked, where {MOST_BYTES / 1e6:.0f} are spent"
        )
    return None


def _needed(header: Header, data: bytes) -> int:
    """Bytes that the decoder holds at once, beside a few rows."""
    match header.kind:
        case "jpeg":
            return coefficients(data)
        case "avif":
            return header.pixels * (_AVIF if header.sample == 1 else _DEEP_AVIF)
        case "tiff":
            return header.pixels * header.depth * 2  # one strip may be all of it
        case "png" if header.interlaced:
            return header.pixels * header.depth
    return 0


def coefficients(data: bytes) -> int:
    """Bytes that a JPEG decoder holds of the whole picture at once: nothing, unless it comes in several scans."""
    size, parts, progressive = 0, 0, False
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place + 4 : place + 2 + length]
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            progressive = marker not in (0xC0, 0xC1, 0xC9)
            size, parts = _frame(segment)
        elif marker == 0xDA:
            return 2 * size if progressive or (segment and segment[0] < parts) else 0
        place += 2 + length
    return 2 * size


def _frame(segment: bytes) -> tuple[int, int]:
    """Samples of all parts of a JPEG together, and how many parts it has."""
    height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    sampling = [(byte >> 4, byte & 15) for byte in segment[7::3][: segment[5] if len(segment) > 5 else 0]]
    across, down = max((each[0] for each in sampling), default=1), max((each[1] for each in sampling), default=1)
    share = sum(each[0] * each[1] for each in sampling) / max(across * down, 1)
    return int(width * height * share), len(sampling)
