"""What a load tells while it runs, and what it did in the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from alexandria.mirror.copy import Copied


@dataclass(slots=True)
class Progress:
    """Where a load is: the stage as a person reads it, bytes read of bytes in all, lines so far."""

    stage: str
    done: int
    total: int
    lines: int


@dataclass(slots=True)
class LoadReport:
    """What a load did: lines = copied + rejected, per file and reason, and the tables it made."""

    files: list[str] = field(default_factory=list)
    lines: int = 0
    copied: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    newest: dict[str, str] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    differences: dict[str, int] = field(default_factory=dict)
    resumed: bool = False
    seconds: float = 0.0

    def add(self, copied: Copied) -> None:
        self.lines += copied.lines
        self.copied.update(copied.rows)
        self.rejected.update(copied.rejects)
        for table, time in copied.newest.items():
            self.newest[table] = max(time, self.newest.get(table, ""))


OnProgress = Callable[[Progress], None]
