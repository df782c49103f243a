"""ISBNs: whatever people and providers write, as one number.

Inside the program an ISBN is the 13-digit number as `int`: it fits a `bigint`, compares fast, and the shorter
form is a matter of display. Rules of form: ISO 2108; hyphen positions: the ranges shipped with python-stdnum.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from stdnum import isbn as stdnum_isbn

from alexandria.errors import BadInput

__all__ = ["InvalidIsbn", "find_isbns", "hyphenate", "isbn10", "isbn13", "parse_isbn"]

LONGEST_TEXT: Final = 200  # an ISBN with its label and remarks; whoever sends more sends something else


class InvalidIsbn(BadInput):
    """The text is no ISBN, and why."""

    def __init__(self, message: str, field: str = "isbn") -> None:
        super().__init__(field, message)


# --- check digits: tables of weighted sums instead of loops, since this runs for every ISBN of the dump ----

_SIGNS10: Final = "0123456789X"  # the check digits of an ISBN-10, by value
_DIGITS: Final = range(10)

_PAIRS: Final = [tens + 3 * ones for tens in _DIGITS for ones in _DIGITS]
_SUM13: Final = bytes((high + low) % 10 for high in _PAIRS for low in _PAIRS)  # four digits, weights 1 3 1 3


def _both_sums(weight10: int, weight13: int) -> list[int]:
    """For each number of three digits its two weighted sums, as sum10 + 64 * sum13.

    `weight10` (falling by one) and `weight13` (3 and 1 in turn) are the weights of its first digit in the
    ISBN-10 and in the ISBN-13, where "978" stands in front.
    """
    other = 4 - weight13
    return [
        (weight10 * a + (weight10 - 1) * b + (weight10 - 2) * c) % 11
        + 64 * ((weight13 * a + other * b + weight13 * c) % 10)
        for a in _DIGITS
        for b in _DIGITS
        for c in _DIGITS
    ]


_HIGH: Final = _both_sums(10, 3)
_MIDDLE: Final = _both_sums(7, 1)
_LOW: Final = _both_sums(4, 3)


def _check13(twelve: int) -> int:
    """The check digit (0-9) that belongs to the first twelve digits."""
    eight = twelve // 10000
    four = eight // 10000
    return -(_SUM13[four] + _SUM13[eight - four * 10000] + _SUM13[twelve - eight * 10000]) % 10


def _check10(nine: int) -> int:
    """The check digit (0-10, where 10 is written X) that belongs to the first nine digits of an ISBN-10."""
    return -(_HIGH[nine // 1000000] + _MIDDLE[nine // 1000 % 1000] + _LOW[nine % 1000] & 63) % 11


def bare_isbn(text: str) -> int:
    """The ISBN-13 that ten or thirteen characters already are, otherwise 0. The hot path of `find_isbns`."""
    length = len(text)
    return _bare13(text) if length == 13 else _bare10(text) if length == 10 else 0


def _bare13(text: str) -> int:
    if not (text.isdigit() and text.isascii()):
        return 0
    number = int(text)
    twelve = number // 10
    nine = twelve - 978000000000
    if 0 <= nine < 1000000000:
        if nine % 111111111 == 0:  # nine equal digits: what forms get filled with
            return 0
    elif not 1100000000 <= nine < 2000000000:  # 979, but not 979-0, which is printed music
        return 0
    return number if _check13(twelve) == number - twelve * 10 else 0


def _bare10(text: str) -> int:
    if not text.isascii():
        return 0
    if text.isdigit():
        ten = int(text)
        nine = ten // 10
        check = ten - nine * 10
    elif text[9] in "Xx" and text[:9].isdigit():
        nine, check = int(text[:9]), 10
    else:
        return 0
    six = nine // 1000
    three = six // 1000
    sums = _HIGH[three] + _MIDDLE[six - three * 1000] + _LOW[nine - six * 1000]
    if ((sums & 63) + check) % 11 or nine % 111111111 == 0:  # all-equal digits do fit, and are no ISBN
        return 0
    return 9780000000000 + nine * 10 + (2 - (sums >> 6)) % 10  # 978 adds 9 + 21 + 8 = 38


# --- written forms ------------------------------------------------------------------------------------------

_DASHES: Final = "\u00ad\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_INVISIBLE: Final = "\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_BREAKS: Final = "\t\n\r\v\f\x85\u2028\u2029"  # between two ISBNs, never inside one
_SIGNS: Final = str.maketrans(
    {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_INVISIBLE), **dict.fromkeys(_BREAKS, ";")}
)

_LABEL: Final = re.compile(
    r"(?:urn:)?\b(?:e|p|print|online|web|set|electronic)?[- ]?(?:isbn|sbn|ean)(?:s\b|e\b)?"
    r"[- ]?(?:\(?1[03]\)?(?![0-9])(?=[^0-9]*[0-9][- 0-9]{7}))?(?:[ ]?(?:no|nr)\b)?[ .:#=]*",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    r"[(\[][^()\[\]]{0,80}[)\]]"
    r"|\b(?:pbk|hbk|paperback|hardcover|hardback|cloth|paper|ebook|e-book|epub|pdf|print)\b\.?",
    re.IGNORECASE,
)
_START: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]")
_THIRTEEN: Final = re.compile(r"97[ -]{0,3}[89](?:[ -]{0,3}[0-9]){10}(?![0-9A-WYZa-wyz])")
_TEN: Final = re.compile(r"[0-9](?:[ -]{0,3}[0-9]){8}[ -]{0,3}(?:[0-9](?![0-9])|[Xx](?![0-9A-Za-z]))")
_NINE: Final = re.compile(r"[^0-9A-Za-z]*([0-9](?:[ -]{0,3}[0-9]){7}[ -]{0,3}[0-9Xx])[^0-9A-Za-z]*")
_ADD_ON: Final = re.compile(r"[ +-]+(?:[0-9]{5}|[0-9]{2})(?![0-9A-Za-z-])")  # the small second barcode
_HARMLESS: Final = frozenset(" -.,:;#/()[]+&\"'")


def _plain(text: str) -> str:
    """The text with one kind of dash, blank and digit, nothing invisible, line breaks as semicolons."""
    text = text.translate(_SIGNS)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    """The character, or its plain twin: a blank for any space, 0-9 for the digits of other scripts."""
    if character.isascii():
        return character
    if character.isspace():
        return " "
    return str(unicodedata.decimal(character, character))


def _compact(written: str) -> str:
    return written.replace("-", "").replace(" ", "")


def _unlabelled(line: str) -> str:
    return _LABEL.sub(";", line) if "bn" in (lower := line.lower()) or "ean" in lower else line


def _scan(line: str) -> tuple[list[int], str]:
    """The ISBNs in a plain line without labels, in order, and what is left of the line without them."""
    numbers: list[int] = []
    rest: list[str] = []
    done = position = 0
    while start := _START.search(line, position):
        position = start.end()
        for form in (_THIRTEEN, _TEN):
            match = form.match(line, start.start())
            if match and (number := bare_isbn(_compact(match[0]))):
                numbers.append(number)
                rest.append(line[done : start.start()])
                add_on = _ADD_ON.match(line, match.end())
                done = position = add_on.end() if add_on else match.end()
                break
    rest.append(line[done:])
    return numbers, " ".join(rest)


def _sbn(line: str) -> int:
    """The ISBN of a line that is only a nine-digit SBN (before 1970) whose check digit fits, else 0."""
    match = _NINE.fullmatch(line)
    return bare_isbn("0" + _compact(match[1])) if match else 0


def find_isbns(text: str) -> list[int]:
    """Every valid ISBN in a provider's string, as 13-digit numbers, in order, each once; never raises.

    Two values in one string may be parted by a tab, comma, semicolon, slash, blank or word. A nine-digit SBN
    counts only when it stands alone, since nine digits in a longer text are more often something else.
    """
    if number := bare_isbn(text) or (bare_isbn(text.replace("-", "")) if "-" in text else 0):
        return [number]
    line = _unlabelled(_plain(text))
    numbers, _ = _scan(line)
    if not numbers and (number := _sbn(_REMARK.sub("", line))):
        return [number]
    return list(dict.fromkeys(numbers))


def parse_isbn(text: str) -> int:
    """The one ISBN that a person wrote, as a 13-digit number.

    Ten or thirteen digits with dashes, blanks, a label in front, a remark or barcode add-on behind, in any
    Unicode clothing; also a nine-digit SBN. Raises InvalidIsbn, which says why, for everything else: text
    around it, a wrong check digit, two different ISBNs.
    """
    if number := bare_isbn(text):
        return number
    if len(text) > LONGEST_TEXT:
        raise InvalidIsbn(f"too long: {len(text)} characters, where an ISBN has 10 or 13 digits")
    line = _plain(text).strip(" ;")
    if not line:
        raise InvalidIsbn("is empty")
    bare_line = _unlabelled(line)
    numbers, rest = _scan(bare_line)
    if len(set(numbers)) > 1:
        raise InvalidIsbn("holds more than one ISBN; send them one by one")
    rest = _REMARK.sub(" ", rest)
    if numbers and _HARMLESS.issuperset(rest):
        return numbers[0]
    if not numbers and (number := _sbn(rest)):
        return number
    raise InvalidIsbn(_reason(rest) if not numbers else "not an ISBN: other text around the number")


def _reason(rest: str) -> str:
    """Why a text without labels and remarks is no ISBN, in words for the one who wrote it."""
    written = "".join(character for character in rest if character not in _HARMLESS).upper()
    if not re.fullmatch(r"[0-9]+|[0-9]{8,9}X", written):
        return "not an ISBN: expected 10 or 13 digits"
    if len(written) == 9:
        written = "0" + written
    if len(written) == 10:
        return _reason10(written)
    if len(written) == 13 and written.isdigit():
        return _reason13(written)
    if len(written) > 13:
        return f"too long: {len(written)} digits, where an ISBN has 10 or 13"
    return f"not an ISBN: {len(written)} digits, where an ISBN has 10 or 13"


def _reason10(written: str) -> str:
    expected = _SIGNS10[_check10(int(written[:9]))]
    if expected != written[9]:
        return f"wrong check digit: {written[9]}, expected {expected}"
    return "all digits are equal: a placeholder, not an ISBN"


def _reason13(written: str) -> str:
    if written.startswith("9790"):
        return "979-0 is printed music (ISMN), not a book"
    if written.startswith("977"):
        return "977 is a periodical (ISSN), not a book"
    if not written.startswith(("978", "979")):
        return "not an ISBN: thirteen digits must begin with 978 or 979"
    expected = str(_check13(int(written[:12])))
    if expected != written[12]:
        return f"wrong check digit: {written[12]}, expected {expected}"
    return "all digits are equal: a placeholder, not an ISBN"


# --- forms to show ------------------------------------------------------------------------------------------


def isbn13(number: int) -> str:
    """The thirteen digits without hyphens."""
    return str(number)


def isbn10(number: int) -> str | None:
    """The ten-character form, or None for 979, which has none."""
    nine = number // 10 - 978000000000
    return str(number)[3:12] + _SIGNS10[_check10(nine)] if nine < 1000000000 else None


@lru_cache(maxsize=16384)
def hyphenate(number: int) -> str | None:
    """The thirteen digits with hyphens, or None when the number lies in no assigned range.

    For display only: ranges grow several times a year, so never compare hyphenated text. Source: the range
    table of python-stdnum.
    """
    parts: tuple[str, ...] = stdnum_isbn.split(str(number))
    return "-".join(parts) if all(parts) else None
