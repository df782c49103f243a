"""What hosts send where a picture should be: nothing to be seen, no picture at all, or one that is to do harm."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from alexandria.simulator.covers.draw import draw, png

HUGE = 11_000_000  # bytes, more than anybody should take for a cover
BOMB = 30_000  # pixels a side, in a file of a few bytes


def flat(width: int = 300, height: int = 450, colour: bytes = b"\xc8\xc8\xc8") -> bytes:
    """One colour."""
    return png(width, height, (b"\0" + colour * width) * height)


_MAKERS: Mapping[str, Callable[[], bytes]] = {
    "blank": lambda: flat(1, 1),
    "flat": flat,
    "small": lambda: draw(1, 20, 30),
    "cut": lambda: draw(1)[:1_500],
    "damaged": lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + bytes(range(256)) * 8,
    "bomb": lambda: png(BOMB, BOMB, b"\0" * 1_000),
    "huge": lambda: b"\xff\xd8\xff\xe0" + bytes(HUGE),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "pdf": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "page": lambda: b"<!DOCTYPE html><html><body>Image not found</body></html>",
    "nothing": lambda: b"",
}
STRANGE: Mapping[str, Callable[[], bytes]] = MappingProxyType(_MAKERS)
