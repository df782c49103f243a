"""The style, the script and the picture of the pages, each at an address that changes with its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.exceptions import NotFoundException

PREFIX = "/static"
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"
AT_MOST = "public, max-age=60"  # of an address with another digest: one that an old page names


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with the first digits of its SHA-256."""

    content: bytes
    media_type: str
    digest: str


@cache
def assets() -> Mapping[str, Asset]:
    """Every file by its name; read once."""
    found = {}
    for file in files(__package__).joinpath("static").iterdir():
        kind = TYPES.get(file.name.rpartition(".")[2])
        if kind:
            content = file.read_bytes()
            found[file.name] = Asset(content, kind, hashlib.sha256(content).hexdigest()[:16])
    return found


def address(name: str) -> str:
    """Where a file is to be had. Raises KeyError for a name that there is not."""
    return f"{PREFIX}/{assets()[name].digest}/{name}"


@get(PREFIX + "/{digest:str}/{name:str}", sync_to_thread=False)
def get_asset(digest: str, name: str) -> Response[bytes]:
    """A file, to be kept for good under the digest of its content."""
    asset = assets().get(name)
    if asset is None:
        raise NotFoundException
    kept = FOREVER if digest == asset.digest else AT_MOST
    headers = {"cache-control": kept, "etag": f'"{asset.digest}"'}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
