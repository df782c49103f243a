"""What PostgreSQL said while it started, and what that means for the person who started it."""

import os
import re
from pathlib import Path
from typing import IO

STARTUP = "startup.log"  # what the server says before it opens its own log
_STAMP = re.compile(r"^\S+ \S+ \w+ \[\d+\] ")
_NOISE = re.compile(r"FATAL:  the database system is |redirecting log output|Future log output will appear")
_TAIL = 1 << 16
_ADVICE = (
    (r"No space left on device|could not extend file", "free some space on that disk, then start again"),
    (
        r"checkpoint record|pg_control|invalid p(rimary|age)|control file|could not open dir|incompatible with",
        "the database files are damaged: move the folder away and restore a backup (`alexandria restore`)",
    ),
    (
        r"could not bind|lock file .*(already exists|is empty)|could not create lock file",
        "another server uses this folder or its socket: stop it, then start again",
    ),
    (r"still in use", "processes of a killed server are still running: end them, then start again"),
    (
        r"[Cc]annot allocate memory|shared memory",
        "free some memory, or set shared_buffers lower in postgresql.conf",
    ),
    (
        r"configuration (parameter|file)|invalid value for parameter|syntax error in file",
        "correct postgresql.conf or postgresql.auto.conf",
    ),
    (
        r"has (group or world access|invalid permissions|wrong ownership)",
        "give the folder mode 0700 and its old owner",
    ),
)


class Log:
    """The log folder, read from a mark on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sizes: dict[Path, int] = {}

    def mark(self) -> None:
        """From now on `text` gives only what is written later."""
        self._sizes = {path: path.stat().st_size for path in self.folder.glob("postgresql-*.log")}

    def open_startup(self) -> IO[bytes]:
        """The emptied file for what the server says before it opens its own log."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        return open(os.open(self.folder / STARTUP, flags, 0o600), "wb")

    def text(self) -> str:
        """What was written since the mark, the newest part of it."""
        files = [self.folder / STARTUP, *sorted(self.folder.glob("postgresql-*.log"))]
        return "".join(self._read(path) for path in files)

    def _read(self, path: Path) -> str:
        if not path.is_file() or path.is_symlink():
            return ""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._sizes.get(path, 0), size - _TAIL))
            return file.read().decode(errors="replace")

    def last_line(self) -> str:
        """The newest line without its time stamp; "" when nothing was said."""
        lines = _lines(self.text())
        return lines[-1] if lines else ""

    def problem(self) -> str:
        """Why the server stopped, in its own words and ours, on one line."""
        said = explain(self.text())
        return f"{said} (log: {self.folder})"


def explain(text: str) -> str:
    """The lines of a log that tell why a server stopped, and what to do; one line."""
    lines = _lines(text)
    fatal = [n for n, line in enumerate(lines) if line.startswith(("FATAL:", "PANIC:"))]
    chosen = lines[fatal[0] : fatal[0] + 2] if fatal else lines[-2:]
    if fatal and "contains errors" in chosen[0]:  # which ones, stands before it
        chosen = lines[fatal[0] - 1 : fatal[0] + 1]
    said = " ".join(line.strip() for line in chosen) or "it said nothing"
    for pattern, advice in _ADVICE:
        if re.search(pattern, said):
            return f"{said}; {advice}"
    return said


def _lines(text: str) -> list[str]:
    return [_STAMP.sub("", line) for line in text.splitlines() if line.strip() and not _NOISE.search(line)]
