"""What the index is asked for: any of some terms, of which each is cheap to look for."""

import pytest

from alexandria.search.asked import Wanted
from alexandria.search.meaning import Meaning, Other, ask_for


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
