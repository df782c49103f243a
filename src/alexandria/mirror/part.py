"""A dump file that is growing: `<name>.part`, with the version it is of beside it in `<name>.part.json`.

Nothing is buffered here, so what was received before a kill -9 is there after it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from alexandria.mirror.published import Published
from alexandria.net.fetch import Body, Fetcher
from alexandria.net.retry import FetchFailed, Interrupted, Patience


class Changed(Exception):
    """The file at the host is no longer the one that was begun."""


class _Version(msgspec.Struct, frozen=True):
    size: int
    validator: str | None


class Part:
    """The `.part` of a dump in a folder."""

    def __init__(self, folder: Path, dump: Published) -> None:
        self.path = folder / f"{dump.name}.part"
        self._dump = dump
        self._version_path = folder / f"{dump.name}.part.json"
        self._version = _Version(dump.size, dump.validator)

    def resume_at(self) -> int:
        """How many bytes are the beginning of this very version; 0 when they are of another, or there are none."""
        try:
            version = msgspec.json.decode(self._version_path.read_bytes(), type=_Version)
            size = self.path.stat().st_size
        except (FileNotFoundError, msgspec.DecodeError):
            return 0
        same = self._dump.validator is not None and version == self._version
        return size if same and size <= self._dump.size else 0

    def needs(self) -> int:
        """How many bytes the whole file takes beyond those that the `.part` takes already, of whatever version."""
        used = self.path.stat().st_size if self.path.exists() else 0
        return max(self._dump.size - used, 0)

    def fill(self, fetcher: Fetcher, patience: Patience, on_bytes: Callable[[int, int], None]) -> None:
        """Nothing; the file is whole. `on_bytes` is told how many came just now, and how many there are.

        Raises Changed when the host has another version, FetchFailed when the patience is at its end.
        """
        position = furthest = self.resume_at()
        with self.path.open("r+b" if position else "wb", buffering=0) as file:
            self._write_version()  # not before what was of another version is gone
            while position < self._dump.size:
                try:
                    with fetcher.get(self._dump.url, self._from(position), validator=self._dump.validator) as body:
                        self._refuse_change(body)
                        position = file.seek(body.start)  # 0 where the host ignores ranges
                        file.truncate()
                        for chunk in body.chunks:
                            _write(file.fileno(), chunk)
                            position += len(chunk)
                            on_bytes(len(chunk), position)
                            if position > furthest:
                                furthest = position
                                patience.renew()
                except Interrupted as error:
                    patience.wait(error)
                except FetchFailed as error:
                    if error.status == 416:  # it is shorter than what we have
                        raise Changed from error
                    raise
            os.fsync(file.fileno())

    def _from(self, position: int) -> int:
        return position if self._dump.validator else 0  # else nobody could tell whether it is the same file

    def _refuse_change(self, body: Body) -> None:
        if body.validator != self._dump.validator or body.total != self._dump.size:
            raise Changed

    def _write_version(self) -> None:
        fresh = self._version_path.with_name(self._version_path.name + ".new")
        fresh.write_bytes(msgspec.json.encode(self._version))
        fresh.replace(self._version_path)

    def finish(self, path: Path) -> None:
        """Nothing; the file has its name, also after a power cut."""
        self.path.replace(path)
        self.forget()
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Nothing; the next run starts from zero."""
        self._version_path.unlink(missing_ok=True)


def _write(descriptor: int, data: bytes) -> None:
    """Nothing; all is written: a disk that gets full may take a part of it before it says so."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
