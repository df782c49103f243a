"""Free-text dates: what catalogues write, as a year with as much more as is certain.

The text itself is kept beside by whoever stores it; this is what can be sorted and compared. A doubtful day
or month is dropped rather than guessed: "03/04/2001" is the year 2001.
"""

import re
import unicodedata
from calendar import monthrange
from functools import lru_cache
from typing import Final, Literal, NamedTuple

__all__ = ["PartialDate", "Precision", "parse_date", "year_of"]

Precision = Literal["day", "month", "year", "decade", "century"]

_LONGEST_TEXT: Final = 120  # longer ones are notes; their head is read
_YEARS_AHEAD: Final = 10  # announced books exist, books of 2099 do not


class PartialDate(NamedTuple):
    """A date known to the day, month, year, decade or century.

    `year` is the first year meant: 1990 for "199-", 301 for "4th cent.", -384 for "384 B.C.".
    `approximate` is true for "ca. 1560", "1998?", "1761 or 2" and for every decade and century.
    """

    year: int
    month: int | None = None
    day: int | None = None
    approximate: bool = False
    span: int = 1
    """How many years it may be: 1, 10 (a decade) or 100 (a century)."""

    @property
    def precision(self) -> Precision:
        """How much is known."""
        if self.span > 1:
            return "decade" if self.span == 10 else "century"
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def iso(self) -> str:
        """ISO 8601 as far as known: "1998-03", or only "1998" (the first of a decade or century)."""
        year = f"{self.year:04d}" if self.year >= 0 else f"{self.year:05d}"
        if self.month is None:
            return year
        return f"{year}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


# Month names, unaccented and in lower case: English, German, French, Spanish, Italian, Portuguese, Dutch,
# then Latin as on old title pages. Abbreviations: every beginning of three or more letters that means one
# month only.
_MONTH_NAMES: Final = (
    "january januar jaenner janner janvier enero gennaio janeiro januari januarii ene genn",
    "february februar feber fevrier febrero febbraio fevereiro februari feb fev",
    "march marz maerz mars marzo marco maart martii mar mrz mrt maer",
    "april avril abril aprile aprilis avr abr apr",
    "may mai mayo maggio maio mei maji mag",
    "june juni juin junio giugno junho junii jun giu",
    "july juli juillet julio luglio julho julii jul juil lug",
    "august aout agosto augustus augusti aug ago agt",
    "september septembre septiembre setiembre settembre setembro septembris sept set sett",
    "october oktober octobre octubre ottobre outubro octobris oct okt ott out",
    "november novembre noviembre novembro novembris nov",
    "december dezember decembre diciembre dicembre dezembro decembris dec dez dic",
)


def _month_table() -> dict[str, int]:
    """Every month name and unambiguous abbreviation to its number."""
    words = {word: number for number, names in enumerate(_MONTH_NAMES, 1) for word in names.split()}
    meanings: dict[str, set[int]] = {}
    for word, number in words.items():
        for length in range(3, len(word)):
            meanings.setdefault(word[:length], set()).add(number)
    return {short: numbers.pop() for short, numbers in meanings.items() if len(numbers) == 1} | words


_MONTHS: Final = _month_table()

_NOT_PAGES: Final = r"(?!\s*(?:p|pp|pgs?|pages?|s|ss|seiten|pag)\b)"
_YEAR: Final = re.compile(rf"(?<!\d)(\d{{4}})(?![\dx_]){_NOT_PAGES}")
_WORD: Final = r"(?P<word>[^\W\d_]{3,12})\.?"
_ORDINAL: Final = r"(?:st|nd|rd|th|er|\.|o)?"
_OF: Final = r"(?:\s*(?:de|of|del|d'|di)\s+|\s*)"

