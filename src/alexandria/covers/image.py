"""From the bytes of any picture to the three WebP pictures of a cover, or why they become none.

Header first: what would cost too much is refused before it is decoded. Then: turned as its EXIF data says, colours as
sRGB by its profile, white behind what is transparent, the first of several pictures; nothing of its metadata is kept,
and nothing is ever enlarged. For decoder processes: nobody else should decode what a stranger sent.
"""

from collections.abc import Mapping
from typing import Any, Final

import pyvips

from alexandria.covers import bmp
from alexandria.covers.keys import SIZES, Size
from alexandria.covers.limits import Header, check
from alexandria.covers.preview import TINY, blurhash, look_of, main_colour, spread
from alexandria.covers.result import Refused, Rendered
from alexandria.covers.sniff import Kind, sniff

QUALITY: Final = 85
EFFORT: Final = 2  # of 6: half the time of the usual 4, for two hundredths more bytes
FLAT: Final = 6  # of 255: how far the colours of a picture's parts must lie apart, or there is nothing to be seen
_PLAIN: Final = ("srgb", "b-w")  # colours that need no profile to be understood
_LOADERS: Final[Mapping[Kind, tuple[str, str]]] = {
    "jpeg": ("jpegload_buffer", "VipsForeignLoadJpegBuffer"),
    "png": ("pngload_buffer", "VipsForeignLoadPngBuffer"),
    "gif": ("gifload_buffer", "VipsForeignLoadNsgifBuffer"),
    "webp": ("webpload_buffer", "VipsForeignLoadWebpBuffer"),
    "avif": ("heifload_buffer", "VipsForeignLoadHeifBuffer"),
    "tiff": ("tiffload_buffer", "VipsForeignLoadTiffBuffer"),
}
_SAMPLES: Final = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "uint": 4, "int": 4, "float": 4}  # bytes; else 8


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
    options = {"height": height, "size": "down", "option_string": "[fail_on=error]"}  # as an argument it does nothing
    if opened.interpretation not in _PLAIN or "icc-profile-data" in opened.get_fields():
        options["export_profile"] = "srgb"
    return pyvips.Image.thumbnail_buffer(data, width, **options)


def _header(opened: Any, kind: Kind) -> Header:
    fields = opened.get_fields()
    pages = opened.get("n-pages") if "n-pages" in fields else 1
    sample = _SAMPLES.get(opened.format, 8)
    return Header(kind, opened.width, opened.height, opened.bands * sample, sample, pages, "interlaced" in fields)


def _read_bmp(data: bytes) -> Any:
    header = bmp.read_header(data)
    if isinstance(header, Refused):
        return header
    refused = check(Header("bmp", header.width, header.height), data)
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
    if large.interpretation != "srgb" or large.format != "uchar":
        large = large.colourspace("srgb").cast("uchar")
    shrunk: dict[Size, Any] = {"large": large.copy_memory()}
    picture = shrunk["large"]
    for size in ("medium", "small"):
        width, height = SIZES[size]
        shrunk[size] = picture = picture.thumbnail_image(width, height=height, size="down").copy_memory()
    tiny = _tiny(picture)
    if spread(tiny) < FLAT:
        return Refused("flat", "shows nothing but one colour")
    return Rendered(
        _pictures(shrunk),
        shrunk["large"].width,
        shrunk["large"].height,
        main_colour(tiny),
        blurhash(tiny),
        look_of(tiny),
    )


def _tiny(picture: Any) -> bytes:
    """The pixels of a small picture at the size TINY, each the mean of those that it stands for."""
    width, height = TINY
    if picture.width < width or picture.height < height:  # a strip
        return bytes(picture.thumbnail_image(width, height=height, size="force").write_to_memory())
    shrunk = picture.shrink(picture.width / width, picture.height / height, ceil=True)
    return bytes(shrunk.crop(0, 0, width, height).write_to_memory())


def _pictures(shrunk: Mapping[Size, Any]) -> dict[Size, bytes]:
    """Each size as WebP; sizes that are the same picture, because it is small, are encoded once."""
    encoded: dict[tuple[int, int], bytes] = {}
    found: dict[Size, bytes] = {}
    for size, picture in shrunk.items():
        shape = (picture.width, picture.height)
        if shape not in encoded:
            encoded[shape] = bytes(picture.webpsave_buffer(Q=QUALITY, effort=EFFORT, keep="none"))
        found[size] = encoded[shape]
    return found


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it says nothing"
