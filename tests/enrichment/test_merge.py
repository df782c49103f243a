"""The fold's laws: idempotent, order-free, losing nothing; locks hold, taking back restores."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.keys import Kind
from alexandria.enrichment.fields import FIELDS, PROVIDERS
from alexandria.enrichment.merge import Stated, fold, unite_lists, unite_maps

TEXTS = st.sampled_from(["", "A", "a", "B", "Die Verwandlung", "x" * 60, "1988", "1988-10", "October 1, 1988"])
LISTS = st.lists(TEXTS, max_size=4)
MAPS = st.dictionaries(st.sampled_from(["viaf", "isni", "note"]), LISTS, max_size=3)
VALUES = {"one": st.none() | TEXTS, "list": LISTS, "map": MAPS}


@st.composite
def answers(draw: st.DrawFn, kind: Kind = "edition") -> list[Stated]:
    """Answers of some providers and people, each of another source."""
    fields = FIELDS[kind]
    names = st.sampled_from(sorted(PROVIDERS))
    keys = draw(st.lists(st.tuples(names, st.sampled_from(["self", "k1", "k2"])), unique=True, max_size=6))
    found = []
    for provider, source in keys:
        said = draw(st.sets(st.sampled_from(sorted(fields)), max_size=5))
        locks = draw(st.sets(st.sampled_from(sorted(fields)), max_size=2)) if provider == "user" else set()
        found.append(
            Stated(
                provider,
                source,
                {name: draw(VALUES[fields[name]]) for name in said},
                {name: draw(st.sampled_from(["2026-01-01", "2026-01-02"])) for name in said},
                frozenset(locks),
                draw(st.integers(0, 100)),
            )
        )  # fmt: skip
    return found


def values(stated: list[Stated]) -> dict[str, Any]:
    return {name: choice.value for name, choice in fold("edition", stated).items()}


@given(answers(), st.randoms())
def test_the_order_of_answers_does_not_matter(stated: list[Stated], random: Any) -> None:
    shuffled = list(stated)
    random.shuffle(shuffled)
    assert fold("edition", shuffled) == fold("edition", stated)


@given(answers())
def test_folding_the_fold_changes_nothing(stated: list[Stated]) -> None:
    once = values(stated)
    assert values([Stated("isbndb", "self", once, {})]) == once


@given(answers())
def test_every_value_is_some_answer_s_and_every_answer_is_named(stated: list[Stated]) -> None:
    for name, choice in fold("edition", stated).items():
        filled = [answer for answer in stated if answer.fields.get(name) not in (None, "", [], {})]
        assert sorted(map(id, (*choice.winners, *choice.losers))) == sorted(map(id, filled))
        if FIELDS["edition"][name] == "one":
            assert choice.value == choice.winners[0].fields[name]


@given(answers())
def test_empty_never_replaces_something(stated: list[Stated]) -> None:
    filled = {name for answer in stated for name, value in answer.fields.items() if value not in (None, "", [], {})}
    assert set(fold("edition", stated)) == filled


@given(answers(), answers())
def test_a_locked_value_stays_whatever_others_say(mine: list[Stated], others: list[Stated]) -> None:
    lock = Stated("user", "locker", {"title": "Mine", "subjects": ["only"]}, {}, frozenset({"title", "subjects"}), 0)
    theirs = [answer for answer in (*mine, *others) if not answer.locks]
    unique = list({(answer.provider, answer.source): answer for answer in theirs}.values())
    chosen = fold("edition", [*unique, lock])
    assert chosen["title"].value == "Mine"
    assert chosen["title"].rule == "locked"
    assert chosen["subjects"].value == ["only"]


@given(answers())
def test_nothing_is_lost_from_lists(stated: list[Stated]) -> None:
    chosen = fold("edition", stated)
    for answer in stated:
        if "subjects" in chosen and chosen["subjects"].rule == "united":
            united = {text.casefold() for text in chosen["subjects"].value}
            assert {text.casefold() for text in answer.fields.get("subjects") or []} <= united


@pytest.mark.parametrize(
    ("field", "mirror", "other", "winner", "rule"),
    [
        ("title", "Short", ("google-books", "A longer title"), "mirror", "precedence"),
        ("title", "", ("isbndb", "A"), "other", "nobody says otherwise"),
        ("publication_date", "1988", ("isbndb", "1988-10-01"), "other", "says more"),
        ("publication_date", "1988-10", ("isbndb", "1988-10-01"), "mirror", "precedence"),
        ("publication_date", "1988", ("google-books", "1988-10-01"), "other", "says more"),
        ("publication_date", "October 1, 1988", ("google-books", "1988-10-01"), "mirror", "precedence"),
        ("description", "Short.", ("google-books", "x" * 60), "other", "precedence"),
        ("description", "x" * 60, ("isbndb", "y" * 600), "mirror", "precedence"),
        ("format", "ebook", ("isbndb", "paperback"), "other", "precedence"),
        ("page_count", 96, ("user", 97), "other", "precedence"),
    ],
)
def test_the_precedence_table(field: str, mirror: Any, other: tuple[str, Any], winner: str, rule: str) -> None:
    provider, value = other
    both = [Stated("open-library", "mirror", {field: mirror}, {}), Stated(provider, "self", {field: value}, {})]
    choice = fold("edition", both)[field]
    assert choice.value == (mirror if winner == "mirror" else other[1])
    assert choice.rule == rule


def test_of_two_people_the_newer_word_counts() -> None:
    old = Stated("user", "k1", {"title": "Old"}, {"title": "2026-01-01T00:00:00"}, quality=90)
    new = Stated("user", "k2", {"title": "New"}, {"title": "2026-01-02T00:00:00"}, quality=10)
    choice = fold("edition", [old, new])["title"]
    assert (choice.value, choice.rule, choice.losers) == ("New", "newest", (old,))


def test_united_lists_keep_one_of_what_differs_in_case_or_accents_only() -> None:
    assert unite_lists([["Füchse", "Foxes"], ["fuchse", "foxes", "Wolves"]]) == ["Füchse", "Foxes", "Wolves"]
    assert unite_maps([{"viaf": ["1"], "note": "a"}, {"viaf": ["2", "1"], "note": "b", "isni": ["3"]}]) == {
        "viaf": ["1", "2"],
        "note": "a",
        "isni": ["3"],
    }