_NAMED_BEFORE: Final = re.compile(
    rf"(?:(?<!\d)(?P<day>\d{{1,2}}){_ORDINAL}[\s-]*{_OF})?(?<![^\W\d_]){_WORD}"
    rf"(?:\s*(?<!\d)(?P<later_day>\d{{1,2}}){_ORDINAL})?[\s,./-]*{_OF}$"
)
_FIRST_OF_TWO: Final = re.compile(rf"(?<![^\W\d_]){_WORD}\s*(?:[-/&]|and|und|et|y|e|en)\s*$")
_NAMED_AFTER: Final = re.compile(rf"[\s,./-]*{_WORD}(?:[\s-]*(?P<day>\d{{1,2}})(?![\d]))?")
_NUMBERS_AFTER: Final = re.compile(
    r"\s*(?P<mark>[-/.年년])\s*(?P<month>\d{1,2})(?!\d)(?:\s*[-/.月월]\s*(?P<day>\d{1,2})(?!\d))?"
)
_NUMBERS_BEFORE: Final = re.compile(
    r"(?<![\d./-])(?:(?P<first>\d{1,2})\s*(?P<mark>[-/.])\s*)?(?P<second>\d{1,2})\s*(?P<end>[-/.])\s*$"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_CONVERTED: Final = re.compile(r"\s*(?:[\[(/=]|i\.\s?e\.)[\s\[(]*(?:i\.\s?e\.,?\s*)?(\d{4})(?!\d)")

_DECADE: Final = re.compile(r"(?<!\d)(\d{3})(?:[-?_xu.](?!\d)|0'?s\b)")
_CENTURY: Final = re.compile(r"(?<!\d)(\d\d)(?:--|\?\?|__|xx|uu|\.\.)(?!\d)")
_CENTURY_NAMED: Final = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:st|nd|rd|th|eme|e|\.)?\s*(?:cent\b|century|jh\b|jhd|jahrhundert|siecle|siglo|secolo|seculo|eeuw)\.?"
)
_BEFORE_CHRIST: Final = re.compile(r"[\s?]*(?:b\.?\s?c\b|v\.?\s?chr\b|av\.?\s?j\b)")
_SMALL_YEAR: Final = re.compile(
    r"[\[(\s]*(?:ca?\.?|circa|approximately|approx\.?|about|fl\.?)?\s*(\d{1,4})[\s?\])(,]*(?:ca\.?|a\.?\s?d\.?|c\.?\s?e\.?"
    r"|b\.?\s?c\.?(?:\s?e\.?)?|v\. chr\.?|n\. chr\.?|av\. j\.-c\.)?[\s?\])]*"
)
_DOUBT: Final = re.compile(
    r"\?|~|\bca\b|\bcirca\b|(?<![a-z])c\.\s?(?=\d)|(?<![a-z])c\s(?=\d)|\bor\b|\bbetween\b|\babout\b|\bapprox|\bbefore\b|\bafter\b"
    r"|\bum\b|\boder\b|\bou\b|\bvers\b|\benv(?:iron)?\b|\bnot (?:before|after)\b|\bprobably\b"
)


def parse_date(text: str | int | None, this_year: int = 2026) -> PartialDate | None:
    """The first date in a free text, or None where there is none; never raises.

    `this_year` bounds what is believed: up to ten years ahead of it. Dates repeat, so answers are remembered.
    """
    if not text:
        return None
    if type(text) is str:
        return _parse(text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT], this_year)
    return _parse(str(text), this_year) if 0 < int(text) < 100_000_000 else None


def year_of(text: str | int | None, this_year: int = 2026) -> int | None:
    """The year of the first date in a free text, or None."""
    date = parse_date(text, this_year)
    return date.year if date else None


@lru_cache(maxsize=65536)
def _parse(text: str, this_year: int) -> PartialDate | None:
    last = this_year + _YEARS_AHEAD
    if len(text) == 4 and text.isdigit() and text.isascii():
        year = int(text)
        return PartialDate(year) if 100 <= year <= last else None
    plain = _plain(text)
    return _compact(plain, last) or _with_year(plain, last) or _without_year(plain, last)


