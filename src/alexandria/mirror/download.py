"""Dump files from Open Library to a folder, whole and of one date; killed at any point, the same command goes on.

A file grows as `<name>.part` and gets its name when its size and checksums fit; one that does not fit is refused and
kept as `<name>.bad`. What is published tells `published`, how a file grows `part`, what makes it fit `check`.
"""

import errno
import fcntl
import functools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from alexandria.errors import AlexandriaError, DumpRefused, NotEnoughDisk
from alexandria.mirror.check import check_file
from alexandria.mirror.part import Changed, Part
from alexandria.mirror.published import ARCHIVE_HOSTS, TYPES, Published, Publisher
from alexandria.net.fetch import Fetcher
from alexandria.net.retry import Patience

MOST_CHANGES = 3  # of one file while it is fetched
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_TELL = 0.1  # seconds between two reports


class DownloadRunning(AlexandriaError):
    """Another download writes into the same folder."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a download is: bytes of this file, and bytes fetched of those to fetch in the whole run."""

    stage: str
    position: int
    size: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class File:
    """One dump file in the folder: bytes fetched now, whether an earlier run had begun it, what it was checked by."""

    type: str
    path: Path
    bytes: int
    fetched: int
    resumed: bool
    checked: tuple[str, ...]


@dataclass(slots=True)
class Downloaded:
    """What a download brought: files of one date, and what could not be checked as it should."""

    date: str = ""
    files: list[File] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def paths(self) -> list[Path]:
        return [file.path for file in self.files]


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a download does to the world around it; tests bring their own."""

    pause: Callable[[float], None] = time.sleep
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free


def download_dumps(
    base: str,
    out: Path,
    *,
    contact: str | None = None,
    types: Sequence[str] = TYPES,
    day: date | None = None,
    on_progress: OnProgress | None = None,
    on_warning: Callable[[str], None] | None = None,
    means: Means | None = None,
) -> Downloaded:
    """The dump files of these types, the newest or those of `day`, complete and checked, in the folder `out`.

    Raises NotPublished, DumpRefused (a bad file is kept as `.bad`), NotEnoughDisk, FetchFailed (run it again: it goes
    on), ContactMissing, DownloadRunning.
    """
    begun = time.monotonic()
    with _only_one(out), Fetcher(contact, ARCHIVE_HOSTS) as fetcher:
        report = Downloaded()

        def warn(text: str) -> None:
            report.warnings.append(text)
            if on_warning:
                on_warning(text)

        download = _Download(fetcher, base, out, report, warn, on_progress or (lambda progress: None), means or Means())
        download.run(types, day)
        report.seconds = time.monotonic() - begun
        return report


def find_newest(base: str, *, contact: str | None = None, types: Sequence[str] = TYPES) -> str:
    """The date of the newest dump, all of whose files are there. Raises NotPublished, DumpRefused, FetchFailed."""
    with Fetcher(contact, ARCHIVE_HOSTS) as fetcher:
        publisher = Publisher(fetcher, base, time.sleep, lambda text: None)
        return publisher.find(types, None)[0].date


@contextmanager
def _only_one(out: Path) -> Iterator[None]:
    """Nothing; the folder is there, and ours alone until the end of the block or of this process."""
    out.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DownloadRunning(f"another download writes into {out}: wait for it or stop it") from None
    try:
        yield
    finally:
        os.close(descriptor)


class _Download:
    """The state of one run."""

    def __init__(
        self,
        fetcher: Fetcher,
        base: str,
        out: Path,
        report: Downloaded,
        warn: Callable[[str], None],
        on_progress: OnProgress,
        means: Means,
    ) -> None:
        self.fetcher, self.out, self.report, self.warn = fetcher, out, report, warn
        self.on_progress, self.means = on_progress, means
        self.publisher = Publisher(fetcher, base, means.pause, warn)
        self.fetched = self.total = 0
        self.told = 0.0

    def run(self, types: Sequence[str], day: date | None) -> None:
        self._tell("looking for the dumps", 0, 0)
        dumps = self.publisher.find(types, day)
        self.report.date = dumps[0].date
        kept = {dump.type: checked for dump in dumps if (checked := self._check_complete(dump))}
        missing = [dump for dump in dumps if dump.type not in kept]
        self._check_room(missing)
        self.total = sum(dump.size - Part(self.out, dump).resume_at() for dump in missing)
        for dump in dumps:
            if dump.type in kept:
                path = self.out / dump.name
                self.report.files.append(File(dump.type, path, dump.size, 0, False, kept[dump.type]))
            else:
                self.report.files.append(self._complete(dump))

    def _check_complete(self, dump: Published) -> tuple[str, ...] | None:
        """What a file that is there already was checked by; None when it must be fetched."""
        path = self.out / dump.name
        if not path.is_file():
            return None
        try:
            return self._check(path, dump)
        except DumpRefused as error:
            self.warn(f"{error}; fetching it again")
            return None

    def _check(self, path: Path, dump: Published) -> tuple[str, ...]:
        told = f"checking {dump.type}"
        return check_file(path, dump, lambda position: self._tell(told, position, dump.size))

    def _check_room(self, dumps: Sequence[Published]) -> None:
        """Raises NotEnoughDisk when what is yet to be fetched does not fit."""
        need, free = sum(Part(self.out, dump).needs() for dump in dumps), self.means.free_bytes(self.out)
        if need > free:
            raise NotEnoughDisk(
                f"the dumps need {need:,} more bytes in {self.out}, where {free:,} are free: {need - free:,} bytes "
                "are missing; free some space or name another folder with --out"
            )

    def _complete(self, dump: Published) -> File:
        """The file, fetched, checked and under its name."""
        before, resumed = self.fetched, Part(self.out, dump).resume_at() > 0
        for _ in range(MOST_CHANGES):
            part = Part(self.out, dump)
            try:
                part.fill(self.fetcher, Patience(self.means.pause), functools.partial(self._count, dump))
                break
            except OSError as error:
                if error.errno not in FULL:
                    raise
                raise NotEnoughDisk(
                    f"{self.out} is full ({error.strerror}) while {dump.name} is fetched; "
                    "free some space and run it again: it goes on"
                ) from error
            except Changed:
                self.warn(f"{dump.name} changed at the archive while it was fetched; starting it again")
                self.publisher.forget()
                dump, resumed = self.publisher.describe(dump.type, dump.url), False
                self._check_room([dump])
                self.total += dump.size
        else:
            raise DumpRefused(f"{dump.name} keeps changing at the archive; try again in a day")
        try:
            checked = self._check(part.path, dump)
        except DumpRefused:
            part.forget()
            raise
        path = self.out / dump.name
        part.finish(path)
        return File(dump.type, path, dump.size, self.fetched - before, resumed, checked)

    def _count(self, dump: Published, fresh: int, position: int) -> None:
        self.fetched += fresh
        self._tell(f"fetching {dump.type}", position, dump.size)

    def _tell(self, stage: str, position: int, size: int) -> None:
        now = time.monotonic()
        if now - self.told >= _TELL or position == size:
            self.told = now
            self.on_progress(Progress(stage, position, size, self.fetched, max(self.total, self.fetched)))
