"""File locks, which the kernel releases when their holder is gone, however it went."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from alexandria.db.programs import Account, Programs


class FileLock:
    """A lock on a file, not yet held. Closing it lets go; so does the end of the process."""

    def __init__(self, path: Path, account: Account) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        account.own(path)

    def share(self) -> None:
        """Hold it together with others; waits while somebody has it alone."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def take(self) -> bool:
        """Whether it is now held alone; never waits. What was held, shared, may be lost."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Hold it no more, in forked children neither; it can be taken again."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go for good; closing twice is closing once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Held:
    """What a user of the server holds: the programs, the users lock, and at times the start lock."""

    def __init__(self, data_dir: Path, programs: Programs) -> None:
        self.programs = programs
        self.users = FileLock(data_dir / "postgresql.users", programs.account)
        self._data_dir = data_dir

    @property
    def start(self) -> FileLock:
        """The start lock, not yet taken."""
        return FileLock(self._data_dir / "postgresql.lock", self.programs.account)
