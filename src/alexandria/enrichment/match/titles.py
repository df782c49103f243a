"""Titles, read so that they can be compared, and the key that equal titles of one author share.

A title is read as its main words, the words of its subtitle, and its numbers. What says nothing is left out: leading
articles, "&" and "and", notes in brackets, subtitles such as "A Novel", statements of responsibility. Numbers of
volumes are never left out: they are what tells volumes apart.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from alexandria.biblio.text import fold
from alexandria.enrichment.match.names import author_key, read_name, short_key
from alexandria.enrichment.match.words import (
    ARTICLES,
    CONJUNCTIONS,
    COUNTED,
    DERIVED,
    EMPTY_SUBTITLE,
    GENERIC,
    GENERIC_IN_ONE,
    LINKS,
    ROMAN,
)

__all__ = ["Title", "is_generic", "read_title", "work_key"]

LONGEST_TITLE: Final = 500  # characters of a title, and of a subtitle, that are read


class Title(NamedTuple):
    """A title that has been read, in folded words. Other `numbers` or another `edition` are another work."""

    main: str
    rest: str
    """The words of the subtitle, without numbers; empty where it says nothing."""
    numbers: tuple[str, ...] = ()
    """Volumes and other numbers of the main title, as digits, in their order."""
    other_numbers: frozenset[str] = frozenset()
    """Those of the subtitle, and of a series in brackets: they need not be named by everybody."""
    edition: str = ""
    derived: frozenset[str] = frozenset()
    """What makes it a book about or made of another: graphic, workbook."""
    own_words: frozenset[str] | None = None
    """Of a title that may be generic (Poems of Sappho) the words that may be the author's name; of others None."""
    part: "Title | None" = None
    """Of "Series, Book 2: The Title", the title without the series."""

    @property
    def full(self) -> str:
        """Main title and subtitle, wherever one ends and the other begins."""
        return f"{self.main} {self.rest}" if self.rest else self.main


