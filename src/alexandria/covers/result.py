"""What becomes of a picture: a cover, or the reason why it becomes none. Pure."""

from typing import Literal

import msgspec

from alexandria.covers.keys import Size

Reason = Literal[
    "empty", "no_picture", "unread_format", "damaged", "too_small", "too_large", "flat", "placeholder", "marked_wrong"
]


class Rendered(msgspec.Struct, frozen=True, tag="rendered"):
    """A cover: its pictures as WebP, width and height of the large one, `#rrggbb`, BlurHash, look (see `preview`)."""

    pictures: dict[Size, bytes]
    width: int
    height: int
    colour: str
    preview: str
    look: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Bytes that become no cover: why, in one word and in a sentence without subject ("is a web page")."""

    reason: Reason
    message: str
