"""The folder of the benches: invented dumps and databases, kept for the next run.

dumps/1000000-ab12…/    the five files and their summary; the name holds a hash of the generator's sources
data/1000000/           ALEXANDRIA_DATA_DIR of the embedded server; loaded.json says what was loaded, by which code
scratch/                what a bench writes and removes
lock                    held by the bench that runs
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alexandria.errors import AlexandriaError
from alexandria.sample.dump import generate_dump
from alexandria.sample.lines import KINDS, dump_path

SOURCES = Path(__file__).parents[1] / "src" / "alexandria"
VARIABLE = "ALEXANDRIA_BENCH_DIR"


class BenchFailed(AlexandriaError):
    """A bench cannot be run; the message says what to do."""


def workspace() -> Path:
    """The folder, made if it is missing: ALEXANDRIA_BENCH_DIR, else one that PostgreSQL's user may enter."""
    default = Path("/var/tmp") if os.geteuid() == 0 else Path.home() / ".cache"
    folder = Path(os.environ.get(VARIABLE) or default / "alexandria-bench").resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    return folder


@contextmanager
def held() -> Iterator[Path]:
    """The folder, for this bench alone. Raises BenchFailed when another one runs."""
    folder = workspace()
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BenchFailed(f"another bench runs in {folder}: wait for it, or set {VARIABLE}") from None
        yield folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end."""
    parent = workspace() / "scratch"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def data_dir(size: int) -> Path:
    """The data folder of the database with so many editions."""
    folder = workspace() / "data" / str(size)
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    return folder


def dump_files(size: int) -> list[Path]:
    """The five files of a dump with so many editions: authors, works, editions, redirects, deletes."""
    folder = workspace() / "dumps" / f"{size}-{fingerprint('sample')}"
    if not folder.is_dir():
        for old in folder.parent.glob(f"{size}-*"):
            shutil.rmtree(old)
        with scratch() as temporary:
            generate_dump(temporary, size)
            folder.parent.mkdir(exist_ok=True)
            temporary.rename(folder)
    return [dump_path(folder, kind) for kind in KINDS]


def editions_file(size: int) -> Path:
    """The file of the editions among them."""
    return dump_files(size)[KINDS.index("editions")]


def fingerprint(*folders: str) -> str:
    """A hash of the sources in these folders of the program: what they made is theirs only while it is the same."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((SOURCES / folder).rglob("*")):
            if path.suffix in (".py", ".sql", ".jsonl"):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
