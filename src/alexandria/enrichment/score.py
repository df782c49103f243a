"""How complete a record is, and how good an answer: points for what is filled, in percent.

Source of the tables: the plan's completeness (eight fields) and its score of an ISBNdb answer; the other kinds are
rated in the same manner.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from alexandria.biblio.keys import Kind
from alexandria.enrichment.fields import SHORT

LONG_SYNOPSIS = 100  # characters above which a synopsis counts
Fields = Mapping[str, Any]
Test = Callable[[Fields], bool]


def _filled(*names: str) -> Test:
    if len(names) == 1:
        name = names[0]
        return lambda fields: bool(fields.get(name))
    return lambda fields: any(fields.get(name) for name in names)


def _longer(name: str, than: int) -> Test:
    return lambda fields: len(fields.get(name) or "") > than


_COVER = _filled("cover_url", "cover_url_large", "cover_url_medium", "cover_url_small", "has_cover")

COMPLETE: Mapping[Kind, tuple[Test, ...]] = MappingProxyType(
    {
        "edition": (
            _filled("title"),
            _longer("description", SHORT),
            _filled("publisher"),
            _filled("page_count"),
            _filled("publication_date"),
            _filled("subjects"),
            _COVER,
            _filled("language"),
        ),
        "work": (
            _filled("title"),
            _filled("authors"),
            _longer("description", SHORT),
            _filled("subjects"),
            _filled("first_publication_year"),
            _filled("original_language"),
        ),
        "author": (
            _filled("name"),
            _longer("bio", SHORT),
            _filled("birth_year", "birth_date"),
            _filled("nationality"),
            _filled("gender"),
            _filled("photo_url"),
        ),
    }
)

QUALITY: Mapping[Kind, tuple[tuple[int, Test], ...]] = MappingProxyType(
    {
        "edition": (
            (15, _filled("title")),
            (10, _filled("publisher")),
            (10, _filled("page_count")),
            (10, _filled("publication_date")),
            (15, _longer("description", LONG_SYNOPSIS)),
            (10, _filled("subjects")),
            (10, _COVER),
            (10, _filled("authors")),
            (5, _filled("language")),
            (5, _filled("format")),
        ),
        "work": (
            (25, _filled("title")),
            (20, _filled("authors")),
            (20, _longer("description", LONG_SYNOPSIS)),
            (15, _filled("subjects")),
            (10, _filled("first_publication_year")),
            (5, _filled("original_language")),
            (5, _COVER),
        ),
        "author": (
            (25, _filled("name")),
            (20, _longer("bio", LONG_SYNOPSIS)),
            (15, _filled("birth_year", "birth_date")),
            (5, _filled("death_year", "death_date")),
            (10, _filled("nationality")),
            (10, _filled("gender")),
            (10, _filled("photo_url")),
            (5, _filled("identifiers")),
        ),
    }
)


def completeness(kind: Kind, fields: Fields) -> int:
    """The share of the fields that matter that a record fills, in percent, rounded down."""
    tests = COMPLETE[kind]
    return sum(test(fields) for test in tests) * 100 // len(tests)


def quality(kind: Kind, fields: Fields) -> int:
    """The points of an answer, 0 to 100."""
    return sum(points for points, test in QUALITY[kind] if test(fields))
