"""Statements in the classic JSON of Wikidata: values, ranks, and those without a value."""

from typing import Any, Literal

Claim = dict[str, Any]
Rank = Literal["preferred", "normal", "deprecated"]
_CALENDARS = "http://www.wikidata.org/entity/"
GREGORIAN, JULIAN = f"{_CALENDARS}Q1985727", f"{_CALENDARS}Q1985786"


def text_claim(prop: str, value: str, rank: Rank = "normal", *, datatype: str = "external-id") -> Claim:
    """A statement with a text."""
    return _claim(prop, datatype, {"type": "string", "value": value}, rank)


def item_claim(prop: str, item: str, rank: Rank = "normal", *, old_form: bool = False) -> Claim:
    """A statement with an item; in the old form the value has only its number."""
    value: dict[str, Any] = {"entity-type": "item", "numeric-id": int(item[1:])}
    if not old_form:
        value["id"] = item
    return _claim(prop, "wikibase-item", {"type": "wikibase-entityid", "value": value}, rank)


def language_claim(prop: str, text: str, language: str) -> Claim:
    """A statement with a text in a language."""
    return _claim(
        prop, "monolingualtext", {"type": "monolingualtext", "value": {"text": text, "language": language}}, "normal"
    )


def number_claim(prop: str, value: int) -> Claim:
    """A statement with a quantity without a unit."""
    return _claim(prop, "quantity", {"type": "quantity", "value": {"amount": f"+{value}", "unit": "1"}}, "normal")


def time_claim(prop: str, year: int, month: int, day: int, precision: int, rank: Rank = "normal") -> Claim:
    """A statement with a point in time; precision 11 is a day, 10 a month, 9 a year, 8 a decade, 7 a century."""
    if precision < 11:
        day = 0
    if precision < 10:
        month = 0
    sign = "-" if year < 0 else "+"
    value = {
        "time": f"{sign}{abs(year):04}-{month:02}-{day:02}T00:00:00Z",
        "timezone": 0,
        "before": 0,
        "after": 0,
        "precision": precision,
        "calendarmodel": JULIAN if year < 1583 else GREGORIAN,
    }
    return _claim(prop, "time", {"type": "time", "value": value}, rank)


def unknown_claim(prop: str, datatype: str, snaktype: Literal["somevalue", "novalue"]) -> Claim:
    """A statement that there is a value that nobody knows, or that there is none."""
    return {
        "mainsnak": {"snaktype": snaktype, "property": prop, "datatype": datatype},
        "type": "statement",
        "rank": "normal",
    }


def by_property(entity: str, claims: list[Claim]) -> dict[str, list[Claim]]:
    """The statements by property, each with an id of its own."""
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        same = found.setdefault(claim["mainsnak"]["property"], [])
        same.append({**claim, "id": f"{entity}${claim['mainsnak']['property']}-{len(same)}"})
    return found


def best(claims: list[Claim]) -> list[Claim]:
    """The preferred statements, or the normal ones where none is preferred; never deprecated ones."""
    preferred = [claim for claim in claims if claim["rank"] == "preferred"]
    return preferred or [claim for claim in claims if claim["rank"] == "normal"]


def _claim(prop: str, datatype: str, value: dict[str, Any], rank: Rank) -> Claim:
    snak = {"snaktype": "value", "property": prop, "datavalue": value, "datatype": datatype}
    return {"mainsnak": snak, "type": "statement", "rank": rank, "references": []}
