"""Works by words of their titles: those that a title could match at all, so that the others need not be compared. Pure.

Whatever `match` takes for one title shares a word that means something with it, is the same without blanks, or is one
word that begins with the same letter.
"""

from collections.abc import Iterable, Iterator

from alexandria.enrichment.match import KnownWork
from alexandria.enrichment.match.titles import Title, read_title
from alexandria.enrichment.match.words import LINKS


class Nearby:
    """Works, by author and by what their titles share."""

    def __init__(self) -> None:
        self._works: dict[tuple[int, str], list[KnownWork]] = {}

    def add(self, author: int, work: KnownWork) -> None:
        """Nothing; the work is among the author's from now on."""
        for mark in _marks(read_title(work.title, work.subtitle)):
            self._works.setdefault((author, mark), []).append(work)

    def find(self, authors: Iterable[int], title: str, subtitle: str | None) -> list[KnownWork]:
        """The works of these authors that could have that title, each once for each author of it."""
        found: dict[tuple[int, int], KnownWork] = {}
        marks = _marks(read_title(title, subtitle))
        for author in authors:
            for mark in marks:
                for work in self._works.get((author, mark), ()):
                    found[author, work.number] = work
        return list(found.values())


def _marks(title: Title) -> set[str]:
    found = set(_marks_of(title))
    if title.part:
        found.update(_marks_of(title.part))
    return found


def _marks_of(title: Title) -> Iterator[str]:
    words = title.main.split()
    yield f"= {title.full.replace(' ', '')}"
    telling = [word for word in words if word not in LINKS]
    if len(telling) < 2:
        yield f"^ {(telling or words or title.numbers or ('',))[0][:1]}"
    yield from telling or words
    yield from (f"# {number}" for number in title.numbers)
