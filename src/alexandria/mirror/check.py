"""Whether a dump file is, to the byte, what was published: its size and checksums, else a test of the whole gzip."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from isal import igzip

from alexandria.errors import DumpRefused
from alexandria.mirror.published import Published
from alexandria.mirror.read import BLOCK, DAMAGED

OnBytes = Callable[[int], None]


def check_file(path: Path, dump: Published, on_bytes: OnBytes) -> tuple[str, ...]:
    """What the file was checked by, such as ("size", "sha1", "md5"). One that does not fit is renamed to `.bad`.

    Raises DumpRefused then.
    """
    size = path.stat().st_size
    try:
        if size != dump.size:
            raise DumpRefused(f"{dump.name}: it has {size:,} bytes instead of {dump.size:,}")
        if dump.sums:
            _check_sums(path, dump, on_bytes)
            return ("size", *dump.sums)
        _check_gzip(path, dump.name, on_bytes)
        return ("size", "gzip")
    except DumpRefused as error:
        bad = path.with_name(f"{dump.name}.bad")
        path.replace(bad)
        raise DumpRefused(f"{error}; it is kept as {bad}, and the next run fetches it anew") from error


def _check_sums(path: Path, dump: Published, on_bytes: OnBytes) -> None:
    hashes = {how: hashlib.new(how, usedforsecurity=False) for how in dump.sums}
    done = 0
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            for each in hashes.values():
                each.update(data)
            done += len(data)
            on_bytes(done)
    for how, expected in dump.sums.items():
        if (found := hashes[how].hexdigest()) != expected:
            raise DumpRefused(f"{dump.name}: its {how} is {found}, but {expected} by the archive's list")


def _check_gzip(path: Path, name: str, on_bytes: OnBytes) -> None:
    length = 0
    try:
        with path.open("rb") as file, igzip.GzipFile(fileobj=file) as stream:  # type: ignore[no-untyped-call]
            while data := stream.read(BLOCK):
                length += len(data)
                on_bytes(file.tell())
    except DAMAGED as error:
        raise DumpRefused(f"{name}: the gzip file is damaged or was cut short ({error})") from error
    if not length:
        raise DumpRefused(f"{name}: the gzip file holds nothing")
