"""BMP files, which libvips does not read: their pixels as RGB from the top down. Pure.

Uncompressed pictures of 1, 4, 8, 24 and 32 bits a pixel, which is what programs write; packed ones are refused.
"""

import struct
from dataclasses import dataclass, field

from alexandria.covers.result import Refused

_DEPTHS = (1, 4, 8, 24, 32)
_UNPACKED = {  # the numbers in each byte, the first in its highest bits
    depth: [bytes(byte >> shift & (1 << depth) - 1 for shift in range(8 - depth, -1, -depth)) for byte in range(256)]
    for depth in (1, 4)
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a BMP says of itself: pixels, bits a pixel, from where on its rows are, its colours (three bytes each)."""

    width: int
    height: int
    upside_up: bool
    depth: int
    start: int
    palette: bytes = field(repr=False)


def read_header(data: bytes) -> Header | Refused:
    """The header of a file that begins like a BMP."""
    try:
        start, size = struct.unpack_from("<II", data, 10)
        if size == 12:
            width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
            packing, entry = 0, 3
        else:
            width, height, _, depth, packing = struct.unpack_from("<iiHHI", data, 18)
            entry = 4
    except struct.error:
        return Refused("damaged", "ends in the middle of its header")
    if packing not in (0, 3) or depth not in _DEPTHS or (packing == 3 and depth != 32):
        return Refused("unread_format", f"is a BMP of {depth} bits, packed as {packing}, which is not read")
    if width <= 0 or height == 0 or start > len(data):
        return Refused("damaged", "has no size")
    colours = data[14 + size : min(start, 14 + size + entry * 256)] if depth <= 8 else b""
    palette = b"".join(colours[n : n + 3][::-1] for n in range(0, len(colours) - entry + 1, entry))
    return Header(width, abs(height), height < 0, depth, start, palette)


def read_pixels(data: bytes, header: Header) -> bytes | Refused:
    """The pixels, three bytes each, row by row from the top."""
    stride = (header.width * header.depth + 31) // 32 * 4
    if len(data) < header.start + stride * header.height:
        return Refused("damaged", "ends before its last row")
    rows = (data[at : at + stride] for at in range(header.start, header.start + stride * header.height, stride))
    found = [_row(row, header) for row in rows]
    return b"".join(found if header.upside_up else reversed(found))


def _row(row: bytes, header: Header) -> bytes:
    if header.depth >= 24:
        step, end = header.depth // 8, header.width * header.depth // 8
        pixels = bytearray(header.width * 3)
        for band in range(3):
            pixels[band::3] = row[2 - band : end : step]
        return bytes(pixels)
    numbers = row if header.depth == 8 else b"".join(map(_UNPACKED[header.depth].__getitem__, row))
    palette = header.palette.ljust(768, b"\0")
    pixels = bytearray(header.width * 3)
    for band in range(3):
        pixels[band::3] = numbers[: header.width].translate(palette[band:768:3])
    return bytes(pixels)
