"""Answers of Wikidata: items as authors and as editions, hits of a search, rows of a query."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alexandria.net.messages import decode
from alexandria.providers.wikidata.parse.author import read_author
from alexandria.providers.wikidata.parse.check import Sought, agrees, has_name, same_person
from alexandria.providers.wikidata.parse.edition import (
    Linked,
    choose_edition,
    isbns_of,
    names_needed,
    people_of,
    read_edition,
    work_of,
)
from alexandria.providers.wikidata.parse.entities import read_entities
from alexandria.providers.wikidata.parse.hits import read_hits, read_items_of_authors
from alexandria.providers.wikidata.wire import EntitiesWire, SearchWire, SparqlWire
from fuzz.answers import files, read_all, replied

ASKED, ISBN = "Q1", 9780140328721
LANGUAGES = ("en", "mul")
NAMES = {"Q1": "one", "Q145": "United Kingdom", "Q1860": "English"}


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from files(fixtures / "wikidata", "api/*.json", "sparql/*.json")
    for text in files(fixtures / "wikidata" / "entities", "Q*.json"):
        found = json.loads(text)
        (item,) = found["entities"].values() if "entities" in found else (found,)
        yield json.dumps({"entities": {ASKED: {**item, "id": ASKED}}}).encode()


def check(data: bytes) -> None:
    reply = replied(data)
    read_all(
        data,
        [
            lambda _: _answers(read_entities(decode(reply, EntitiesWire), [ASKED])),
            lambda _: read_hits(decode(reply, SearchWire)),
            lambda _: read_items_of_authors(decode(reply, SparqlWire)),
        ],
    )


def _answers(entities: Any) -> list[Any]:
    found: list[Any] = []
    linked = Linked(entities, NAMES)
    for entity in entities.values():
        found += [people_of(entity), work_of(entity), names_needed(entity), isbns_of(entity)]
        found += [read_author(entity, 34184, NAMES, LANGUAGES), read_edition(entity, ISBN, linked, LANGUAGES)]
        found += [has_name(entity, "Roald Dahl"), agrees(entity, Sought("Roald Dahl", birth_year=1916))]
    same_person(list(entities.values()))
    choose_edition(entities.values(), ISBN)
    return found
