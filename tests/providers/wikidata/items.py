"""Items as Wikidata writes them, made in a line."""

from typing import Any


def statement(value: Any, rank: str = "normal", kind: str = "value", ordinal: str | None = None) -> dict[str, Any]:
    """A statement; `kind` somevalue and novalue have no value."""
    snak: dict[str, Any] = {"snaktype": kind, "property": "P1", "datatype": "x"}
    if kind == "value":
        snak["datavalue"] = {"value": value, "type": "x"}
    made: dict[str, Any] = {"mainsnak": snak, "type": "statement", "rank": rank}
    if ordinal is not None:
        made["qualifiers"] = {"P1545": [{"snaktype": "value", "datavalue": {"value": ordinal, "type": "string"}}]}
    return made


def link(item: str) -> dict[str, Any]:
    """The value that points at an item."""
    return {"entity-type": "item", "numeric-id": int(item[1:]), "id": item}


def day(text: str, precision: int = 11, calendar: str = "Q1985727") -> dict[str, Any]:
    """The value of a point in time, such as +1952-03-11."""
    return {
        "time": f"{text}T00:00:00Z", "timezone": 0, "before": 0, "after": 0, "precision": precision,
        "calendarmodel": f"http://www.wikidata.org/entity/{calendar}",
    }  # fmt: skip


def text_in(language: str, text: str) -> dict[str, Any]:
    """The value that is a text in a language."""
    return {"text": text, "language": language}


def item(name: str, labels: dict[str, str] | None = None, **claims: Any) -> dict[str, Any]:
    """An item; a claim is a value, a statement, or a list of them."""
    made: dict[str, Any] = {"type": "item", "id": name, "lastrevid": 7}
    made["labels"] = {code: {"language": code, "value": text} for code, text in (labels or {}).items()} or []
    made["claims"] = {key: [_stated(each) for each in _list(value)] for key, value in claims.items()} or []
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _stated(value: Any) -> dict[str, Any]:
    is_statement = isinstance(value, dict) and "mainsnak" in value
    return dict(value) if is_statement else statement(value)


DAHL = item(
    "Q25161",
    {"en": "Roald Dahl", "mul": "Roald Dahl"},
    P31=link("Q5"),
    P21=link("Q6581097"),
    P27=link("Q145"),
    P569=day("+1916-09-13"),
    P570=day("+1990-11-23"),
    P648="OL34184A",
    P214="108159131",
    P213="0000 0001 2146 9172",
    P18="Roald Dahl.jpg",
) | {
    "aliases": {"en": [{"language": "en", "value": "R. Dahl"}]},
    "descriptions": {"en": {"language": "en", "value": "British writer"}},
    "sitelinks": {"enwiki": {"site": "enwiki", "title": "Roald Dahl", "badges": []}},
}
FOX = item(
    "Q1396889",
    {"en": "Fantastic Mr Fox"},
    P31=link("Q7725634"),
    P50=link("Q25161"),
    P648="OL45804W",
    P577=day("+1970-00-00", 9),
    P136=link("Q8261"),
)
FOX_EDITION = item(
    "Q999001",
    {"en": "Fantastic Mr Fox (Puffin)"},
    P31=link("Q3331189"),
    P629=link("Q1396889"),
    P212="978-0-14-032872-1",
    P957="0-14-032872-6",
    P1476=text_in("en", "Fantastic Mr. Fox"),
    P123=link("Q1336200"),
    P407=link("Q1860"),
    P577=day("+1988-10-01"),
    P1104={"amount": "+96", "unit": "1"},
    P110=link("Q352730"),
    P648="OL7353617M",
)
NAMES = {
    "Q145": item("Q145", {"en": "United Kingdom"}),
    "Q8261": item("Q8261", {"en": "novel"}),
    "Q1336200": item("Q1336200", {"en": "Puffin Books"}),
    "Q1860": item("Q1860", {"mul": "English"}),
    "Q352730": item("Q352730", {"en": "Quentin Blake"}, P648=["OL1A", "OL2A"]),
}
