"""Series as people write them: "Discworld ; 5", "(Earthsea, #3)", "American studies" and "vol. 2". Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from alexandria.biblio.text import fold

__all__ = ["InSeries", "most_told", "read_series", "series_code", "write_series"]

MOST: Final = 10  # series of one record
LONGEST: Final = 200  # characters of a name
_WORDS: Final = {
    word: str(number)
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_UNIT: Final = (
    r"volume|vols?|v|bands?|bd|tome|tomo|tom|t|number|nos?|nr|núm|num|n[°º]|numero|número|numéro|books?|bk|part|pt|teil"
    r"|heft|issue|buch|livre|libro|deel|том|т|выпуск|вып|книга|кн|№"
)
_FIRST: Final = r"\d+(?:\.\d+)?"
_OTHERS: Final = r"(?:\s*[-–/,&]\s*(?:(?:" + _UNIT + r")\b\.?\s*)?\d+)*"
_NUMBER: Final = rf"(?P<number>{_FIRST}){_OTHERS}"
_COUNTED: Final = rf"(?P<counted>[ivxlc]+|{'|'.join(_WORDS)})"
_AFTER_UNIT: Final = rf"(?:{_UNIT})(?:\s*\.\s*|\s+|(?=\d))(?:{_NUMBER}|{_COUNTED})"
_EAST: Final = r"第?\s*(?P<east>\d+)\s*[巻卷册冊集部編编]"
# What stands behind a name: something that parts it from the name, then the position.
_END: Final = re.compile(
    rf"(?:\s*[;,:(\[]\s*|\s+[-–—]+\s*|\s+)(?:(?:{_AFTER_UNIT})|#\s*(?P<hash>{_FIRST}))\s*[)\].]*$".replace(
        "(?P<number>", "(?P<unit_number>"
    )
    + rf"|(?:\s*[;(\[]\s*|\s*,\s*|\s+[-–—]+\s*){_NUMBER}\s*[)\].]*$"
    + rf"|\s*{_EAST}\s*$",
    re.IGNORECASE,
)
_MAY_END: Final = re.compile(rf"\d|\b(?:{_UNIT})\b", re.IGNORECASE)
_MARK: Final = re.compile(r"[A-Za-z]{1,3}[ -]?\d{1,6}\.?")
_ALONE: Final = re.compile(
    rf"[(\[]?\s*(?:#\s*|(?:{_UNIT})(?:\s*\.\s*|\s+|(?=\d)))?{_NUMBER}\s*[)\].;,]*", re.IGNORECASE
)
_ALONE_COUNTED: Final = re.compile(rf"(?:{_UNIT})(?:\s*\.\s*|\s+){_COUNTED}\s*[.;,]*", re.IGNORECASE)
_EDGES: Final = " \t.,;:-–—/\"'“”„«»()[]"


class InSeries(NamedTuple):
    """The series' name, and which of it this is ("3", "1.5"), if that is said."""

    name: str
    position: str | None = None


def write_series(one: InSeries) -> str:
    """A series as catalogues write it: "Discworld ; 5"."""
    return f"{one.name} ; {one.position}" if one.position else one.name


def read_series(texts: Iterable[str]) -> tuple[InSeries, ...]:
    """The series that texts name, each once, in order. A text that is only a position belongs to the one before."""
    found: dict[int, InSeries] = {}
    last: int | None = None
    for text in texts:
        alone = _position_alone(text)
        if alone is None and last is not None and _MARK.fullmatch(text.strip()):
            alone = text.strip(_EDGES)
        if alone is not None:
            if last is not None and found[last].position is None:
                found[last] = found[last]._replace(position=alone)
            continue
        read = _read(text)
        code = series_code(read.name)
        if code is None:
            continue
        if code not in found and len(found) == MOST:
            break
        known = found.setdefault(code, read)
        found[code] = known if known.position else known._replace(position=read.position)
        last = code
    return tuple(found.values())


def most_told(lists: Iterable[Sequence[str]], most: int = 5) -> tuple[InSeries, ...]:
    """The series that most of several records name, each with the position that most of them give."""
    names: dict[int, str] = {}
    told: Counter[int] = Counter()
    positions: dict[int, Counter[str]] = {}
    for texts in sorted(map(tuple, lists)):
        for each in read_series(texts):
            code = series_code(each.name)
            assert code is not None
            names.setdefault(code, each.name)
            told[code] += 1
            if each.position:
                positions.setdefault(code, Counter())[each.position] += 1
    return tuple(
        InSeries(names[code], positions[code].most_common(1)[0][0] if code in positions else None)
        for code, _ in told.most_common(most)
    )


@lru_cache(maxsize=1 << 16)
def series_code(name: str) -> int | None:
    """A number that names of one series share: article, accents, and the word "series" say nothing. None: no name."""
    words = fold(name).split()
    if len(words) > 1 and words[0] in ("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las"):
        words = words[1:]
    if len(words) > 1 and words[-1] in ("series", "serie", "reihe"):
        words = words[:-1]
    if not any(word[:1].isalpha() for word in words):
        return None
    digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=1 << 16)  # many records are in the same series
def _read(text: str) -> InSeries:
    bare = _bare(text)
    match = _END.search(bare) if _MAY_END.search(bare) else None
    if match is None or not match.start():
        return InSeries(_named(bare))
    groups = match.groupdict()
    number = next((groups[name] for name in ("unit_number", "hash", "number", "east") if groups.get(name)), None)
    position = _plain(number) if number else _counted(groups["counted"])
    name = _named(bare[: match.start()])
    return InSeries(name, position) if position and name else InSeries(_named(bare))


def _bare(text: str) -> str:
    """The text without brackets around all of it."""
    bare = text[: 2 * LONGEST].strip()
    while len(bare) > 1 and bare[0] in "([" and bare[-1] in ")]" and not any(mark in "()[]" for mark in bare[1:-1]):
        bare = bare[1:-1].strip()
    return bare


def _named(text: str) -> str:
    """A name without the marks around it; a bracket that it opens itself it also closes."""
    name = text.strip(_EDGES)[:LONGEST].strip()
    for opening, closing in ("()", "[]"):
        if name.count(opening) == name.count(closing) + 1:
            name += closing
    return name


def _position_alone(text: str) -> str | None:
    """The position that a text says, if it says nothing else: "vol. 1", "42", "(3)"."""
    bare = text.strip()
    if match := _ALONE.fullmatch(bare):
        return _plain(match["number"])
    match = _ALONE_COUNTED.fullmatch(bare)
    return _counted(match["counted"]) if match else None


def _plain(number: str) -> str:
    whole, dot, part = number.partition(".")
    return f"{whole.lstrip('0') or '0'}{dot}{part}"[:20]


def _counted(text: str) -> str | None:
    """Roman numerals and words for numbers as digits; None for letters that are no numeral."""
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    values = [_ROMAN[letter] for letter in word]
    total = sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
    return str(total) if _roman(total) == word else None


def _roman(number: int) -> str:
    steps = (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")
    text = ""
    for value, letters in steps:
        while number >= value and len(text) < 20:
            text, number = text + letters, number - value
    return text
