"""A body as it comes in: unpacked, and never larger than allowed, however small it was on the wire."""

import zlib


class TooLarge(Exception):
    """The unpacked body is longer than the limit."""


class Damaged(Exception):
    """The body cannot be unpacked: cut short, not gzip, or packed in a way that nobody asked for."""


class Unpacker:
    """Collects the chunks of one body. `encoding` is its Content-Encoding, `limit` the most bytes of the result."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise Damaged(f"it is packed as {encoding[:20]!a}, which was not asked for")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
        self._fed = False

    def add(self, chunk: bytes) -> None:
        """Nothing. Raises TooLarge and Damaged."""
        self._fed = self._fed or bool(chunk)
        if self._gzip is None:
            self._keep(chunk)
            return
        while chunk:
            if self._gzip.eof:  # a file may have several members
                self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                self._keep(self._gzip.decompress(chunk, self._limit - self._size + 1))
            except zlib.error as error:
                raise Damaged(f"it is no gzip ({error})") from None
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise TooLarge
        self._parts.append(part)

    def result(self) -> bytes:
        """The whole body. Raises Damaged when it ends too early."""
        if self._gzip is not None and self._fed and not self._gzip.eof:
            raise Damaged("its gzip ends too early")
        return b"".join(self._parts)
