"""The query of a search: `isbn:`, `intitle:`, `inauthor:` and so on, and the editions that it finds."""

import re
from collections.abc import Callable

from alexandria.sample.plan import scatter
from alexandria.simulator.catalogue import Catalogue

_TERM = re.compile(r'(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))')
_FIELDS = ("isbn", "intitle", "inauthor", "inpublisher", "subject", "lccn", "oclc")


def parse_terms(text: str) -> dict[str, str]:
    """What the query asks by field; bare words belong to the field before them, in front of all to ""."""
    found: dict[str, list[str]] = {}
    field = ""
    for match in _TERM.finditer(text):
        word = match[2] if match[2] is not None else match[3] or ""
        if match[1] in _FIELDS:
            field = match[1]
        elif match[1]:
            word = f"{match[1]}:{word}"
        found.setdefault(field, []).append(word)
    return {name: " ".join(words) for name, words in found.items()}


def find_editions(catalogue: Catalogue, text: str) -> list[int]:
    """The numbers of the editions that Google finds; for an ISBN now and then those of another book."""
    terms = parse_terms(text)
    if "isbn" in terms:
        return _by_isbn(catalogue, terms["isbn"])
    if terms.get("intitle") and terms.get("inauthor"):
        found = catalogue.by_both(terms["intitle"], terms["inauthor"])
    else:
        finders: dict[str, Callable[[str], list[int]]] = {
            "intitle": catalogue.by_title,
            "inauthor": catalogue.by_author,
            "": catalogue.by_text,
            "inpublisher": catalogue.by_publisher,
            "subject": catalogue.by_subject,
        }
        found = next((find(terms[name]) for name, find in finders.items() if terms.get(name)), [])
    return [number for number in found if catalogue.knows("google_books", number)]


def _by_isbn(catalogue: Catalogue, text: str) -> list[int]:
    number = catalogue.number(text)
    if number is None:
        return []
    draw, other = scatter(number, catalogue.seed + 31) % 100, catalogue.another("google_books", number)
    if number in catalogue.sample.editions:
        draw = 99
    if not catalogue.knows("google_books", number):
        return [other] if draw < 4 else []
    if draw < 3:
        return [other]
    return [other, number] if draw < 6 else [number]
