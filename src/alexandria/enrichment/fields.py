"""The fields of each kind of record, and the precedence table: whose word counts more, field by field.

A rank is a number; the higher one wins. A field that is not in a provider's row has the provider's own rank. What a
value is worth adds to the rank of its answer: a whole date beats a year, a long description a short one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Literal, cast

from alexandria.biblio.answers import Licence
from alexandria.biblio.dates import parse_date
from alexandria.biblio.keys import Kind

Fold = Literal["one", "list", "map"]
MIRROR = "open-library"
USER = "user"
MATCH = "match"  # what we concluded ourselves: which work an edition belongs to
SELF = "self"  # the source of what we fetched ourselves
SHORT = 50  # characters up to which a description says little


@dataclass(frozen=True, slots=True)
class Provider:
    """How far a provider is believed: by default, and in single fields; under which licence it speaks."""

    rank: int
    licence: Licence
    fields: Mapping[str, int]


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        USER: Provider(100, "open", {}),
        MIRROR: Provider(60, "open", {}),
        "google-books": Provider(50, "proprietary", {"description": 62}),
        "isbndb": Provider(40, "proprietary", {"format": 65, "page_count": 62, "cover_url": 20}),
        "wikidata": Provider(
            30,
            "open",
            dict.fromkeys(("gender", "nationality", "birth_date", "death_date", "birth_year", "death_year"), 70)
            | {"photo_url": 65, "identifiers": 70, "original_language": 65},
        ),
        "wikipedia": Provider(25, "attribution", {"bio": 65, "bio_url": 65}),
        MATCH: Provider(10, "open", {}),
    }
)
ALIASES = {"openlibrary": MIRROR}

_COVERS = ("cover_url", "cover_url_large", "cover_url_medium", "cover_url_small")
_EDITION = {
    "one": ("work_key", "title", "subtitle", "authors", "publisher", "publication_date", "page_count", "format",
            "language", "description", *_COVERS),
    "list": ("publishers", "subjects", "contributors", "series"),
    "map": ("identifiers", "metadata"),
}  # fmt: skip
_WORK = {
    "one": ("title", "subtitle", "authors", "description", "original_language", "first_publication_year", *_COVERS),
    "list": ("subjects",),
    "map": ("identifiers", "metadata"),
}
_AUTHOR = {
    "one": ("name", "gender", "nationality", "birth_date", "death_date", "birth_year", "death_year", "bio", "bio_url",
            "photo_url"),
    "list": ("alternate_names",),
    "map": ("identifiers", "metadata"),
}  # fmt: skip


def _by_field(table: Mapping[str, tuple[str, ...]]) -> Mapping[str, Fold]:
    return MappingProxyType({name: cast(Fold, how) for how, names in table.items() for name in names})


FIELDS: Mapping[Kind, Mapping[str, Fold]] = MappingProxyType(
    {"edition": _by_field(_EDITION), "work": _by_field(_WORK), "author": _by_field(_AUTHOR)}
)


@cache
def rank(provider: str, field: str) -> int:
    """How far a provider is believed about a field; 0 for a stranger."""
    known = PROVIDERS.get(provider)
    return known.fields.get(field, known.rank) if known else 0


def worth(field: str, value: Any) -> int:
    """What a value adds to its answer's rank: 0 to 30."""
    if field not in _WORTH or not isinstance(value, str):
        return 0
    return _date_worth(value) if field in _DATES else 15 * (len(value) > SHORT)


@lru_cache(maxsize=4_096)
def _date_worth(text: str) -> int:
    date = parse_date(text)
    return _PRECISE.get(date.precision, 0) if date else 0


_DATES = frozenset({"publication_date", "birth_date", "death_date"})
_WORTH = _DATES | {"description", "bio"}
_PRECISE = {"month": 15, "day": 30}
