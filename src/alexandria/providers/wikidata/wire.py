"""What Wikidata sends: items with only the statements that are used, search results, SPARQL results.

Empty maps may come as `[]`. The value of a statement has a shape for each type of property, so it is looked at where it
is used.
"""

from typing import Any

import msgspec

PROPERTIES = {
    "instance_of": "P31", "gender": "P21", "citizenship": "P27", "born": "P569", "died": "P570", "image": "P18",
    "birth_name": "P1477", "pseudonym": "P742", "open_library": "P648", "viaf": "P214",
    "isni": "P213", "lc_naf": "P244", "gnd": "P227", "bnf": "P268", "goodreads_author": "P2963", "isbn_13": "P212",
    "isbn_10": "P957", "author": "P50", "author_text": "P2093", "editor": "P98", "translator": "P655",
    "illustrator": "P110", "publisher": "P123", "published": "P577", "language": "P407", "title": "P1476",
    "subtitle": "P1680", "work": "P629", "pages": "P1104", "series": "P179", "genre": "P136", "subject": "P921",
    "oclc": "P243", "goodreads": "P2969", "google": "P675", "ocaid": "P724",
}  # fmt: skip


class TermWire(msgspec.Struct):
    """A text in a language."""

    value: str = ""


class SitelinkWire(msgspec.Struct):
    """The title of an item's page on one wiki."""

    title: str = ""


class DataValueWire(msgspec.Struct):
    """A value: text, or an object whose shape goes with the property."""

    value: Any = None


class SnakWire(msgspec.Struct):
    """A value, or that there is an unknown one (`somevalue`), or none (`novalue`): these have no `datavalue`."""

    snaktype: str = "value"
    datavalue: DataValueWire | None = None


class StatementWire(msgspec.Struct):
    """One statement about an item."""

    mainsnak: SnakWire
    rank: str = "normal"
    qualifiers: dict[str, list[SnakWire]] | list[Any] = {}


Statements = list[StatementWire]


class ClaimsWire(msgspec.Struct, rename=PROPERTIES):
    """The statements that are used, by what they say; all others are passed over."""

    instance_of: Statements = []
    gender: Statements = []
    citizenship: Statements = []
    born: Statements = []
    died: Statements = []
    image: Statements = []
    birth_name: Statements = []
    pseudonym: Statements = []
    open_library: Statements = []
    viaf: Statements = []
    isni: Statements = []
    lc_naf: Statements = []
    gnd: Statements = []
    bnf: Statements = []
    goodreads_author: Statements = []
    isbn_13: Statements = []
    isbn_10: Statements = []
    author: Statements = []
    author_text: Statements = []
    editor: Statements = []
    translator: Statements = []
    illustrator: Statements = []
    publisher: Statements = []
    published: Statements = []
    language: Statements = []
    title: Statements = []
    subtitle: Statements = []
    work: Statements = []
    pages: Statements = []
    series: Statements = []
    genre: Statements = []
    subject: Statements = []
    oclc: Statements = []
    goodreads: Statements = []
    google: Statements = []
    ocaid: Statements = []


class RedirectWire(msgspec.Struct, rename={"source": "from", "target": "to"}):
    """An item was merged: who asks for one gets the other."""

    source: str | None = None
    target: str | None = None


class EntityWire(msgspec.Struct):
    """An item; `missing` is there, empty or true, when there is none of that id."""

    id: str | None = None
    missing: Any = msgspec.UNSET
    redirects: RedirectWire | None = None
    lastrevid: int | None = None
    labels: dict[str, TermWire] | list[Any] = {}
    descriptions: dict[str, TermWire] | list[Any] = {}
    aliases: dict[str, list[Any]] | list[Any] = {}
    claims: ClaimsWire | list[Any] = []
    sitelinks: dict[str, SitelinkWire] | list[Any] = {}


class EntitiesWire(msgspec.Struct):
    """`wbgetentities` and `Special:EntityData`; faults come with HTTP 200 and `error` or `errors`."""

    entities: dict[str, EntityWire] | None = None
    error: Any = None
    errors: Any = None


class HitWire(msgspec.Struct):
    """A page that a search found; of items, the title is the id."""

    title: str
    ns: int = 0


class HitsWire(msgspec.Struct):
    """The pages that a search found."""

    search: list[HitWire]


class SearchWire(msgspec.Struct):
    """`action=query&list=search`."""

    query: HitsWire | None = None
    error: Any = None
    errors: Any = None


class TermBindingWire(msgspec.Struct):
    """The value of a variable: `uri`, `literal` or `bnode` (an unknown value)."""

    type: str
    value: str


class BindingsWire(msgspec.Struct):
    """The rows; a variable without value is not in its row."""

    bindings: list[dict[str, TermBindingWire]]


class SparqlWire(msgspec.Struct):
    """A result of the query service."""

    results: BindingsWire
