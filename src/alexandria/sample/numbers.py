"""The ISBNs of a synthetic dump, by the edition's index alone: `nth_isbn`, `draw_isbn`.

How editions carry them was measured on 734 real lines: 632 have both forms, 84 only ISBN-10, 1 only ISBN-13, 17
neither; 13 have two ISBN-10s. Those lines are the head of the file, where a bookseller's import of 2008 stands:
the average record has fewer ISBNs. The 2 % that repeat another edition's ISBN and the 0.35 % in dirty forms are
chosen (those lines and the search answers beside them have 4 dirty strings in 2,113).
"""

from enum import IntEnum
from random import Random

LARGEST = 100_000_000  # editions; beyond, ISBNs would repeat


class IsbnShape(IntEnum):
    """How an edition carries its ISBN."""

    BOTH = 0
    PAIR = 1  # a second ISBN-10 beside both forms
    SHARED = 2  # that of the edition before it, in both forms
    HYPHENS = 3
    TWO_IN_ONE = 4  # two ISBN-10s in one string, joined by a tab
    SWAPPED = 5  # each form in the other's list
    REMARK = 6
    WRONG_DIGIT = 7
    SHORT = 8
    ONLY_10 = 9
    ONLY_13 = 10
    PREFIX_979 = 11
    NONE = 12


VALID_ISBNS = (1, 2, 1, 1, 2, 1, 1, 0, 0, 1, 1, 1, 0)  # how many, by shape

_SHAPE_COUNTS = (8_205, 170, 200, 10, 5, 5, 5, 5, 5, 1_144, 7, 7, 232)  # of 10,000 editions
_SHAPES = bytes(shape for shape, count in enumerate(_SHAPE_COUNTS) for _ in range(count))


def _sums(first: int, second: int, third: int, modulus: int) -> bytes:
    """For each number of three digits, the weighted sum of its digits."""
    digits = range(10)
    return bytes((first * a + second * b + third * c) % modulus for a in digits for b in digits for c in digits)


_ODD, _EVEN = _sums(3, 1, 3, 10), _sums(1, 3, 1, 10)
_HIGH, _MIDDLE, _LOW = _sums(10, 9, 8, 11), _sums(7, 6, 5, 11), _sums(4, 3, 2, 11)
_CHECK10 = [("0123456789X")[-total % 11] for total in range(31)]
_CHECK13 = [str(-(38 + total) % 10) for total in range(28)]  # 38: the digits 978, weighted


def nth_isbn(index: int) -> int | None:
    """The ISBN-13 of the edition at this index in any synthetic dump that is long enough, None if it has none."""
    shape = isbn_shape(index)
    if not VALID_ISBNS[shape]:
        return None
    if shape == IsbnShape.PREFIX_979:
        return isbn_979(index)
    return int(isbn_forms(index - 1 if shape == IsbnShape.SHARED else index)[1])


def draw_isbn(random: Random, editions: int) -> int:
    """The ISBN-13 of some edition in a synthetic dump of that many, each as likely as any other."""
    while True:
        isbn = nth_isbn(random.randrange(editions))
        if isbn is not None:
            return isbn


def isbn_shape(index: int) -> int:
    """The `IsbnShape` of the edition at this index; the shares are exact in every 10,000."""
    return _SHAPES[(index * 7919 + 13) % 10_000]


def count_shapes(editions: int) -> dict[int, int]:
    """How many of the first so many editions have each `IsbnShape`."""
    rounds, rest = divmod(editions, len(_SHAPES))
    counts = {shape: count * rounds for shape, count in enumerate(_SHAPE_COUNTS)}
    for index in range(rest):
        counts[isbn_shape(index)] += 1
    return counts


def isbn_forms(index: int) -> tuple[str, str]:
    """The ISBN-10 and ISBN-13 that belong to this index and to no other below a thousand million."""
    nine = (index * 387_420_489 + 71_828_182) % 1_000_000_000
    high, middle, low = nine // 1_000_000, nine // 1_000 % 1_000, nine % 1_000
    text = f"{nine:09}"
    check10 = _CHECK10[_HIGH[high] + _MIDDLE[middle] + _LOW[low]]
    return text + check10, f"978{text}{_CHECK13[_ODD[high] + _EVEN[middle] + _ODD[low]]}"


def second_forms(index: int) -> tuple[str, str]:
    """The ISBN-10 and ISBN-13 of the other ISBN of an edition that carries two."""
    return isbn_forms(index + 750_000_000)


def isbn_979(index: int) -> int:
    """An ISBN-13 under 979-8, unique to the index."""
    eight = (index * 387_420_489 + 71_828_182) % 100_000_000
    total = 39 + _ODD[800 + eight // 1_000_000] + _EVEN[eight // 1_000 % 1_000] + _ODD[eight % 1_000]
    return 9_798_000_000_000 + eight * 10 + -total % 10


def isbn_fields(index: int) -> str:
    """The ISBN fields of the edition at this index, as the beginning of its JSON object, each with its comma."""
    shape = _SHAPES[(index * 7919 + 13) % 10_000]
    if shape in (0, 2):  # BOTH and SHARED, as numbers: this is the hot path
        ten, thirteen = isbn_forms(index if shape == 0 else index - 1)
        return f'"isbn_10": ["{ten}"], "isbn_13": ["{thirteen}"], '
    if shape == IsbnShape.NONE:
        return ""
    if shape == IsbnShape.ONLY_10:
        return f'"isbn_10": ["{isbn_forms(index)[0]}"], '
    return _rare_fields(index, IsbnShape(shape))


def _rare_fields(index: int, shape: IsbnShape) -> str:
    (ten, thirteen), (other, _) = isbn_forms(index), second_forms(index)
    hyphens = f"{thirteen[:3]}-{thirteen[3]}-{thirteen[4:8]}-{thirteen[8:12]}-{thirteen[12]}"
    wrong = thirteen[:-1] + str((int(thirteen) + 1) % 10)
    lists: dict[IsbnShape, tuple[str, str]] = {
        IsbnShape.PAIR: (f'"{ten}", "{other}"', f'"{thirteen}"'),
        IsbnShape.HYPHENS: (f'"{ten}"', f'"{hyphens}"'),
        IsbnShape.TWO_IN_ONE: (f'"{ten}\\t{other}"', ""),
        IsbnShape.SWAPPED: (f'"{thirteen}"', f'"{ten}"'),
        IsbnShape.REMARK: (f'"{ten.lower()} (pbk.)"', ""),
        IsbnShape.WRONG_DIGIT: ("", f'"{wrong}"'),
        IsbnShape.SHORT: ("", f'"{thirteen[:-1]}"'),
        IsbnShape.ONLY_13: ("", f'"{thirteen}"'),
        IsbnShape.PREFIX_979: ("", f'"{isbn_979(index)}"'),
    }
    tens, thirteens = lists[shape]
    return (f'"isbn_10": [{tens}], ' if tens else "") + (f'"isbn_13": [{thirteens}], ' if thirteens else "")