def _plain(text: str) -> str:
    """Lower case without accents, every dash as a hyphen, no look-alikes.

    Digits of other scripts may stay: `\\d` and `int` read them all.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'")).casefold()
    return unicodedata.normalize("NFC", "".join(_plain_character(c) for c in decomposed))


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Cf"):
        return ""
    return "-" if category == "Pd" else character


def _compact(plain: str, last: int) -> PartialDate | None:
    """The date of eight bare digits, YYYYMMDD."""
    match = _COMPACT.fullmatch(plain)
    if not match or not 1000 <= int(match[1]) <= last:
        return None
    return _dated(int(match[1]), int(match[2]), int(match[3]), False)


def _with_year(plain: str, last: int) -> PartialDate | None:
    """The date around the first plausible year of four digits."""
    for match in _YEAR.finditer(plain):
        year = int(match[1])
        before, after = plain[: match.start()], plain[match.end() :]
        if not 100 <= year <= last or _BEFORE_CHRIST.match(after):
            continue
        doubt = _DOUBT.search(plain) is not None
        if converted := _converted(year, after, last):
            return PartialDate(converted, approximate=doubt)
        month, day = _month_and_day(before, after)
        return _dated(year, month, day, doubt)
    return None


def _converted(year: int, after: str, last: int) -> int | None:
    """The Gregorian year given behind a year of another calendar or a misprint, as in "1423 [2002]"."""
    match = _CONVERTED.match(after)
    if not match:
        return None
    other = int(match[1])
    hijri = 570 <= other - year <= 630  # both the lunar and the solar count, in the years of printed books
    return other if 1000 <= other <= last and (hijri or "i" in match[0]) else None


def _dated(year: int, month: int | None, day: int | None, doubt: bool) -> PartialDate:
    """The date with its month and day, each only if the calendar has it."""
    if not month or not 1 <= month <= 12:
        return PartialDate(year, approximate=doubt)
    if not day or not 1 <= day <= monthrange(year, month)[1]:
        return PartialDate(year, month, approximate=doubt)
    return PartialDate(year, month, day, doubt)


def _month_and_day(before: str, after: str) -> tuple[int | None, int | None]:
    """Month and day from the text on both sides of the year, as far as they are certain."""
    named = _NAMED_BEFORE.search(before)
    if named and (month := _MONTHS.get(named["word"])):
        day = named["day"] or named["later_day"]
        first = _FIRST_OF_TWO.search(before[: named.start()])
        if first and first["word"] in _MONTHS:  # "July-August 1999": the first, as with years
            return _MONTHS[first["word"]], None
        return month, int(day) if day else None
    numbers = _NUMBERS_AFTER.match(after)
    if numbers:
        return _after_numbers(numbers)
    numbers = _NUMBERS_BEFORE.search(before)
    if numbers:
        return _before_numbers(numbers)
    named = _NAMED_AFTER.match(after)
    if named and (month := _MONTHS.get(named["word"])):
        return month, int(named["day"]) if named["day"] else None
    return None, None


def _after_numbers(numbers: re.Match[str]) -> tuple[int | None, int | None]:
    """Month and day of "2002-03-12", "2002.3", "1998年3月12日"; none of the range "2001/2"."""
    month, day = numbers["month"], numbers["day"]
    if not day and (numbers["mark"] == "/" or (numbers["mark"] == "-" and len(month) == 1)):
        return None, None
    if not 1 <= int(month) <= 12:
        return None, None
    return int(month), int(day) if day else None


def _before_numbers(numbers: re.Match[str]) -> tuple[int | None, int | None]:
    """Month and day of "12/2010", "25/12/2001", "12.03.2001"; none where day and month could be exchanged."""
    second = int(numbers["second"])
    if not numbers["first"]:
        certain = numbers["end"] == "/" or len(numbers["second"]) == 2  # "3. 1998" is more often a volume
        return (second if certain else None), None
    first = int(numbers["first"])
    if numbers["mark"] == "." or first > 12 or first == second:
        return second, first
    return (first, second) if second > 12 else (None, None)


def _without_year(plain: str, last: int) -> PartialDate | None:
    """What a text without a year of four digits says: "198-", "19--", "4th cent.", "996 (ca.)"."""
    if match := _CENTURY_NAMED.search(plain):
        past = _BEFORE_CHRIST.match(plain, match.end()) is not None
        return _century(int(match[1]) * (-100 if past else 100) - (0 if past else 99), last)
    if match := _CENTURY.search(plain):
        return _century(int(match[1]) * 100, last)
    if (match := _DECADE.search(plain)) and 1000 <= int(match[1]) * 10 <= last:
        span = 100 if plain[match.end() - 1] == "s" and match[1].endswith("0") else 10  # the 1800s, the 1980s
        return PartialDate(int(match[1]) * 10, approximate=True, span=span)
    match = _SMALL_YEAR.fullmatch(plain)
    if not match or not int(match[1]):
        return None
    year, doubt = int(match[1]), _DOUBT.search(plain) is not None or "ca" in plain
    if _BEFORE_CHRIST.match(plain, match.end(1)):
        return PartialDate(-year, approximate=doubt)
    return PartialDate(year, approximate=doubt) if 100 <= year <= last and len(match[1]) == 3 else None


def _century(first_year: int, last: int) -> PartialDate | None:
    return PartialDate(first_year, approximate=True, span=100) if first_year and first_year <= last else None
