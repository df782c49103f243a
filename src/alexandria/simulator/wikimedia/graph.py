"""Wikidata as triples, made when they are asked for: from an item outward, and back from its identifiers."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from alexandria.simulator.catalogue import numbers
from alexandria.simulator.wikimedia.claims import Claim, best
from alexandria.simulator.wikimedia.entities import Entity, render_entity
from alexandria.simulator.wikimedia.items import Item, Items, write

WD, STATEMENT, VALUE = (f"http://www.wikidata.org/{part}/" for part in ("entity", "entity/statement", "value"))
WDT, STATEMENTS, PS, PSV = (
    f"http://www.wikidata.org/prop/{part}" for part in ("direct/", "", "statement/", "statement/value/")
)
UNKNOWN = "http://www.wikidata.org/.well-known/genid/"
WIKIBASE, SCHEMA = "http://wikiba.se/ontology#", "http://schema.org/"
LABEL, ALIAS = "http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#altLabel"
XSD = "http://www.w3.org/2001/XMLSchema#"


class Term(NamedTuple):
    """A node: an IRI or a literal with its datatype or language."""

    type: Literal["uri", "literal"]
    value: str
    datatype: str = ""
    language: str = ""


class TooWide(Exception):
    """A pattern asks for everything there is, which no query service finishes."""


def uri(value: str) -> Term:
    return Term("uri", value)


class Graph:
    """The triples about the items of a catalogue; entities are rendered once for each graph."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._entities: dict[str, Entity | None] = {}

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        """What a subject has for a predicate; nothing for a literal or a stranger to this graph."""
        value = subject.value
        if subject.type == "literal":
            return []
        for prefix, read in self._readers():
            if value.startswith(prefix):
                return read(value.removeprefix(prefix), predicate)
        return self._of_article(value, predicate) if ".wikipedia.org/wiki/" in value else []

    def subjects(self, predicate: str, value: Term) -> list[Term]:
        """Who has this value for a predicate. Raises TooWide where that cannot be looked up."""
        if predicate.startswith(WDT):
            prop = predicate.removeprefix(WDT)
            return [uri(WD + item.id) for item in self._having(prop, value)]
        if predicate.startswith(PS) and not predicate.startswith(PSV):
            return self._statements_with(predicate.removeprefix(PS), value)
        if predicate.startswith(STATEMENTS) and value.value.startswith(STATEMENT):
            return [uri(WD + value.value.removeprefix(STATEMENT).partition("-")[0])]
        if predicate == LABEL:
            return [uri(WD + item.id) for item in self._items.named(value.value)]
        if predicate == SCHEMA + "about":
            return [uri(address) for address in self._articles(value.value.removeprefix(WD))]
        raise TooWide(f"nothing is bound that <{predicate}> could begin from")

    def label(self, subject: Term, languages: list[str], part: str = "labels") -> str | None:
        """The label (or description) of an item in the first of the languages that has one."""
        entity = self._entity(subject.value.removeprefix(WD))
        texts = dict(entity[part] or {}) if entity else {}
        return next((texts[language]["value"] for language in languages if language in texts), None)

    def _readers(self) -> list[tuple[str, Callable[[str, str], list[Term]]]]:
        return [(STATEMENT, self._of_statement), (VALUE, self._of_value), (WD, self._of_entity)]

    def _entity(self, identity: str) -> Entity | None:
        if identity not in self._entities:
            item = self._items.get(identity)
            usable = item is not None and item.kind != "merged"
            self._entities[identity] = render_entity(self._items, item) if item and usable else None
        return self._entities[identity]

    def _of_entity(self, identity: str, predicate: str) -> list[Term]:
        entity = self._entity(identity)
        if entity is None:
            return []
        if predicate.startswith(WDT):
            claims = dict(entity["claims"] or {}).get(predicate.removeprefix(WDT), [])
            return [term for claim in best(claims) if (term := _direct(claim))]
        if predicate.startswith(STATEMENTS):
            claims = dict(entity["claims"] or {}).get(predicate.removeprefix(STATEMENTS), [])
            return [uri(f"{STATEMENT}{claim['id'].replace('$', '-')}") for claim in claims]
        part = {LABEL: "labels", SCHEMA + "description": "descriptions"}.get(predicate)
        if part:
            return [Term("literal", each["value"], "", each["language"]) for each in dict(entity[part] or {}).values()]
        if predicate == ALIAS:
            texts = [text for each in dict(entity["aliases"] or {}).values() for text in each]
            return [Term("literal", text["value"], "", text["language"]) for text in texts]
        return []

    def _claim(self, statement: str) -> Claim | None:
        identity, prop, place = [*statement.split("-"), "", ""][:3]
        entity = self._entity(identity)
        claims = dict(entity["claims"] or {}).get(prop, []) if entity else []
        return claims[int(place)] if place.isdecimal() and int(place) < len(claims) else None

    def _of_statement(self, statement: str, predicate: str) -> list[Term]:
        claim = self._claim(statement)
        if claim is None:
            return []
        prop = claim["mainsnak"]["property"]
        if predicate == PS + prop:
            term = _direct(claim)
            return [term] if term else []
        if predicate == PSV + prop and claim["mainsnak"]["snaktype"] == "value":
            return [uri(VALUE + statement)]
        if predicate == WIKIBASE + "rank":
            return [uri(f"{WIKIBASE}{claim['rank'].capitalize()}Rank")]
        return []

    def _of_value(self, statement: str, predicate: str) -> list[Term]:
        claim = self._claim(statement)
        if claim is None or claim["mainsnak"]["datatype"] != "time":
            return []
        time = claim["mainsnak"]["datavalue"]["value"]
        parts = {
            "timeValue": Term("literal", _moment(time["time"]), XSD + "dateTime"),
            "timePrecision": Term("literal", str(time["precision"]), XSD + "integer"),
            "timeCalendarModel": uri(time["calendarmodel"]),
        }
        found = parts.get(predicate.removeprefix(WIKIBASE))
        return [found] if found else []

    def _articles(self, identity: str) -> dict[str, dict[str, Any]]:
        entity = self._entity(identity)
        links = dict(entity["sitelinks"] or {}) if entity else {}
        return {
            f"https://{site[:-4]}.wikipedia.org/wiki/{link['title'].replace(' ', '_')}#{identity}": link
            for site, link in links.items()
        }

    def _of_article(self, address: str, predicate: str) -> list[Term]:
        """An article's IRI carries its item behind `#` inside the graph; `shown` takes it off."""
        page, _, identity = address.partition("#")
        link = self._articles(identity).get(address)
        if link is None:
            return []
        language = link["site"][:-4]
        parts = {
            "about": uri(WD + identity),
            "isPartOf": uri(page.partition("wiki/")[0]),
            "name": Term("literal", link["title"], "", language),
            "inLanguage": Term("literal", language),
        }
        found = parts.get(predicate.removeprefix(SCHEMA))
        return [found] if found else []

    def _having(self, prop: str, value: Term) -> list[Item]:
        if value.type == "literal":
            return self._items.find(prop, value.value)
        item = self._items.get(value.value.removeprefix(WD))
        if item and prop == "P50" and item.kind == "author":
            works = [self._items.get(write("work", work)) for work in numbers.works_of(item.number)]
            return [work for work in works if work]
        if item and prop == "P629" and item.kind == "work":
            editions = [self._items.get(write("edition", each)) for each in numbers.editions_of(item.number)]
            return [edition for edition in editions if edition]
        if prop in ("P50", "P629"):
            return []
        raise TooWide(f"{prop} of everything")

    def _statements_with(self, prop: str, value: Term) -> list[Term]:
        found = []
        for item in self._having(prop, value):
            for statement in self._of_entity(item.id, STATEMENTS + prop):
                if value.value in [term.value for term in self.objects(statement, PS + prop)]:
                    found.append(statement)
        return found


def shown(term: Term) -> dict[str, str]:
    """A term as the JSON of results has it."""
    value = term.value.partition("#Q")[0] if ".wikipedia.org/wiki/" in term.value else term.value
    found = {"type": term.type, "value": value}
    if term.datatype and term.datatype != XSD + "string":
        found["datatype"] = term.datatype
    return found | ({"xml:lang": term.language} if term.language else {})


def _direct(claim: Claim) -> Term | None:
    snak = claim["mainsnak"]
    if snak["snaktype"] == "novalue":
        return None
    if snak["snaktype"] == "somevalue":
        return uri(UNKNOWN + claim["id"].replace("$", "-"))
    value = snak["datavalue"]["value"]
    match snak["datatype"]:
        case "wikibase-item":
            return uri(f"{WD}Q{value['numeric-id']}")
        case "time":
            return Term("literal", _moment(value["time"]), XSD + "dateTime")
        case "quantity":
            return Term("literal", value["amount"], XSD + "decimal")
        case "monolingualtext":
            return Term("literal", value["text"], "", value["language"])
    return Term("literal", value)


def _moment(time: str) -> str:
    """The time with a month and a day invented where there is none."""
    return time.removeprefix("+").replace("-00", "-01")
