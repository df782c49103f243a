"""What bytes are, by their beginning: one of the formats that are read, or why they are refused. Pure.

Neither a file's name nor what a host calls it is believed.
"""

import re
from typing import Final, Literal

from alexandria.covers.result import Refused

Kind = Literal["jpeg", "png", "gif", "webp", "avif", "tiff", "bmp"]
_MAGIC: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_TEXTS: Final = (
    (re.compile(rb"<!doctype html|<html|<head|<body", re.IGNORECASE), "a web page"),
    (re.compile(rb"<svg|<!doctype svg", re.IGNORECASE), "SVG, which is not read"),
    (re.compile(rb"<\?xml"), "XML"),
    (re.compile(rb"\s*[{\[]"), "JSON"),
)


def sniff(data: bytes) -> Kind | Refused:
    """The format of a picture, or the refusal of what is none."""
    if not data:
        return Refused("empty", "is empty")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    if data[:2] == b"BM" and data[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return "bmp"
    return _no_picture(data)


def _of_brands(data: bytes) -> Kind | Refused:
    """The kind of an ISO media file, by the brands that it names."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[start : start + 4] for start in range(16, length, 4))}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return Refused("unread_format", "is a HEIC picture or a film, which are not read")


def _no_picture(data: bytes) -> Refused:
    head = data[:1024]
    if head.startswith(b"%PDF"):
        return Refused("unread_format", "is a PDF, which is not read")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for pattern, name in _TEXTS:
        if pattern.search(text) if name != "JSON" else pattern.match(text):
            return Refused("unread_format" if "SVG" in name else "no_picture", f"is {name}")
    return Refused("no_picture", "is none of JPEG, PNG, GIF, WebP, AVIF, TIFF and BMP")
