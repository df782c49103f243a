"""The body of an answer, piece by piece, up to a size: packed or not. Pure."""

import zlib
from typing import Final

from alexandria.client.errors import Malformed

MOST: Final = 32 << 20  # bytes


class Body:
    """Collects a body. Every method raises Malformed for one that is too long or cannot be unpacked."""

    def __init__(self, host: str, encoding: str) -> None:
        self._host = host
        self._pieces: list[bytes] = []
        self._size = 0
        self._unpack = None
        if encoding.strip().lower() in ("gzip", "x-gzip"):
            self._unpack = zlib.decompressobj(wbits=31)
        elif encoding.strip().lower() not in ("", "identity"):
            raise Malformed(host, "answers in an encoding that it was not asked for")

    def add(self, piece: bytes) -> None:
        """Nothing; one more piece, as it came."""
        if self._unpack is None:
            self._keep(piece)
            return
        try:
            self._keep(self._unpack.decompress(piece, MOST + 1 - self._size))
        except zlib.error:
            raise Malformed(self._host, "its answer cannot be unpacked") from None
        if self._unpack.unconsumed_tail:
            raise self._too_long()

    def whole(self) -> bytes:
        """All of it."""
        if self._unpack is not None and not self._unpack.eof:
            raise Malformed(self._host, "its answer is cut short")
        return b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > MOST:
            raise self._too_long()
        self._pieces.append(piece)

    def _too_long(self) -> Malformed:
        return Malformed(self._host, f"its answer is longer than {MOST >> 20} MiB")
