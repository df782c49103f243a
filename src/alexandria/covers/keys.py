"""Names of stored pictures, for whoever writes and whoever serves them. Pure."""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Size = Literal["large", "medium", "small"]
Form = Literal["webp", "jpg"]
SIZES: Final[Mapping[Size, tuple[int, int]]] = MappingProxyType(
    {"large": (512, 768), "medium": (256, 384), "small": (128, 192)}
)  # the box that a picture fits into: width and height in pixels
MEDIA: Final[Mapping[Form, str]] = MappingProxyType({"webp": "image/webp", "jpg": "image/jpeg"})
DIGEST: Final = 20  # bytes
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{40})-(large|medium|small)\.(webp|jpg)")


class Name(NamedTuple):
    """One object: the hash of the cover that it belongs to, and which of its pictures it is."""

    digest: bytes
    size: Size
    form: Form


def digest_of(pictures: Mapping[Size, bytes]) -> bytes:
    """The content hash of a cover: of the three pictures as they are stored."""
    found = hashlib.blake2b(digest_size=DIGEST)
    for size in SIZES:
        found.update(len(pictures[size]).to_bytes(4, "big") + pictures[size])
    return found.digest()


def object_key(digest: bytes, size: Size, form: Form = "webp") -> str:
    """The key of a picture in the object store."""
    name = digest.hex()
    return f"{name[:2]}/{name[2:4]}/{name}-{size}.{form}"


def read_key(key: str) -> Name | None:
    """What the object under a key is; None for what is none of ours."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    name = Name(bytes.fromhex(match[1]), match[2], match[3])  # type: ignore[arg-type]
    return name if object_key(*name) == key else None


def read_digest(text: str) -> bytes | None:
    """The hash that 40 hexadecimal digits are; None for anything else."""
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{40}", text) else None
