"""A name alone is never enough."""

from typing import Any

import pytest

from alexandria.errors import BadInput
from alexandria.providers.wikidata import Sought
from alexandria.providers.wikidata.parse.check import agrees, check_sought, has_name, is_by, same_person
from tests.providers.wikidata.items import DAHL, FOX, day, item, link, statement
from tests.providers.wikidata.test_entities import entity


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Roald Dahl", True),
        ("roald  DAHL", True),
        ("Dahl, Roald", True),
        ("R. Dahl", True),
        ("Dahl Roald", False),
        ("Roald", False),
        ("Roald Dahl Jr.", False),
    ],
)
def test_names(name: str, expected: bool) -> None:
    assert has_name(entity(DAHL), name) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"birth_year": 1916}, True),
        ({"birth_year": 1917}, False),
        ({"birth_year": 1916, "death_year": 1990}, True),
        ({"birth_year": 1916, "death_year": 1991}, False),
        ({"death_year": 1990}, None),
        ({"death_year": 1991}, False),
        ({"identifiers": {"viaf": ("108159131",)}}, True),
        ({"identifiers": {"viaf": ("https://viaf.org/viaf/108159131",)}}, True),
        ({"identifiers": {"isni": ("0000 0001 2146 9172",)}}, True),
        ({"identifiers": {"wikidata": ("Q25161",)}}, True),
        ({"identifiers": {"open_library": ("OL34184A",)}}, True),
        ({"identifiers": {"viaf": ("1",)}}, None),
        ({"identifiers": {"viaf": ("108159131",)}, "birth_year": 1800}, True),
        ({"identifiers": {"imdb": ("nm0001094",)}}, None),
    ],
)
def test_what_agrees_and_what_contradicts(fields: dict[str, Any], expected: bool | None) -> None:
    assert agrees(entity(DAHL), Sought("Roald Dahl", **fields)) is expected


def test_an_item_without_dates_proves_nothing() -> None:
    bare = entity(item("Q1", {"en": "Roald Dahl"}, P569=[day("+1910-00-00", 8), statement(None, kind="somevalue")]))
    assert agrees(bare, Sought("Roald Dahl", birth_year=1916)) is None


def test_a_julian_date_may_be_of_the_year_beside() -> None:
    newton = entity(item("Q935", {"en": "Isaac Newton"}, P569=day("+1642-12-25", calendar="Q1985786")))
    assert [agrees(newton, Sought("N", birth_year=year)) for year in (1641, 1642, 1643, 1644)] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "sought",
    [Sought("Roald Dahl"), Sought("Roald Dahl", death_year=1990), Sought("Roald Dahl", titles=(" ",)),
     Sought("Roald Dahl", identifiers={"viaf": ()}), Sought("", birth_year=1916), Sought(" -:. ", birth_year=1916)],
)  # fmt: skip
def test_nothing_to_prove_it_by(sought: Sought) -> None:
    with pytest.raises(BadInput):
        check_sought(sought)


@pytest.mark.parametrize("more", [{"birth_year": 1916}, {"titles": ("Matilda",)}, {"identifiers": {"viaf": ("1",)}}])
def test_something_to_prove_it_by(more: dict[str, Any]) -> None:
    check_sought(Sought("Roald Dahl", **more))


@pytest.mark.parametrize(
    ("author", "titles", "expected"),
    [
        ("Q25161", ["fantastic mr. fox"], True),
        ("Q25161", ["Matilda", "Fantastic Mr Fox: a play"], True),
        ("Q25161", ["Matilda"], False),
        ("Q1", ["Fantastic Mr Fox"], False),
        ("Q25161", ["", ":"], False),
    ],
)
def test_works(author: str, titles: list[str], expected: bool) -> None:
    assert is_by(entity(FOX), author, titles) is expected


def test_two_items_of_one_person_and_of_two() -> None:
    early, late = item("Q9", P569=day("+1916-00-00", 9)), item("Q30", P569=day("+1916-09-13"))
    other, undated = item("Q1", P569=day("+1800-00-00", 9)), item("Q2", P27=link("Q145"))
    first, second, third, fourth = map(entity, (early, late, other, undated))
    assert same_person([second, first]) is first
    assert same_person([second, fourth]) is fourth
    assert same_person([first, second, third]) is None
    assert same_person([]) is None
