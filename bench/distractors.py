"""Invented works whose titles and names are made of real words and of invented ones, to hide the expected ones among.

Words are drawn as in a language: a few everywhere, most of them rare. One work in five hundred is by one author,
so that somebody has very many.
"""

import gzip
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import msgspec

from alexandria.biblio.finding import read_words
from alexandria.sample.catalogue import real_entries

FIRST = 500_000_000  # the number of the first invented work, edition and author: far above real ones
LINKS = ("the", "of", "and", "in", "a", "to", "for", "de", "la", "der", "und", "on", "with")
SYLLABLES = tuple(a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on", "ar"))
PROLIFIC_SHARE = 500  # of that many works one is of the most prolific author
AUTHORS = 3  # works for an author
CHUNK = 5_000


def real_words(folder: Path | None) -> list[str]:
    """The words of the titles of the sample and, where they are there, of the recorded dump lines; each once."""
    titles = [str(entry.record.get("title", "")) for entry in real_entries()]
    for path in sorted(folder.glob("ol_dump_*_sample.txt")) if folder else ():
        for line in path.read_bytes().splitlines():
            record = msgspec.json.decode(line.rpartition(b"\t")[2])
            titles.append(str(record.get("title") or record.get("name") or ""))
    return list(dict.fromkeys(word for title in titles for word in read_words(title) if len(word) > 1))


class Inventor:
    """Draws titles and names; the same seed draws the same."""

    def __init__(self, words: Sequence[str], works: int, forbidden: Iterable[str] = ()) -> None:
        self._forbidden = {frozenset(read_words(text)) for text in forbidden}
        self._random = random.Random(20261122)  # noqa: S311 (no secret)
        tail = max(1_000, works // 5)
        self._words = [*words, *(self._invented() for _ in range(tail))]
        order = list(range(len(self._words)))
        self._random.shuffle(order)
        ranks = sorted(range(len(words)), key=lambda _: self._random.random())
        weights = [0.0] * len(self._words)
        for rank, place in enumerate([*ranks, *(place for place in order if place >= len(words))]):
            weights[place] = 1 / (rank + 3)
        self._cumulative = list(accumulate(weights))

    def _invented(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 4)))

    def draw(self, count: int) -> list[str]:
        """So many words."""
        return self._random.choices(self._words, cum_weights=self._cumulative, k=count)

    def title(self) -> str:
        """A title of one to seven words, with words that are in every second title among them; no forbidden one."""
        words = self.draw(self._random.choice((1, 2, 2, 3, 3, 4, 5)))
        while frozenset(words) in self._forbidden:
            words = self.draw(3)
        if len(words) > 1 and self._random.random() < 0.6:
            words.insert(self._random.randint(1, len(words) - 1), self._random.choice(LINKS))
        if self._random.random() < 0.25:
            words.insert(0, "the")
        return " ".join(words).capitalize()

    def name(self) -> str:
        """A given and a family name, sometimes with an initial."""
        given, family = self.draw(2)
        middle = f" {self._random.choice('ABCDEFGHJKLMNRSTW')}." if self._random.random() < 0.3 else ""
        return f"{given.capitalize()}{middle} {family.capitalize()}"

    def editions(self) -> int:
        """How many editions a work has: mostly one, seldom very many."""
        return min(int(self._random.paretovariate(1.6)), 60)

    def author(self, authors: int) -> int:
        """Which author wrote a work."""
        return 0 if self._random.randrange(PROLIFIC_SHARE) == 0 else self._random.randrange(authors)


def write_distractors(path: Path, works: int, words: Sequence[str], forbidden: Iterable[str] = ()) -> Path:
    """The dump file with so many works, their authors and editions; none has a forbidden title."""
    inventor = Inventor(words, works, forbidden)
    with gzip.open(path, "wb", compresslevel=1) as file:
        for lines in _chunks(_lines(inventor, works)):
            file.write(b"".join(lines))
    return path


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _lines(inventor: Inventor, works: int) -> Iterator[bytes]:
    authors = max(1, works // AUTHORS)
    for number in range(authors):
        yield _line("author", f"/authors/OL{FIRST + number}A", {"name": inventor.name()})
    edition = FIRST
    for number in range(FIRST, FIRST + works):
        title = inventor.title()
        author = {"key": f"/authors/OL{FIRST + inventor.author(authors)}A"}
        yield _line("work", f"/works/OL{number}W", {"title": title, "authors": [{"author": author}]})
        for _ in range(inventor.editions()):
            year = 1950 + edition % 75
            about = {"title": title, "works": [{"key": f"/works/OL{number}W"}], "publish_date": str(year),
                     "languages": [{"key": "/languages/eng" if edition % 3 else "/languages/ger"}]}  # fmt: skip
            yield _line("edition", f"/books/OL{edition}M", about)
            edition += 1


def _line(kind: str, key: str, fields: Mapping[str, object]) -> bytes:
    record = msgspec.json.encode({"key": key, "type": {"key": f"/type/{kind}"}, "revision": 1, **fields})
    return b"/type/%b\t%b\t1\t2020-01-01T00:00:00.000000\t%b\n" % (kind.encode(), key.encode(), record)
