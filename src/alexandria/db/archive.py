"""The file of a backup: a tar in gzip that any tar reads, and that is read here without ever unpacking a path.

tables/0001.enriched.editions/000001.copy   rows as PostgreSQL's COPY writes them as text, cut anywhere into pieces
…
manifest.json                               last, so that a file without it is no backup: what must be in the others

A table is all its pieces one after the other. Only plain files of these two kinds of name, in this order, are
accepted; nothing is ever written under a name that an archive gives.
"""

import contextlib
import errno
import gzip
import hashlib
import os
import re
import secrets
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from isal import igzip, igzip_lib

from alexandria.db.manifest import ArchiveRefused, Manifest, read_manifest
from alexandria.errors import AlexandriaError

LEVEL = 1
PIECE = 4 << 20  # bytes of rows in one file of the tar, held in memory
BLOCK = 1 << 20
RECORD = 512  # bytes of a tar header; contents are padded to it
LARGEST_MANIFEST = 64 << 20
_MANIFEST = "manifest.json"
_PIECE_NAME = re.compile(r"tables/(\d{4,})\.[\w.-]*/(\d{6,})\.copy", re.ASCII)
_BROKEN = (
    *(gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError, UnicodeError),
    cast(type[Exception], igzip_lib.IsalError),
)


class BackupExists(AlexandriaError):
    """A file is there already where the backup should be written."""


class ArchiveWriter:
    """Writes a backup into an open file."""

    def __init__(self, file: BinaryIO) -> None:
        stream = igzip.IGzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0)  # type: ignore[no-untyped-call]
        self._gzip = cast(BinaryIO, stream)

    def add_piece(self, table: int, label: str, piece: int, data: bytes) -> None:
        """Nothing; the next piece of the table with this number."""
        plain = re.sub(r"[^\w.-]", "_", label, flags=re.ASCII)[:60]
        self._add(f"tables/{table:04}.{plain}/{piece:06}.copy", data)

    def finish(self, manifest: Manifest) -> None:
        """Nothing; the manifest and the ends of tar and gzip are written."""
        self._add(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        self._gzip.write(bytes(2 * RECORD))
        self._gzip.close()

    def _add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._gzip.write(info.tobuf(tarfile.USTAR_FORMAT))
        self._gzip.write(data)
        self._gzip.write(bytes(-len(data) % RECORD))


@contextlib.contextmanager
def write_whole(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A new file that appears under its name when the block is done, on the disk for good, or not at all.

    Raises BackupExists when the name is taken, unless forced; OSError names the file.
    """
    taken = BackupExists(f"{path} is there already: give --force to replace it, or another place with --out")
    if not force and os.path.lexists(path):
        raise taken
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        if force:
            temporary.replace(path)
        else:
            _rename_to_free(temporary, path)
        _sync(path.parent)
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _rename_to_free(temporary: Path, path: Path) -> None:
    """A hard link never replaces another file; where the disk knows none (a USB stick), looking first must do."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.rename(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(slots=True)
class Content:
    """What was read of one table so far."""

    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, block: bytes) -> None:
        self.size += len(block)
        self.digest.update(block)


class ArchiveReader:
    """Reads a backup from its begin, as often as one is made on the same file. Raises ArchiveRefused."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        file.seek(0)
        self.name = name
        self.manifest: Manifest | None = None
        self._gzip = cast(BinaryIO, igzip.IGzipFile(fileobj=file, mode="rb"))  # type: ignore[no-untyped-call]

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """The rows in order: (number of the table, bytes). `manifest` is set when they are over."""
        last = (0, 0)
        while any(header := self._read(RECORD)):
            name, size = self._parse(header)
            if self.manifest:
                raise self.refused("something follows the manifest")
            if name == _MANIFEST:
                self.manifest = self._read_manifest(size)
                continue
            found = _PIECE_NAME.fullmatch(name)
            here = (int(found[1]), int(found[2])) if found else (0, 0)
            if here not in ((last[0], last[1] + 1), (max(here[0], last[0] + 1), 1)):
                raise self.refused(f"a file {name!r} does not belong there")
            last = here
            for part in range(0, size, BLOCK):
                yield here[0], self._read(min(BLOCK, size - part))
            self._read(-size % RECORD)
        self._read_end()

    def refused(self, why: str) -> ArchiveRefused:
        """The error for this file."""
        return ArchiveRefused(f"{self.name} is damaged or no backup of Alexandria ({why}): take another copy of it")

    def _parse(self, header: bytes) -> tuple[str, int]:
        try:
            info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
        except _BROKEN as error:
            raise self.refused(str(error)) from error
        if info.type != tarfile.REGTYPE or info.size < 0:
            raise self.refused(f"{info.name!r} is no plain file")
        return info.name, info.size

    def _read(self, size: int) -> bytes:
        data = self._read_some(size)
        if len(data) < size:
            raise self.refused("it ends too early")
        return data

    def _read_some(self, size: int) -> bytes:
        try:
            return self._gzip.read(size)
        except _BROKEN as error:
            raise self.refused(str(error) or "it ends too early") from error

    def _read_end(self) -> None:
        """Nothing but zeros may follow; reading them lets gzip compare its own checksum."""
        while data := self._read_some(BLOCK):
            if any(data):
                raise self.refused("something follows its end")
        if not self.manifest:
            raise self.refused("it has no manifest")

    def _read_manifest(self, size: int) -> Manifest:
        if size > LARGEST_MANIFEST:
            raise self.refused("its manifest is too large")
        text = self._read(size)
        self._read(-size % RECORD)
        try:
            return read_manifest(text, self.name)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise self.refused(f"its manifest: {error}") from error
