"""What a search or a query found: ids of items. And the texts of both, in which nothing of the caller's can act."""

import re
from collections.abc import Iterable

from alexandria.biblio.keys import format_key, parse_key
from alexandria.errors import BadInput, Malformed
from alexandria.providers.wikidata.parse.entities import read_fault
from alexandria.providers.wikidata.parse.values import is_item
from alexandria.providers.wikidata.profile import BUCKET
from alexandria.providers.wikidata.wire import SearchWire, SparqlWire

ENTITY = "http://www.wikidata.org/entity/"
LONGEST_QUERY = 280  # characters; the search refuses 300


def read_hits(wire: SearchWire) -> list[str]:
    """The ids of the items found, best first."""
    fault = read_fault(wire.error, wire.errors)
    if fault is not None:
        raise fault[1]
    if wire.query is None:
        raise Malformed(BUCKET, "a search says nothing of what it found")
    return list(dict.fromkeys(hit.title for hit in wire.query.search if hit.ns == 0 and is_item(hit.title)))


def having(*statements: tuple[str, str]) -> str:
    """The search for items with any of these (property, value) statements; values are identifiers."""
    wanted = "|".join(f"{name}={value}" for name, value in statements)
    return f'haswbstatement:"{wanted}"' if " " in wanted else f"haswbstatement:{wanted}"


def plain_words(text: str, most: int = LONGEST_QUERY) -> str:
    """The words of a text in lower case, without operators, quotes and wildcards of the search; `most` characters."""
    words = re.sub(r"[^\w'.]|_", " ", text.casefold()).split()
    kept = ""
    for word in (word.strip("'.") for word in words):
        if word and len(kept) + len(word) < most:
            kept += f" {word}"
    return kept.strip()


def items_of_authors(numbers: Iterable[int]) -> str:
    """The query for the items that name Open Library authors, for read_items_of_authors."""
    keys = " ".join(f'"{format_key("author", number)}"' for number in numbers)
    return f"SELECT ?key ?item WHERE {{ VALUES ?key {{ {keys} }} ?item wdt:P648 ?key . }}"


def read_items_of_authors(wire: SparqlWire) -> dict[int, list[str]]:
    """The ids of the items that name an author, by its number; unknown values (`bnode`, genid) are no items."""
    found: dict[int, list[str]] = {}
    for row in wire.results.bindings:
        key, item = row.get("key"), row.get("item")
        if key is None or item is None or item.type != "uri" or not item.value.startswith(ENTITY):
            continue
        name = item.value.removeprefix(ENTITY)
        try:
            number = parse_key(key.value, "author").number
        except BadInput:
            continue
        if is_item(name) and name not in found.setdefault(number, []):
            found[number].append(name)
    return found
