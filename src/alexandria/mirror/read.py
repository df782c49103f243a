"""Reading dump files: plain or gzip, any size, in blocks that end at a line's end."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip, igzip_lib

from alexandria.errors import DumpRefused

BLOCK = 4 << 20
LONGEST_LINE = 64 << 20  # Open Library's longest has a hundredth of that; a gzip of nothing may unpack to any length
GZIP_MAGIC = b"\x1f\x8b"
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, cast(type[Exception], igzip_lib.IsalError))


def read_blocks(path: Path, size: int = BLOCK, on_bytes: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The file's text in blocks of about `size` bytes, each ending with a whole line; the same blocks every time.

    `on_bytes` is told how far into the (compressed) file the reading is. Raises DumpRefused when the file is
    missing, unreadable, its gzip stream is damaged or ends too early, or one line would fill the memory.
    """
    try:
        with path.open("rb") as file:
            rest = b""
            for data in _inflated(file, size):
                if on_bytes:
                    on_bytes(file.tell())
                cut = data.rfind(b"\n") + 1
                if cut == 0:
                    rest += data
                    if len(rest) > LONGEST_LINE:
                        raise DumpRefused(f"{path}: has a line of more than {LONGEST_LINE >> 20} MiB, so it is no dump")
                    continue
                yield rest + data[:cut]
                rest = data[cut:]
            if rest:
                yield rest
    except DAMAGED as error:
        raise DumpRefused(f"{path}: the gzip file is damaged or was cut short ({error}); download it again") from error
    except OSError as error:
        raise DumpRefused(f"{path}: cannot be read ({error.strerror or error})") from error


def _inflated(file: BinaryIO, size: int) -> Iterator[bytes]:
    is_gzip = file.read(2) == GZIP_MAGIC  # by content: the name says nothing
    file.seek(0)
    stream: BinaryIO = igzip.GzipFile(fileobj=file) if is_gzip else file  # type: ignore[no-untyped-call, assignment]
    while data := stream.read(size):
        yield data
