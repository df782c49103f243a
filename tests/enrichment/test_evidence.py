"""Whose the editions of a page are."""

import pytest

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.evidence import attribute, is_about, is_like, is_named
from alexandria.enrichment.match import KnownAuthor, KnownWork

TOLKIEN = KnownAuthor(1, "J. R. R. Tolkien")
SMITH, OTHER = KnownAuthor(2, "John Smith", birth_year=1920), KnownAuthor(3, "John Smith", birth_year=1960)


def book(title: str, *names: str) -> EditionAnswer:
    return EditionAnswer(title=title, authors=tuple(map(Person, names)))


@pytest.mark.parametrize("name", ["J.R.R. Tolkien", "Tolkien, J. R. R.", "JRR Tolkien", "John Ronald Reuel Tolkien"])
def test_names(name: str) -> None:
    assert is_named(name, TOLKIEN)


@pytest.mark.parametrize(
    ("name", "like"),
    [("J. R. R. Tolkein", True), ("J. Tolkien", True), ("Tolkein", True), ("Christopher Tolkien", False), ("", False),
     ("T. S. Eliot", False)],
)  # fmt: skip
def test_spellings(name: str, like: bool) -> None:
    assert not is_named(name, TOLKIEN)
    assert is_like(name, TOLKIEN) == like


@pytest.mark.parametrize(
    ("name", "known", "like"),
    [
        ("Phillip K. Dick", "Philip K. Dick", True),
        ("Viktor Hugo", "Victor Hugo", True),
        ("Jean Hugo", "Victor Hugo", False),
        ("Philippa Dick", "Philip K. Dick", True),  # as far as the letters go: a title in common must say so, too
        ("Karl May", "Carl May", False),
    ],
)
def test_a_short_family_name_with_a_misspelt_given_one(name: str, known: str, like: bool) -> None:
    assert is_like(name, KnownAuthor(9, known)) == like


@pytest.mark.parametrize(
    ("pages", "is_theirs"),
    [
        ([], True),
        ([book("The Hobbit")], True),
        ([book("The Hobbit", "J.R.R. Tolkien"), book("The Art of It", "Wayne G. Hammond", "J. R. R. Tolkien")], True),
        ([book("Emma", "Jane Austen")], False),
        ([book("Emma", "Jane Austen"), book("A", "Jane Austen"), book("B", "Jane Austen", "J.R.R. Tolkien")], False),
    ],
)  # fmt: skip
def test_a_page_of_somebody_else(pages: list[EditionAnswer], is_theirs: bool) -> None:
    assert is_about(pages, TOLKIEN) == is_theirs


def numbers(found: dict[int, EditionAnswer]) -> dict[int, list[int | None]]:
    return {isbn: [person.number for person in answer.authors] for isbn, answer in found.items()}


def test_another_spelling_needs_a_title_in_common() -> None:
    page = {
        1: book("The Hobbit", "J.R.R. Tolkien"),
        2: book("Hobbit, The", "J. R. R. Tolkein"),
        3: book("Roverandom", "J. R. R. Tolkein"),
        4: book("Plumbing", "J. Tolkien"),
        5: book("Beowulf", "Somebody Else"),
    }
    assert numbers(attribute(page, TOLKIEN, (), {})) == {1: [1], 2: [1], 3: [1], 4: [None], 5: [None]}


def test_who_is_not_named_is_who_a_sibling_names() -> None:
    page = {
        1: book("The Road Goes Ever On", "J.R.R. Tolkien", "Donald Swann"),
        2: book("The Road Goes Ever On"),
        3: book("X"),
    }
    found = attribute(page, TOLKIEN, (), {})
    assert [[person.name for person in found[isbn].authors] for isbn in page] == [
        ["J.R.R. Tolkien", "Donald Swann"], ["J.R.R. Tolkien", "Donald Swann"], ["J. R. R. Tolkien"],
    ]  # fmt: skip
    assert numbers(found)[2] == [1, None]


def test_two_of_a_name_stay_two() -> None:
    works = {2: [KnownWork(20, "Bees", authors=(SMITH,))], 3: [KnownWork(30, "Wasps", authors=(OTHER,))]}
    page = {
        1: book("Bees", "John Smith"),
        2: book("Wasps", "Smith, John"),
        3: book("Ants", "John Smith"),
        4: book("Wasps"),
        5: book("Flies", "Smith, John, 1960-"),
    }
    assert numbers(attribute(page, SMITH, [OTHER], works)) == {1: [2], 2: [3], 3: [None], 4: [3], 5: [None]}
