"""What statements say: ranks, unknown values, times, items, texts."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from alexandria.biblio.dates import PartialDate
from alexandria.biblio.text import clean_line
from alexandria.providers.wikidata.wire import ClaimsWire, EntityWire, SnakWire, StatementWire

LINE = 1_000  # characters of a name or title
DAY, MONTH, YEAR, DECADE, CENTURY = 11, 10, 9, 8, 7  # of `precision`
JULIAN = "Q1985786"
_TIME = re.compile(r"([+-])(\d{1,11})-(\d\d)-(\d\d)T", re.ASCII)
_ORDINAL = re.compile(r"\d{1,5}(?:\.\d{1,2})?", re.ASCII)
_ITEM = re.compile(r"Q[1-9]\d{0,11}", re.ASCII)
_NO_CLAIMS = ClaimsWire()
T = TypeVar("T")


class Time(NamedTuple):
    """A point in time as precise as it is known. `text` is ISO 8601, or words ("1560s", "4th century").

    `year` is None for what is less precise than a year; negative years are B.C. Dates of the Julian calendar stay as
    they are written there: so do all other catalogues give them.
    """

    text: str
    year: int | None
    precision: int
    is_julian: bool


def as_map(value: Mapping[str, T] | Sequence[Any]) -> Mapping[str, T]:
    """The map; an empty one where the server wrote `[]`."""
    return value if isinstance(value, Mapping) else {}


def claims_of(entity: EntityWire) -> ClaimsWire:
    """The item's statements, of which there may be none."""
    return entity.claims if isinstance(entity.claims, ClaimsWire) else _NO_CLAIMS


def best(statements: Sequence[StatementWire]) -> list[StatementWire]:
    """The preferred statements if there are any, else the normal ones; never deprecated ones."""
    preferred = [each for each in statements if each.rank == "preferred"]
    return preferred or [each for each in statements if each.rank == "normal"]


def values(statements: Sequence[StatementWire]) -> Iterator[Any]:
    """The known values of the best statements."""
    for each in best(statements):
        value = _value(each.mainsnak)
        if value is not None:
            yield value


def is_unknown(statements: Sequence[StatementWire]) -> bool:
    """Whether the best statements say that there is a value that nobody knows."""
    return any(each.mainsnak.snaktype == "somevalue" for each in best(statements))


def texts(statements: Sequence[StatementWire]) -> list[str]:
    """The values as clean lines, each once: plain texts, and texts in a language."""
    found = (value.get("text") if isinstance(value, dict) else value for value in values(statements))
    lines = (clean_line(text, LINE) for text in found if isinstance(text, str))
    return list(dict.fromkeys(line for line in lines if line))


def texts_in(statements: Sequence[StatementWire], languages: Sequence[str]) -> list[str]:
    """As `texts`; those in the languages wanted come first, in their order."""
    found: dict[str, list[StatementWire]] = {}
    for each in best(statements):
        value = _value(each.mainsnak)
        language = value.get("language") if isinstance(value, dict) else None
        found.setdefault(language if isinstance(language, str) else "", []).append(each)
    first = [each for language in languages for each in found.pop(language, [])]
    return texts([*first, *(each for rest in found.values() for each in rest)])


def items(statements: Sequence[StatementWire]) -> list[str]:
    """The ids of the items that are values, each once."""
    return list(dict.fromkeys(item for value in values(statements) if (item := item_id(value))))


def ordinal(statement: StatementWire) -> int:
    """The whole number that a qualifier gives the statement in its series; a large one without."""
    return next((int(text) for text in _ordinals(statement) if text.isdigit()), 1_000_000)


def position(statement: StatementWire) -> str | None:
    """The number that a qualifier gives the statement in its series ("3", "1.5"); None for what is no number."""
    return next(_ordinals(statement), None)


def _ordinals(statement: StatementWire) -> Iterator[str]:
    values = (_value(snak) for snak in as_map(statement.qualifiers).get("P1545", ()))
    return (value for value in values if isinstance(value, str) and _ORDINAL.fullmatch(value))


def item_id(value: Any) -> str | None:
    """The id in an item value, which in old data has only a number."""
    if not isinstance(value, dict):
        return None
    found, number = value.get("id"), value.get("numeric-id")
    if found is None and type(number) is int and value.get("entity-type", "item") == "item":
        found = f"Q{number}"
    return found if isinstance(found, str) and is_item(found) else None


def is_item(text: str) -> bool:
    """Whether the text is the id of an item."""
    return _ITEM.fullmatch(text) is not None


def amount(statements: Sequence[StatementWire]) -> int | None:
    """The first whole number among the values ("+144")."""
    for value in values(statements):
        text = value.get("amount") if isinstance(value, dict) else None
        if isinstance(text, str) and re.fullmatch(r"\+?\d{1,9}(\.0+)?", text, re.ASCII):
            return int(float(text))
    return None


def times(statements: Sequence[StatementWire]) -> list[Time]:
    """The points in time that the best statements give, the most precise first."""
    found = dict.fromkeys(time for value in values(statements) if (time := _time(value)))
    return sorted(found, key=lambda time: -time.precision)


def _value(snak: SnakWire) -> Any:
    return snak.datavalue.value if snak.snaktype == "value" and snak.datavalue else None


def _time(value: Any) -> Time | None:
    """A time value; month and day 00 are not known, whatever the precision says."""
    if not isinstance(value, dict):
        return None
    written, precision = value.get("time"), value.get("precision")
    match = _TIME.match(written) if isinstance(written, str) else None
    if match is None or type(precision) is not int:
        return None
    is_julian = str(value.get("calendarmodel", "")).endswith(f"/{JULIAN}")
    year = int(match[2]) * (-1 if match[1] == "-" else 1)
    if not year or not -9999 <= year <= 9999 or precision < CENTURY:
        return None
    if precision <= DECADE:
        text = _decade(year) if precision == DECADE else _century(year)
        return Time(text, None, precision, is_julian)
    date = _date(year, int(match[3]), int(match[4]), min(precision, DAY))
    known = DAY if date.day else MONTH if date.month else YEAR
    return Time(date.iso, year, known, is_julian)


def _date(year: int, month: int, day: int, precision: int) -> PartialDate:
    if precision < MONTH or not 1 <= month <= 12:
        return PartialDate(year)
    longest = 29 if month == 2 and year % 4 == 0 else monthrange(2001, month)[1]  # of both calendars
    if precision < DAY or not 1 <= day <= longest:
        return PartialDate(year, month)
    return PartialDate(year, month, day)


def _decade(year: int) -> str:
    return f"{abs(year) // 10 * 10}s{' BC' if year < 0 else ''}"


def _century(year: int) -> str:
    """In words: the 16th century is 1501 to 1600."""
    number = (abs(year) + 99) // 100
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} century{' BC' if year < 0 else ''}"