_STATEMENT: Final = re.compile(
    r"\s/\s+(?:by|edited|ed\.|translated|written|illustrated|compiled|von|hrsg|herausgegeben|par|por|di|a cura)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETS: Final = re.compile(r"(?:(?<=\s)[(\[]|[（［〔【])([^()\[\]（）［］〔〕【】]*)[)\]）］〕】]")
_BETWEEN_PARTS: Final = re.compile(
    r"[;,]\s*(?:or|oder|ou),?\s|(?<!\d):|:(?!\d)|\s[-–—=]+\s|—|;|：|(?<=[^\W\d_]{4})(?<!\bProf)(?<!\bCapt)\.\s",
    re.IGNORECASE,
)
_MAY_HAVE_PARTS: Final = re.compile(r"[:;—：]|\s[-–=]+\s|\.\s|,\s*[oO]")
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’ʼ‘`´](?=\w)")
_THOUSANDS: Final = re.compile(r"(?<=\d)[,.](?=\d{3}\b)")
_BLANK_IN_ONE: Final = re.compile("(?<=[\u3040-\u30ff\u3400-\u9fff]) (?=[\u3040-\u30ff\u3400-\u9fff])")

# On folded text, hence without punctuation and accents.
_COUNT: Final = "|".join(sorted(COUNTED, key=len, reverse=True))
_THIRDS: Final = ("上", "中", "下")
_UNIT: Final = (
    "volume|vol|band|bde|bd|tome|tomo|buch|book|bk|livre|libro|part|pt|teil|tl|partie|parte|heft|fascicle|issue|episode"
    "|том|часть|книга|кн|выпуск|вып"
)
_ROMAN: Final = "|".join(sorted(ROMAN, key=len, reverse=True))
_VOLUME: Final = re.compile(
    rf"\b(?:{_UNIT})\s(?:the\s)?(?P<after>\d+|{_ROMAN}|{_COUNT})\b"
    rf"|\b(?:no|nr|number|numero|v|t|т|ч)\s?(?P<no>\d+)\b|#\s?(?P<hash>\d+)"
    rf"|\b(?P<before>\d+(?:st|nd|rd|th|e|er)?|{_COUNT})\s(?:volume|vol|band|bd|tome|tomo|buch|book|part|teil|partie)\b"
    r"|第?\s?(?P<east>\d+|[一二三四五六七八九十]+)\s?[巻卷册冊集部編编]"
    r"|(?:^|\s)(?P<third>[上中下])[巻卷册冊集]?$|(?P<third_in_one>[上中下])[巻卷册冊]$"
)
_DIGIT: Final = re.compile(r"\d")
_COUNTS: Final = frozenset((*COUNTED, *ROMAN))
_EDITION: Final = re.compile(
    rf"\b(?P<before>\d+|{_COUNT})(?:st|nd|rd|th|e|er|a|o)?\s(?:(?:revised|rev|international|global|us)\s)*"
    r"(?:edition|edn|ed|auflage|aufl|edicion|edizione|edicao|издание|изд)\b|\bedition\s(?P<after>\d+)\b"
    r"|\b(?:\w+\sanniversary|revised|updated|expanded|enlarged|special|illustrated|annotated|deluxe|unabridged|collectors"
    r"|large\sprint|kindle|international|student|movie\stie\sin)\s(?:\w+\s)?edition$"
)


def work_key(title: str, authors: Sequence[str], *, subtitle: str | None = None, year: int | None = None) -> str | None:
    """What equal works share: the full title as it is read, its numbers, and the key of the first author.

    `year`, that of first publication, is part of it where title and author together do not tell works apart: generic
    titles ("Selected poems"), and authors that are nobody (Anonymous). None where nothing would: no author, or no
    year in these cases. Never the title alone. At most LONGEST_KEY bytes.
    """
    first = next((name for name in authors if author_key(name)), None)
    read = read_title(title, subtitle)
    if first is None or not (read.main or read.numbers):
        return None
    needs_year = read_name(first).nobody or is_generic(read, authors)
    if needs_year and year is None:
        return None
    marks = {
        "no": ",".join(read.numbers),
        "in": ",".join(sorted(read.other_numbers)),
        "ed": read.edition,
        "as": " ".join(sorted(read.derived)),
        "of": str(year) if needs_year else "",
    }
    told = "".join(f" | {mark} {value}" for mark, value in marks.items() if value)
    return short_key(f"{read.full}{told} / {author_key(first)}")


def is_generic(title: Title, authors: Iterable[str]) -> bool:
    """Whether authors have several works of such a title: "Poems", "Collected Works of W. B. Yeats", "太宰治全集".

    Not with a subtitle, or years: "Collected Poems 1909-1962" is one.
    """
    if title.own_words is None:
        return False
    names = {word for name in authors for word in (*fold(name).split(), "".join(read_name(name).words))}
    return title.own_words <= names


def _own_words(main: str, numbers: Iterable[str]) -> frozenset[str] | None:
    words = main.split()
    if not GENERIC.isdisjoint(words) and not any(len(number) == 4 for number in numbers):
        return frozenset(words) - GENERIC - LINKS
    ending = next((ending for ending in GENERIC_IN_ONE if main.endswith(ending)), None)
    return frozenset(main.removesuffix(ending).split()) if ending else None


@lru_cache(maxsize=1 << 14)
def read_title(title: str, subtitle: str | None = None) -> Title:
    """The title as it is compared; of texts without a letter or digit, an empty one."""
    bare = title[:LONGEST_TITLE]
    if " / " in bare:
        bare = _STATEMENT.sub("", bare)
    bare, notes = _without_notes(bare)
    texts = _parts(bare)
    if subtitle:
        more = _parts(_without_notes(subtitle[:LONGEST_TITLE])[0])
        if [fold(each) for each in more] != [fold(each) for each in texts[1:]]:  # or the title has it already
            texts += more
    parts = [_read(each) for each in texts]
    read = _join(parts, [_read(note) for note in notes])
    return read._replace(part=_join(parts[-1:], ())) if len(parts) > 1 else read


def _without_notes(text: str) -> tuple[str, list[str]]:
    """The text without what stands in brackets, unless nothing is left, and that."""
    notes: list[str] = _BRACKETS.findall(text)
    without = _BRACKETS.sub(" ", text) if notes else ""
    return (without, notes) if fold(without) else (text, [])


def _parts(text: str) -> list[str]:
    """The main title and its subtitles."""
    parts = _BETWEEN_PARTS.split(text) if _MAY_HAVE_PARTS.search(text) else [text]
    return [part for part in parts if fold(part)] if len(parts) > 1 else parts


class _Part(NamedTuple):
    """A part of a title: its folded words without numbers, and those."""

    words: str
    numbers: list[str]
    edition: str


def _join(parts: Sequence[_Part], notes: Sequence[_Part]) -> Title:
    """The title of these parts, the first of which is the main one, and of what stood in brackets."""
    if not parts:
        return Title("", "")
    main, numbers, edition = parts[0]
    numbers = list(numbers)
    others: set[str] = set()
    for part in (*parts[1:], *notes):
        edition = edition or part.edition
        if part.words or all(len(number) == 4 for number in part.numbers):  # of a series; years
            others.update(part.numbers)
        else:
            numbers += [number for number in part.numbers if number not in numbers]  # Vol. 1 (1)
    beside = {word for part in (*parts[1:], *notes) for word in part.words.split()}
    rest = " ".join(part.words for part in parts[1:] if not EMPTY_SUBTITLE.issuperset(part.words.split()))
    own_words = None if rest else _own_words(main, (*numbers, *others))
    return Title(main, rest, tuple(numbers), frozenset(others), edition, DERIVED & beside, own_words)


def _read(part: str) -> _Part:
    """A part without what says nothing: articles at its beginning or end, conjunctions."""
    if part[:8].lstrip().lower().startswith(("l'", "l’")):
        part = part.lstrip()[2:]
    if "," in part:
        head, _, tail = part.rpartition(",")
        part = head if fold(tail) in ARTICLES and fold(head) else part  # Hobbit, The
        part = _THOUSANDS.sub("", part)
    elif "." in part:
        part = _THOUSANDS.sub("", part)
    words = fold(_APOSTROPHE.sub("", part)).replace("ё", "е")
    first, _, others = words.partition(" ")
    return _numbers_out(others if others and first in ARTICLES else words)


def _numbers_out(words: str) -> _Part:
    """The words without the numbers of volumes and editions, without digits and conjunctions; the numbers."""
    edition = ""
    each = words.split()
    if not words.isascii() or not _COUNTS.isdisjoint(each) or _DIGIT.search(words) or words.endswith(" edition"):
        if match := _EDITION.search(words):
            edition = _digits(match["before"] or match["after"] or "")
            words = _EDITION.sub(" ", words)
        each = _VOLUME.sub(_bare_number, " ".join(words.split())).split()
    numbers: list[str] = []
    kept: list[str] = []
    for word in each:
        if (len(word) > 1 and word in ROMAN) or word in _THIRDS or (not word.isalpha() and _DIGIT.search(word)):
            numbers.append(_digits(word))
        elif word not in CONJUNCTIONS:
            kept.append(word)
    left = " ".join(kept)
    return _Part(left if left.isascii() else _BLANK_IN_ONE.sub("", left), numbers, edition)


def _bare_number(volume: re.Match[str]) -> str:
    """The number of a matched volume as a word of its own."""
    return f" {_digits(next(filter(None, volume.groups())))} "


def _digits(number: str) -> str:
    """A number in one spelling: 2 for "02", "2nd", "ii", "two", "second", "二", "٢"."""
    number = COUNTED.get(number) or ROMAN.get(number) or number
    if number.endswith(("st", "nd", "rd", "th")) and number[:-2].isdecimal():
        number = number[:-2]
    return str(int(number)) if number.isdecimal() else number
