"""Completeness and quality, on tables."""

from typing import Any

import pytest

from alexandria.enrichment.score import QUALITY, completeness, quality

WHOLE: dict[str, Any] = {
    "title": "T", "description": "d" * 101, "publisher": "P", "page_count": 1, "publication_date": "1988",
    "subjects": ["S"], "cover_url": "https://x.example/c.jpg", "language": "en", "authors": [{"name": "A"}],
    "format": "ebook",
}  # fmt: skip


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names}


@pytest.mark.parametrize(
    ("fields", "percent"),
    [
        ({}, 0),
        ({"title": "T"}, 12),
        (WHOLE, 100),
        (without("authors", "format"), 100),
        (without("title"), 87),
        ({**WHOLE, "description": "d" * 50}, 87),
        ({**WHOLE, "description": "d" * 51}, 100),
        ({**WHOLE, "page_count": 0}, 87),
        ({**WHOLE, "subjects": []}, 87),
        ({**without("cover_url"), "cover_url_small": "https://x.example"}, 100),
        ({**without("cover_url"), "has_cover": True}, 100),
        ({**without("cover_url"), "has_cover": False}, 87),
    ],
)
def test_completeness_of_editions(fields: dict[str, Any], percent: int) -> None:
    assert completeness("edition", fields) == percent


@pytest.mark.parametrize(
    ("missing", "points"),
    [("title", 15), ("publisher", 10), ("page_count", 10), ("publication_date", 10), ("description", 15),
     ("subjects", 10), ("cover_url", 10), ("authors", 10), ("language", 5), ("format", 5)],
)  # fmt: skip
def test_the_points_of_an_answer_about_an_edition(missing: str, points: int) -> None:
    assert quality("edition", WHOLE) == 100
    assert quality("edition", without(missing)) == 100 - points


def test_a_synopsis_counts_above_a_hundred_characters() -> None:
    assert quality("edition", {"description": "d" * 100}) == 0
    assert quality("edition", {"description": "d" * 101}) == 15


def test_the_points_of_every_kind_are_a_hundred() -> None:
    assert {kind: sum(points for points, _ in table) for kind, table in QUALITY.items()} == dict.fromkeys(QUALITY, 100)
