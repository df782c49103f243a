"""How far two names or two titles agree, from 0 (another one) to 1 (the same), by what parts them."""

from types import MappingProxyType
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from alexandria.enrichment.match.names import Name
from alexandria.enrichment.match.titles import Title

__all__ = ["NAME", "TITLE", "name_agreement", "title_agreement"]

# A name decides alone from 0.94 upwards, see the weights in `score`.
NAME: Final = MappingProxyType(
    {
        "identical": 1.0,
        "particle left out": 0.95,  # Johann Wolfgang Goethe
        "initials spelled out": 0.95,  # two or more given names on both sides: J. R. R. Tolkien
        "family name first, three words": 0.95,  # Достоевский Фёдор Михайлович
        "family name first, two words": 0.9,  # Murakami Haruki; but Henry James and James Henry are two
        "middle name left out": 0.75,  # John Smith, John A. Smith
        "one initial": 0.72,  # J. Smith, John Smith
        "initial, and middle name left out": 0.6,  # J. Smith, John A. Smith
        "first name left out": 0.5,  # Scott Fitzgerald
        "family name only": 0.3,
    }
)
GENERATION_LEFT_OUT: Final = 0.93  # of the agreement: Kurt Vonnegut and Kurt Vonnegut Jr. need something more
OTHER_NOTE: Final = 0.5  # of the agreement: (politician), (novelist)

TITLE: Final = MappingProxyType(
    {
        "identical": 1.0,
        "other blanks": 0.95,  # Catch22
        "subtitle left out": 0.9,  # Sapiens, Sapiens: A Brief History of Humankind
        "without its series": 0.9,  # The Two Towers, The Lord of the Rings: The Two Towers
        "subtitle shortened or misspelt": 0.9,
        "one letter": 0.7,  # The Colour Purple: only with the same author and year
        "other subtitle": 0.4,  # Star Wars: …
    }
)
_SHORTEST_MISSPELT: Final = 5  # letters of a word; Iran and Iraq are two
_SAME_SUBTITLE: Final = 90  # percent


def name_agreement(one: Name, two: Name) -> float:
    """How far two names can be one person's; symmetric. 0 where any word contradicts: John and Jane Smith."""
    if one.generation and two.generation and one.generation != two.generation:
        return 0.0
    agreement = _words_agreement(one, two)
    if one.generation != two.generation:
        agreement *= GENERATION_LEFT_OUT
    if one.note and two.note and one.note != two.note:
        agreement *= OTHER_NOTE
    return agreement


def _words_agreement(one: Name, two: Name) -> float:
    a, b = one.glued, two.glued
    if not a or not b:
        return 0.0
    if a == b:
        return NAME["identical"]
    if a[-1] != b[-1] and len(a) == len(b) and (a[1:] + a[:1] == b or b[1:] + b[:1] == a):
        return NAME["family name first, two words" if len(a) == 2 else "family name first, three words"]
    if one.whole or two.whole or (a[-1] != b[-1] and one.words[-1] != two.words[-1]):
        return 0.0
    agreement = _aligned(a, b)
    if one.particles <= two.particles or two.particles <= one.particles:
        same = one.words == two.words
        agreement = max(agreement, NAME["particle left out"] if same else _aligned(one.words, two.words))
    return agreement


def _aligned(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """The agreement of names with the same family name, whose given names are compared in their order."""
    if a[-1] != b[-1] or len(a[-1]) == 1:
        return 0.0
    short, long = sorted((a[:-1], b[:-1]), key=len)
    if not short:
        return NAME["family name only"]
    position, starts_together = 0, False
    for index, name in enumerate(short):
        while position < len(long) and not _compatible(name, long[position]):
            position += 1
        if position == len(long):
            return 0.0
        starts_together = starts_together or index == position == 0
        position += 1
    if len(short) == len(long):
        return NAME["initials spelled out" if len(short) > 1 else "one initial"]
    if not starts_together:
        return NAME["first name left out"]
    spelled_out = short[0] == long[0] and len(short[0]) > 1
    return NAME["middle name left out" if spelled_out else "initial, and middle name left out"]


def _compatible(one: str, two: str) -> bool:
    """Whether two given names are one, or one of them is the other's initial."""
    return one == two or (len(one) == 1 and two[0] == one) or (len(two) == 1 and one[0] == two)


def title_agreement(one: Title, two: Title) -> float:
    """How far two titles can be one work's; symmetric. 0 where they are others, or numbers contradict."""
    if (one.edition and two.edition and one.edition != two.edition) or one.derived != two.derived:
        return 0.0
    agreement = _whole_agreement(one, two)
    if agreement >= TITLE["without its series"] or not (one.part or two.part):
        return agreement
    parts = ((one.part, two), (one, two.part))
    if any(part and other and _is_told(part, other) for part, other in parts):
        return TITLE["without its series"]
    return agreement


def _is_told(one: Title, two: Title) -> bool:
    """Whether the titles are equal and long enough to tell a work without the name of its series."""
    return one.full == two.full and one.numbers == two.numbers and (" " in one.full or len(one.full) > 7)


def _whole_agreement(one: Title, two: Title) -> float:
    if not _numbers_agree(one, two):
        return 0.0
    if one.full == two.full:
        return TITLE["identical"] if one.full or one.numbers else 0.0
    if one.main == two.main:
        return _subtitle_agreement(one.rest, two.rest)
    if one.full.replace(" ", "") == two.full.replace(" ", ""):
        return TITLE["other blanks"]
    if abs(len(one.main) - len(two.main)) > 1:
        return 0.0
    if one.rest == two.rest or not (one.rest and two.rest):
        return TITLE["one letter"] if _misspelt(one.main.split(), two.main.split()) else 0.0
    return 0.0


def _numbers_agree(one: Title, two: Title) -> bool:
    """Whether the main titles have the same numbers, and the subtitles none that contradict."""
    if one.numbers != two.numbers:
        if one.numbers and two.numbers:
            return False
        return one.other_numbers.issuperset(two.numbers) and two.other_numbers.issuperset(one.numbers)
    a, b = one.other_numbers, two.other_numbers
    return not a or not b or a <= b or b <= a


def _subtitle_agreement(one: str, two: str) -> float:
    if not one or not two:
        return TITLE["subtitle left out"]
    a, b = set(one.split()), set(two.split())
    if (min(len(a), len(b)) > 1 and (a <= b or b <= a)) or fuzz.token_sort_ratio(one, two) >= _SAME_SUBTITLE:
        return TITLE["subtitle shortened or misspelt"]
    return TITLE["other subtitle"]


def _misspelt(one: list[str], two: list[str]) -> bool:
    """Whether the words differ in one letter, or two neighbours that changed places, of one longer Latin word."""
    if len(one) != len(two):
        return False
    others = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(others) != 1:
        return False
    a, b = others[0]
    if min(len(a), len(b)) < _SHORTEST_MISSPELT or a[0] != b[0] or not (a.isascii() and b.isascii()):
        return False
    return OSA.distance(a, b, score_cutoff=1) <= 1
