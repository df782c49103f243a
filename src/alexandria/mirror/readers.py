"""What readers say, from Open Library's dumps of ratings and of the reading log: pure, line by line.

A line is a work's key, an edition's key or \\N, a rating of 1 to 5 or a shelf, and a day, separated by tabs. Readers
are counted by work; who they are is not in the dumps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("ratings", "shelves")  # the two dumps, as their lines are counted
BEGINNING: Final = b"/works/"  # of a line; those of records begin with their type
COLUMNS: Final = "work_id, ratings, stars, want, reading, have_read"

_LINE: Final = re.compile(rb"/works/OL(\d{1,15})W\t[^\t\n]*\t([^\t\n]+)\t(\d{4}-\d\d-\d\d)(?:[T ][^\t\n]*)?\r?")
_SHELVES: Final = {b"Want to Read": 2, b"Currently Reading": 3, b"Already Read": 4}
_STARS: Final = {str(stars).encode(): stars for stars in range(1, 6)}


@dataclass(slots=True)
class Readers:
    """What readers say of each work, in the order of COLUMNS, and how many lines of each dump said it."""

    works: dict[int, list[int]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def add(self, line: bytes) -> tuple[str, str] | str:
        """Of which dump the line is and its day; the reason why it was not counted, if it was not."""
        match = _LINE.fullmatch(line)
        if match is None:
            return "columns: not a work's key, an edition's, a rating or shelf, and a day"
        number, told = int(match[1]), match[2]
        stars, shelf = _STARS.get(told), _SHELVES.get(told)
        if stars is None and shelf is None:
            return "type: a rating or shelf that is not counted"
        counts = self.works.setdefault(number, [0, 0, 0, 0, 0])
        if stars is not None:
            counts[0] += 1
            counts[1] += stars
        elif shelf is not None:
            counts[shelf] += 1
        kind = KINDS[stars is None]
        self.lines[kind] = self.lines.get(kind, 0) + 1
        return kind, match[3].decode()

    def rows(self) -> Iterator[str]:
        """The rows of `popularity` as COPY takes them; a work has one for each block of lines that names it."""
        for work, counts in self.works.items():
            yield f"{work}\t" + "\t".join(map(str, counts))
