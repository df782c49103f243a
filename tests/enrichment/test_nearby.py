"""No work that `match` would take is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.match import KnownAuthor, KnownWork, score_work
from alexandria.enrichment.nearby import Nearby

AUTHOR = KnownAuthor(1, "Ann Other")
WORDS = st.sampled_from(
    "the of and hobbit sapiens sapien colour color war peace 2 ii part one catch 22 a night".split()
)
TITLES = st.builds(
    lambda words, more, mark: " ".join(words) + (mark + " ".join(more) if more else ""),
    st.lists(WORDS, min_size=1, max_size=3),
    st.lists(WORDS, max_size=2),
    st.sampled_from([": ", " - ", " (", "; "]),
)


def check(one: str, two: str) -> None:
    said = EditionAnswer(title=one, authors=(Person("Ann Other"),))
    work = KnownWork(7, two, None, None, (AUTHOR,))
    nearby = Nearby()
    nearby.add(1, work)
    if score_work(said, work).value:
        assert work in nearby.find([1], one, None)
    assert nearby.find([2], one, None) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The Hobbit", "Hobbit, The"),
        ("Catch 22", "Catch22"),
        ("Sapiens", "Sapiens: A Brief History of Humankind"),
        ("The Lord of the Rings, Book 2: The Two Towers", "The Two Towers"),
        ("Middlemarch", "Midlemarch"),
        ("The Colour Purple", "The Color Purple"),
        ("1984", "1984"),
        ("The And", "And"),
        ("ノルウェイの森", "ノルウェイの 森"),
    ],
)
def test_spellings_are_found(one: str, two: str) -> None:
    check(one, two)
    check(two, one)


@given(TITLES, TITLES)
def test_whatever_matches_is_found(one: str, two: str) -> None:
    check(one, two)
