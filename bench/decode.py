"""Reading a dump without loading it (`python -m bench.decode FILE`): gunzip alone, and gunzip with JSON decoding.

One process, the program's own reader and decoder, no rows made and nothing kept: less than this no loader can do.
"""

import gc
import sys
import time
from pathlib import Path

import msgspec

from alexandria.biblio.openlibrary import TYPES, decode_wire
from alexandria.mirror.read import read_blocks


class Decoded(msgspec.Struct):
    """Seconds for the file."""

    gunzip: float
    gunzip_and_decode: float


def decode(path: Path) -> Decoded:
    """What one process takes for the file."""
    gc.disable()
    begun = time.perf_counter()
    for _ in read_blocks(path):
        pass
    middle = time.perf_counter()
    for block in read_blocks(path):
        for line in block.split(b"\n"):
            _decode_line(line)
    return Decoded(middle - begun, time.perf_counter() - middle)


def _decode_line(line: bytes) -> None:
    try:
        kind, _, _, _, raw = line.split(b"\t", 4)
        decode_wire(raw, TYPES[kind.decode()])
    except (ValueError, KeyError):  # damaged on purpose
        pass


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(decode(Path(sys.argv[1]))))
