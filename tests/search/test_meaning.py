"""What the index is asked for: any of some terms, of which each is cheap to look for."""

import pytest

from alexandria.search.asked import Wanted
from alexandria.search.meaning import Meaning, Other, ask_for, read_title


def meaning(word: str, spread: int, **begun: int) -> Meaning:
    """A word of titles in so many documents, and what it may become."""
    others = [Other((other,), 0.85, "begun", count) for other, count in begun.items()]
    return Meaning(Wanted(word, "title"), spread, others, spread + sum(begun.values()))


TWO = [meaning("great", 900), meaning("ga", 0, gatsby=3, garden=800)]


def test_a_single_word_is_asked_for_form_by_form() -> None:
    assert ask_for(TWO[1:]) == ["('ga')", "(('gatsby'))", "(('garden'))"]


def test_forms_are_asked_for_with_the_other_words() -> None:
    assert ask_for(TWO) == ["(('great') & 'ga')", "(('great') & ('gatsby'))", "(('great') & ('garden'))"]


def test_at_once_where_the_other_words_would_be_read_again_and_again() -> None:
    common = meaning("great", 10_000)
    assert ask_for([common, TWO[1]]) == ["(('great') & ('ga' | ('gatsby') | ('garden')))"]


def test_words_that_are_left_must_tell_something() -> None:
    words = [meaning("gatsby", 5), meaning("of", 50), meaning("the", 60), meaning("in", 70)]
    assert ask_for(words[:2], missing=1, common=40) == ["('gatsby')"]
    assert ask_for(words[1:], missing=1, common=40) == ["('of')", "('in')"]  # nothing else is left


@pytest.mark.parametrize("missing", [1, 2])
def test_nothing_is_left_to_ask_for(missing: int) -> None:
    assert ask_for([meaning("gatsby", 5)], missing=missing) == []


def test_each_term_is_for_the_language() -> None:
    assert ask_for(TWO[1:], "en") == ["(('ga')) & '=en'", "((('gatsby'))) & '=en'", "((('garden'))) & '=en'"]


def test_a_title_is_read_with_what_is_likeliest_for_words_that_nothing_has() -> None:
    one = Meaning(Wanted("gat"), 0, [Other(("gatsby",), 0.85, "begun", 3), Other(("gate",), 0.85, "begun", 1)])
    two = Meaning(Wanted("greatold"), 0, [Other(("great", "old"), 0.88, "corrected", 3)])
    known = Meaning(Wanted("grate"), 5, [Other(("great",), 0.8, "corrected", 900)])
    assert read_title(["the", "greatold", "grate", "gat"], [two, known, one]) == [
        "the",
        "great",
        "old",
        "grate",
        "gatsby",
    ]
    joined = [
        Meaning(Wanted(word), 0, [Other(("stormbringer",), 0.88, "corrected", 3)]) for word in ("storm", "bringer")
    ]
    assert read_title(["storm", "bringer"], joined) == ["stormbringer"]
    author = Meaning(Wanted("gat", "author"), 0, one.others)
    assert read_title(["gat"], [author]) == ["gat"]
