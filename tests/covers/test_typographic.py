"""A cover of type for every edition, whatever its title."""

import xml.etree.ElementTree as xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.keys import SIZES
from alexandria.covers.typographic import draw

ISBN = 9780140328721
TEXT = "{http://www.w3.org/2000/svg}text"


def texts(drawn: str) -> list[str]:
    return [each.text or "" for each in xml.fromstring(drawn).iter(TEXT)]


def test_it_shows_title_and_authors() -> None:
    drawn = draw(ISBN, "Fantastic Mr Fox", ["Roald Dahl", "Quentin Blake"])
    assert " ".join(texts(drawn)) == "Fantastic Mr Fox Roald Dahl Quentin Blake"
    assert drawn == draw(ISBN, "Fantastic Mr Fox", ["Roald Dahl", "Quentin Blake"])
    assert draw(ISBN + 1, "Fantastic Mr Fox", []) != draw(ISBN, "Fantastic Mr Fox", [])


def test_without_a_title_it_shows_the_isbn() -> None:
    assert texts(draw(ISBN, None, [])) == ["ISBN", str(ISBN)]


@pytest.mark.parametrize("size", SIZES)
def test_it_has_the_size_of_its_box(size: str) -> None:
    root = xml.fromstring(draw(ISBN, "A", [], size))  # type: ignore[arg-type]
    assert (int(root.attrib["width"]), int(root.attrib["height"])) == SIZES[size]  # type: ignore[index]


def test_long_titles_are_cut_and_long_words_broken() -> None:
    lines = texts(draw(ISBN, "word " * 200, []))
    assert len(lines) <= 8
    assert lines[-1].endswith("…")
    assert max(map(len, texts(draw(ISBN, "Donaudampfschifffahrtsgesellschaftskapitän" * 3, [])))) <= 21


def test_many_authors_are_not_all_named() -> None:
    assert texts(draw(ISBN, "A", ["One", "Two", "Three", "Four"]))[1:] == ["One", "Two", "…"]


def test_nothing_in_a_title_is_code() -> None:
    drawn = draw(ISBN, "</text><script>alert(1)</script>&\"'", ["<b>&amp;"])
    assert "<script" not in drawn
    assert "<b>" not in drawn


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=5), st.integers(9780000000000, 9799999999999))
def test_every_title_gives_well_formed_svg(title: str, authors: list[str], isbn: int) -> None:
    root = xml.fromstring(draw(isbn, title, authors))
    assert root.tag.endswith("svg")
    assert {each.tag.rpartition("}")[2] for each in root.iter()} == {"svg", "rect", "g", "text"}
