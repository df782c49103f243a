"""Every kind of picture becomes a cover, and nothing else does."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pyvips

from alexandria.covers.image import prepare, render, to_jpeg
from alexandria.covers.keys import SIZES, digest_of
from alexandria.covers.result import Refused, Rendered
from alexandria.covers.sniff import sniff
from tests.covers.pictures import jpeg, opened, picture, pixel

FOLDERS = ("valid", "derived", "broken", "placeholder", "synthetic")
# what the recorded files become; those of `valid` and `derived` that are not here become covers
REFUSED = {
    "broken.png": "damaged", "no_palette.gif": "too_small", "png_decompression_dos.png": "too_small",
    "zero_width.gif": "damaged", "no_cover_bookwyrm.jpg": "flat", "tRNS_null_1x1.png": "too_small",
    "empty.jpg": "empty", "html_error_page.jpg": "no_picture", "json_error.jpg": "no_picture",
    "exif_gps.jpg": "too_small",
}  # fmt: skip
# damaged in a way that leaves every pixel readable
READABLE = {"invalid-exif.jpg", "truncated_app14.jpg", "truncated_end_chunk.png", "unknown_compression_method.png"}


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    prepare()


def rendered(data: bytes) -> Rendered:
    found = render(data)
    assert isinstance(found, Rendered), found
    return found


def refused(data: bytes) -> str:
    found = render(data)
    assert isinstance(found, Refused)
    assert found.message
    assert "\n" not in found.message
    return found.reason


# --- recorded files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_recorded_files_become_what_they_should(fixtures_dir: Path, folder: str) -> None:
    files = sorted((fixtures_dir / "covers" / folder).iterdir())
    assert files
    for file in files:
        found = render(file.read_bytes())
        if file.name in REFUSED:
            assert isinstance(found, Refused), file.name
            assert found.reason == REFUSED[file.name], file.name
            continue
        assert folder in ("valid", "derived") or file.name in READABLE
        assert isinstance(found, Rendered), file.name
        check(found)


def check(cover: Rendered) -> None:
    """Nothing; what holds for every cover."""
    assert tuple(cover.pictures) == tuple(SIZES)
    before = None
    for size, data in cover.pictures.items():
        image, (width, height) = opened(data), SIZES[size]
        assert data[:4] == b"RIFF"
        assert data[8:12] == b"WEBP"
        assert image.width <= width
        assert image.height <= height
        assert image.bands == 3
        assert not {"exif-data", "icc-profile-data", "xmp-data", "iptc-data"} & set(image.get_fields())
        assert before is None or (image.width <= before.width and image.height <= before.height)
        before = image
    large = opened(cover.pictures["large"])
    assert (large.width, large.height) == (cover.width, cover.height)
    assert len(cover.preview) == 28
    assert len(cover.colour) == 7
    assert cover.colour[0] == "#"


def test_a_turned_picture_is_turned_back(fixtures_dir: Path) -> None:
    plain = rendered((fixtures_dir / "covers" / "valid" / "hopper_gray.jpg").read_bytes())
    turned = rendered((fixtures_dir / "covers" / "valid" / "hopper_orientation_6.jpg").read_bytes())
    assert (plain.look ^ turned.look).bit_count() <= 5


# --- formats -----------------------------------------------------------------------------------------------------


def bmp(image: Any, depth: int, *, upside_up: bool = False, core: bool = False) -> bytes:
    """A BMP file; with less than 24 bits its colours are greys."""
    width, height = image.width, image.height
    rows = []
    for row in range(height):
        line = bytes(image.crop(0, row, width, 1).write_to_memory())
        pixels = [line[3 * n : 3 * n + 3] for n in range(width)]
        if depth >= 24:
            packed = b"".join(each[::-1] + b"\0" * (depth == 32) for each in pixels)
        else:
            levels, packed_row, bits = 1 << depth, 0, 0
            packed = b""
            for each in pixels:
                packed_row, bits = packed_row << depth | each[1] * levels // 256, bits + depth
                if bits == 8:
                    packed, packed_row, bits = packed + bytes([packed_row]), 0, 0
            if bits:
                packed += bytes([packed_row << (8 - bits)])
        rows.append(packed.ljust((width * depth + 31) // 32 * 4, b"\0"))
    levels = 1 << depth if depth <= 8 else 0
    greys = [value * 255 // max(levels - 1, 1) for value in range(levels)]
    palette = b"".join(bytes([grey] * 3) + (b"" if core else b"\0") for grey in greys)
    info = (
        struct.pack("<IHHHH", 12, width, height, 1, depth)
        if core
        else struct.pack("<IiiHHIIiiII", 40, width, -height if upside_up else height, 1, depth, 0, 0, 0, 0, 0, 0)
    )
    body = b"".join(rows if upside_up else reversed(rows))
    start = 14 + len(info) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start) + info + palette + body


FORMATS: dict[str, Callable[[Any], Any]] = {
    "jpeg": lambda image: image.jpegsave_buffer(Q=95),
    "progressive jpeg": lambda image: image.jpegsave_buffer(Q=95, interlace=True),
    "png": lambda image: image.pngsave_buffer(),
    "interlaced png": lambda image: image.pngsave_buffer(interlace=True),
    "png with palette": lambda image: image.pngsave_buffer(palette=True),
    "png of 16 bits": lambda image: (image.cast("ushort") * 257).cast("ushort").copy(
        interpretation="rgb16").pngsave_buffer(bitdepth=16),
    "gif": lambda image: image.gifsave_buffer(),
    "webp": lambda image: image.webpsave_buffer(Q=95),
    "lossless webp": lambda image: image.webpsave_buffer(lossless=True),
    "avif": lambda image: image.heifsave_buffer(compression="av1", Q=90, effort=0),
    "tiff": lambda image: image.tiffsave_buffer(),
    "packed tiff": lambda image: image.tiffsave_buffer(compression="deflate"),
    "tiled tiff": lambda image: image.tiffsave_buffer(tile=True, compression="lzw"),
    "bmp": lambda image: bmp(image, 24),
    "bmp of 32 bits": lambda image: bmp(image, 32),
    "bmp from the top": lambda image: bmp(image, 24, upside_up=True),
    "old bmp": lambda image: bmp(image, 24, core=True),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_cover(name: str) -> None:
    image = picture(120, 180, 3)
    wanted, found = rendered(bytes(FORMATS["png"](image))), rendered(bytes(FORMATS[name](image)))
    check(found)
    assert (found.width, found.height) == (120, 180)
    difference = opened(wanted.pictures["large"]) - opened(found.pictures["large"])
    assert difference.abs().avg() < 6, "the colours are those of the original"
    assert (wanted.look ^ found.look).bit_count() <= 5


@pytest.mark.parametrize("depth", [1, 4, 8])
def test_bmp_with_a_palette(depth: int) -> None:
    grey = picture(101, 150, 2)[1].bandjoin([picture(101, 150, 2)[1]] * 2).copy(interpretation="srgb")
    wanted, found = rendered(bytes(grey.pngsave_buffer())), rendered(bmp(grey, depth))
    difference = opened(wanted.pictures["large"]) - opened(found.pictures["large"])
    assert difference.abs().avg() < (80 if depth == 1 else 12)
    assert (wanted.look ^ found.look).bit_count() <= 12


def test_colours_are_those_of_the_profile() -> None:
    image = (pyvips.Image.black(200, 300, bands=3) + [200, 60, 40]).cast("uchar").copy(interpretation="srgb")
    image = image.draw_rect([20, 20, 220], 0, 0, 200, 100, fill=True)
    wide = image.icc_transform("p3", input_profile="srgb")
    assert wide(50, 200) != image(50, 200), "the numbers are others, the colours are the same"
    found = rendered(bytes(wide.pngsave_buffer()))
    assert pixel(found.pictures["large"], 100, 200) == pytest.approx([200, 60, 40], abs=6)


def test_colours_for_print_become_colours_for_screens() -> None:
    image = picture(200, 300, 3)
    cmyk = image.icc_transform("cmyk", input_profile="srgb")
    for keep in ("icc", "none"):
        found = rendered(bytes(cmyk.jpegsave_buffer(Q=95, keep=keep)))
        difference = opened(found.pictures["large"]) - image
        assert difference.abs().avg() < 40
        assert (found.look ^ rendered(bytes(image.pngsave_buffer())).look).bit_count() <= 8


def test_a_broken_profile_is_no_reason_to_refuse() -> None:
    image = picture(200, 300, 3).copy()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", b"this is no profile" * 20)
    for data in (image.jpegsave_buffer(Q=90), image.webpsave_buffer()):
        check(rendered(bytes(data)))


def test_grey_and_deep_pictures() -> None:
    grey = picture(200, 300, 3)[1].copy(interpretation="b-w")
    check(rendered(bytes(grey.jpegsave_buffer())))
    check(rendered(bytes(grey.pngsave_buffer())))
    deep = (grey.cast("ushort") * 257).cast("ushort").copy(interpretation="grey16")
    found = rendered(bytes(deep.pngsave_buffer(bitdepth=16)))
    assert (opened(found.pictures["large"])[0] - grey).abs().avg() < 8
    for kind in ("float", "uint"):
        tiff = grey.cast(kind).copy(interpretation="b-w").tiffsave_buffer()
        assert isinstance(render(bytes(tiff)), Rendered | Refused)


@pytest.mark.parametrize("name", ["png", "webp", "tiff", "avif"])
def test_what_is_transparent_is_on_white(name: str) -> None:
    image = picture(200, 300, 3)
    clear = (pyvips.Image.xyz(200, 300)[1] < 150).ifthenelse(0, 255).cast("uchar")
    found = rendered(bytes(FORMATS[name](image.bandjoin(clear))))
    assert pixel(found.pictures["large"], 100, 30) == pytest.approx([255, 255, 255], abs=3)
    assert pixel(found.pictures["large"], 100, 250) == pytest.approx(image(100, 250), abs=30)


def test_of_an_animation_the_first_picture_is_taken() -> None:
    pages = [picture(120, 180, seed) for seed in (1, 2, 3)]
    strip = pyvips.Image.arrayjoin(pages, across=1).copy()
    strip.set_type(pyvips.GValue.gint_type, "page-height", 180)
    for data in (strip.gifsave_buffer(), strip.webpsave_buffer(Q=90)):
        found = rendered(bytes(data))
        assert (found.width, found.height) == (120, 180)
        assert (opened(found.pictures["large"]) - pages[0]).abs().avg() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_data_says(orientation: int) -> None:
    image = picture(300, 200, 3).copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    found = rendered(bytes(image.jpegsave_buffer(Q=95)))
    wanted = image.autorot()
    assert (found.width, found.height) == ((200, 300) if orientation >= 5 else (300, 200))
    assert (opened(found.pictures["large"]) - wanted).abs().avg() < 6


def test_nothing_of_the_metadata_is_kept() -> None:
    image = picture(300, 450, 3).copy()
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd3-GPSLatitude", "51/1 30/1 0/1 (51, 30, 0, Rational)")
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Artist", "SECRETNAME (SECRETNAME, ASCII)")
    image.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta>SECRETNAME</x:xmpmeta>")
    data = bytes(image.jpegsave_buffer())
    assert b"SECRETNAME" in data
    for webp in rendered(data).pictures.values():
        assert b"SECRETNAME" not in webp
        assert b"EXIF" not in webp
        assert b"XMP" not in webp


# --- sizes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (1000, 1500, [(512, 768), (256, 384), (128, 192)]),
        (500, 750, [(500, 750), (256, 384), (128, 192)]),
        (200, 300, [(200, 300), (200, 300), (128, 192)]),
        (64, 96, [(64, 96)] * 3),
        (32, 32, [(32, 32)] * 3),
        (2000, 500, [(512, 128), (256, 64), (128, 32)]),
        (400, 3000, [(102, 768), (51, 384), (26, 192)]),
        (3000, 40, [(512, 7), (256, 4), (128, 2)]),
    ],
)
def test_pictures_fit_and_are_never_enlarged(width: int, height: int, sizes: list[tuple[int, int]]) -> None:
    found = rendered(bytes(picture(width, height, 3).pngsave_buffer()))
    for data, size in zip(found.pictures.values(), sizes, strict=True):
        assert (opened(data).width, opened(data).height) == pytest.approx(size, abs=1)


def test_the_same_bytes_give_the_same_hash() -> None:
    first, again, other = (rendered(jpeg(300, 450, seed)) for seed in (1, 1, 2))
    assert digest_of(first.pictures) == digest_of(again.pictures) != digest_of(other.pictures)


def test_webp_becomes_jpeg_for_who_cannot_read_it() -> None:
    webp = rendered(jpeg()).pictures["medium"]
    found = to_jpeg(webp)
    assert found[:3] == b"\xff\xd8\xff"
    assert (opened(found) - opened(webp)).abs().avg() < 6
    assert len(found) < 60_000


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 100, "no_picture"),
        (b"GIF", "no_picture"),
        (b"  <!DOCTYPE HTML><html>", "no_picture"),
        (b"\xef\xbb\xbf<html><body>x", "no_picture"),
        (b"<?xml version='1.0'?><feed/>", "no_picture"),
        (b"<?xml version='1.0'?>\n<!-- c -->\n<svg xmlns='http://www.w3.org/2000/svg'/>", "unread_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "unread_format"),
        (b"%PDF-1.4\n", "unread_format"),
        (b"%!PS-Adobe", "no_picture"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "unread_format"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "unread_format"),
        (b"PK\x03\x04", "no_picture"),
        (b"8BPS\0\x01", "no_picture"),
        (b"v=1;", "no_picture"),
        (b"BM" + b"\0" * 60, "no_picture"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"GIF89a", "damaged"),
        (b"RIFF\0\0\0\0WEBP", "damaged"),
        (b"II*\0\0\0\0\0", "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes, reason: str) -> None:
    assert refused(data) == reason


@pytest.mark.parametrize("name", [name for name in FORMATS if "tiff" not in name])
def test_a_picture_that_ends_early_is_refused(name: str) -> None:
    data = bytes(FORMATS[name](picture(120, 180, 3)))
    assert refused(data[: len(data) * 2 // 3]) == "damaged"


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def replaced(data: bytes, marker: bytes, offset: int, new: bytes) -> bytes:
    """The data with some bytes behind a marker replaced."""
    place = data.index(marker) + offset
    return data[:place] + new + data[place + len(new) :]


HUGE = {
    "png": png(60_000, 60_000),
    "png, wide": png(2_000_000_000, 40),
    "png of 17 MP": png(4_000, 4_250),
    "gif": b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;",
    "jpeg": replaced(jpeg(64, 64), b"\xff\xc0", 5, b"\xff\xff\xff\xff"),
    "jpeg of 41 MP": replaced(jpeg(64, 64), b"\xff\xc0", 5, struct.pack(">HH", 6_400, 6_500)),
    "webp": replaced(bytes(picture(64, 64).webpsave_buffer()), b"VP8 ", 14, struct.pack("<HH", 16_383, 16_383)),
    "tiff": replaced(bytes(picture(64, 64).tiffsave_buffer()), struct.pack("<HHI", 256, 3, 1), 0,
                     struct.pack("<HHII", 256, 4, 1, 1_000_000)),
    "bmp": replaced(bmp(picture(64, 64), 24), b"\x28\0\0\0", 4, struct.pack("<ii", 50_000, 50_000)),
    "avif": replaced(bytes(picture(64, 64).heifsave_buffer(compression="av1", effort=0)), b"ispe", 8,
                     struct.pack(">II", 30_000, 30_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_picture_in_a_small_file_is_refused_by_its_header(name: str) -> None:
    assert sniff(HUGE[name]) == name.replace(",", " ").split()[0]
    assert refused(HUGE[name]) in ("too_large", "damaged")
    if name in ("png of 17 MP", "jpeg of 41 MP", "bmp", "png"):
        assert refused(HUGE[name]) == "too_large"


BOMB = zlib.compress(b"\0" * 20_000_000, 9)


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_a_bomb_in_the_text_of_a_png_does_not_go_off(kind: bytes) -> None:
    heads = {b"zTXt": b"Comment\0\0", b"iCCP": b"profile\0\0", b"iTXt": b"Comment\0\1\0\0\0"}
    plain = bytes(picture(64, 96).pngsave_buffer())
    data = plain[:33] + chunk(kind, heads[kind] + BOMB) * 3 + plain[33:]
    assert isinstance(render(data), Rendered | Refused)


def test_an_even_picture_is_refused() -> None:
    for colour in ([255, 255, 255], [0, 0, 0], [200, 10, 10]):
        image = (pyvips.Image.black(300, 450, bands=3) + colour).cast("uchar").copy(interpretation="srgb")
        for name in ("jpeg", "png", "webp", "gif", "avif"):
            assert refused(bytes(FORMATS[name](image))) == "flat"
    nearly = (pyvips.Image.gaussnoise(300, 450, mean=200, sigma=1.0).cast("uchar")).bandjoin([200, 200])
    assert refused(bytes(nearly.cast("uchar").copy(interpretation="srgb").pngsave_buffer())) == "flat"


def test_a_few_words_on_white_are_a_cover() -> None:
    words = pyvips.Image.black(300, 450, bands=3) + 255
    for line in range(3):
        words = words.draw_rect([0, 0, 0], 60, 100 + 30 * line, 180, 4, fill=True)
    check(rendered(bytes(words.cast("uchar").copy(interpretation="srgb").pngsave_buffer())))
