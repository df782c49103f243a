"""From the bytes of any picture to the three WebP pictures of a cover, or why they become none.

Header first: what would cost too much is refused before it is decoded. Then: turned as its EXIF data says, colours as
sRGB by its profile, white behind what is transparent, the first of several pictures; nothing of its metadata is kept,
and nothing is ever enlarged. For decoder processes: nobody else should decode what a stranger sent.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pyvips

from alexandria.covers import bmp
from alexandria.covers.keys import SIZES, Size
from alexandria.covers.limits import Header, check
from alexandria.covers.preview import LOOK, blurhash, look_of, main_colour
from alexandria.covers.sniff import Kind, Refused, sniff

QUALITY: Final = 85
FLAT: Final = 2.0  # standard deviation of brightness (0 to 255) below which there is nothing to be seen
_PREVIEW: Final = 24  # pixels, the longer side of what the preview is made of
_LOADERS: Final[Mapping[Kind, tuple[str, str]]] = {
    "jpeg": ("jpegload_buffer", "VipsForeignLoadJpegBuffer"),
    "png": ("pngload_buffer", "VipsForeignLoadPngBuffer"),
    "gif": ("gifload_buffer", "VipsForeignLoadNsgifBuffer"),
    "webp": ("webpload_buffer", "VipsForeignLoadWebpBuffer"),
    "avif": ("heifload_buffer", "VipsForeignLoadHeifBuffer"),
    "tiff": ("tiffload_buffer", "VipsForeignLoadTiffBuffer"),
}
_SAMPLES: Final = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "uint": 4, "int": 4, "float": 4}  # bytes; else 8


class Rendered(msgspec.Struct, frozen=True, tag="rendered"):
    """A cover: its pictures as WebP, width and height of the large one, `#rrggbb`, BlurHash, look (see `preview`)."""

    pictures: dict[Size, bytes]
    width: int
    height: int
    colour: str
    preview: str
    look: int


def prepare() -> None:
    """Nothing; libvips keeps nothing, uses one thread, and can read only the formats that are read here."""
    pyvips.cache_set_max(0)
    pyvips.concurrency_set(1)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for _, name in _LOADERS.values():
        pyvips.operation_block_set(name, False)


def render(data: bytes) -> Rendered | Refused:
    """The cover that a picture becomes, or the refusal."""
    kind = sniff(data)
    if isinstance(kind, Refused):
        return kind
    try:
        large = _read_bmp(data) if kind == "bmp" else _read(data, kind)
        return large if isinstance(large, Refused) else _finish(large)
    except pyvips.Error as error:
        return Refused("damaged", f"cannot be decoded ({_last_line(error)})")


def to_jpeg(webp: bytes) -> bytes:
    """One of our own pictures as JPEG, for whoever cannot read WebP."""
    picture = pyvips.Image.webpload_buffer(webp)
    return bytes(picture.jpegsave_buffer(Q=QUALITY, keep="none", optimize_coding=True))


def _read(data: bytes, kind: Kind) -> Any:
    """The picture at its large size, or the refusal."""
    opened = pyvips.Operation.call(_LOADERS[kind][0], data)
    refused = check(_header(opened, kind), data)
    if refused:
        return refused
    width, height = SIZES["large"]
    return pyvips.Image.thumbnail_buffer(
        data, width, height=height, size="down", export_profile="srgb", option_string="[fail_on=error]"
    )  # `fail_on` as an argument of its own has no effect


def _header(opened: Any, kind: Kind) -> Header:
    fields = opened.get_fields()
    pages = opened.get("n-pages") if "n-pages" in fields else 1
    depth = opened.bands * _SAMPLES.get(opened.format, 8)
    whole = kind == "tiff" or (kind == "png" and "interlaced" in fields)
    return Header(kind, opened.width, opened.height, depth, pages, whole)


def _read_bmp(data: bytes) -> Any:
    header = bmp.read_header(data)
    if isinstance(header, Refused):
        return header
    refused = check(Header("bmp", header.width, header.height, whole=True), data)
    pixels = refused or bmp.read_pixels(data, header)
    if isinstance(pixels, Refused):
        return pixels
    picture = pyvips.Image.new_from_memory(pixels, header.width, header.height, 3, "uchar")
    width, height = SIZES["large"]
    return picture.copy(interpretation="srgb").thumbnail_image(width, height=height, size="down")


def _finish(large: Any) -> Rendered | Refused:
    """The pictures and what is told of them."""
    if large.hasalpha():
        large = large.flatten(background=[255, 255, 255])
    large = large.colourspace("srgb").cast("uchar").copy_memory()
    shrunk: dict[Size, Any] = {"large": large}
    for size in ("medium", "small"):
        width, height = SIZES[size]
        shrunk[size] = large.thumbnail_image(width, height=height, size="down").copy_memory()
    medium, small = shrunk["medium"], shrunk["small"]
    if medium.colourspace("b-w").deviate() < FLAT:
        return Refused("flat", "shows nothing but one colour")
    tiny = small.thumbnail_image(_PREVIEW, height=_PREVIEW, size="down")
    pixels = bytes(tiny.write_to_memory())
    grey = small.thumbnail_image(LOOK[0], height=LOOK[1], size="force").colourspace("b-w")
    return Rendered(
        _pictures(shrunk),
        large.width,
        large.height,
        main_colour(pixels),
        blurhash(pixels, tiny.width, tiny.height),
        look_of(bytes(grey.write_to_memory())),
    )


def _pictures(shrunk: Mapping[Size, Any]) -> dict[Size, bytes]:
    """Each size as WebP; sizes that are the same picture, because it is small, are encoded once."""
    encoded: dict[tuple[int, int], bytes] = {}
    found: dict[Size, bytes] = {}
    for size, picture in shrunk.items():
        shape = (picture.width, picture.height)
        if shape not in encoded:
            encoded[shape] = bytes(picture.webpsave_buffer(Q=QUALITY, keep="none"))
        found[size] = encoded[shape]
    return found


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it says nothing"
