"""What statements say: ranks, unknown values, times of every precision, items, texts."""

from typing import Any

import msgspec
import pytest

from alexandria.providers.wikidata.parse.values import (
    Time,
    amount,
    best,
    is_unknown,
    item_id,
    items,
    ordinal,
    position,
    texts,
    texts_in,
    times,
    values,
)
from alexandria.providers.wikidata.wire import Statements
from tests.providers.wikidata.items import day, link, statement, text_in


def stated(*statements: Any) -> Statements:
    return msgspec.convert([*statements], Statements)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        (["normal", "preferred", "deprecated"], [1]),
        (["preferred", "normal", "preferred"], [0, 2]),
        (["normal", "deprecated", "normal"], [0, 2]),
        (["deprecated", "deprecated"], []),
        (["unheard-of"], []),
        ([], []),
    ],
)
def test_the_preferred_ones_alone_else_the_normal_ones_never_the_deprecated(
    ranks: list[str], expected: list[int]
) -> None:
    made = stated(*(statement(number, rank) for number, rank in enumerate(ranks)))
    assert list(values(made)) == expected
    assert len(best(made)) == len(expected)


def test_unknown_and_no_values_are_not_values() -> None:
    made = stated(statement(None, kind="somevalue"), statement(None, kind="novalue"), statement("x"))
    assert list(values(made)) == ["x"]
    assert is_unknown(made)
    assert not is_unknown(stated(statement(None, "deprecated", "somevalue"), statement(None, kind="novalue")))


def test_a_preferred_unknown_value_hides_the_normal_known_one() -> None:
    assert list(values(stated(statement(None, "preferred", "somevalue"), statement("x")))) == []


@pytest.mark.parametrize(
    ("value", "text", "year"),
    [
        (day("+1952-03-11"), "1952-03-11", 1952),
        (day("+1952-03-11", 14), "1952-03-11", 1952),
        (day("+1952-03-11", 10), "1952-03", 1952),
        (day("+1952-03-00", 11), "1952-03", 1952),
        (day("+1952-00-00", 11), "1952", 1952),
        (day("+1952-00-00", 9), "1952", 1952),
        (day("+1952-01-01", 9), "1952", 1952),
        (day("+1952-03-01", 10), "1952-03", 1952),
        (day("+1952-02-30"), "1952-02", 1952),
        (day("+1900-02-29", calendar="Q1985786"), "1900-02-29", 1900),
        (day("+1952-13-01"), "1952", 1952),
        (day("+00000001952-03-11"), "1952-03-11", 1952),
        (day("+0272-02-27"), "0272-02-27", 272),
        (day("-0384-00-00", 9), "-0384", -384),
        (day("+1560-00-00", 8), "1560s", None),
        (day("+1501-00-00", 7), "16th century", None),
        (day("+1600-00-00", 7), "16th century", None),
        (day("+1101-00-00", 7), "12th century", None),
        (day("+2001-00-00", 7), "21st century", None),
        (day("-0350-00-00", 7), "4th century BC", None),
        (day("-0355-00-00", 8), "350s BC", None),
    ],
)
def test_times(value: Any, text: str, year: int | None) -> None:
    (found,) = times(stated(statement(value)))
    assert (found.text, found.year) == (text, year)


@pytest.mark.parametrize(
    "value",
    [
        day("+1500-00-00", 6), day("+0000-00-00", 9), day("+13798000000-00-00", 3), day("1952-03-11"), day("+1952"),
        day("+99999-01-01"), {"time": None, "precision": 11}, {"time": "+1952-03-11T00:00:00Z"}, "1952", 5, [], {},
        {"time": "+1952-03-11T00:00:00Z", "precision": "11"}, {"time": "+1952-03-11T00:00:00Z", "precision": True},
        {"time": "+" + "9" * 5000 + "-01-01T00:00:00Z", "precision": 9},
    ],
)  # fmt: skip
def test_what_is_no_time_of_a_life(value: Any) -> None:
    assert times(stated(statement(value))) == []


def test_the_most_precise_time_comes_first_and_each_once() -> None:
    made = stated(*map(statement, (day("+1952-00-00", 9), day("+1952-03-11"), day("+1952-00-00", 9))))
    assert times(made) == [Time("1952-03-11", 1952, 11, False), Time("1952", 1952, 9, False)]


def test_a_julian_date_stays_as_it_is_written_and_is_marked() -> None:
    (newton,) = times(stated(statement(day("+1642-12-25", calendar="Q1985786"))))
    assert (newton.text, newton.is_julian) == ("1642-12-25", True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (link("Q42"), "Q42"),
        ({"entity-type": "item", "numeric-id": 42}, "Q42"),
        ({"numeric-id": 42}, "Q42"),
        ({"entity-type": "property", "numeric-id": 42}, None),
        ({"entity-type": "form", "id": "L252247-F2"}, None),
        ({"id": "Q0"}, None),
        ({"numeric-id": -1}, None),
        ({"numeric-id": True}, None),
        ({"id": 42}, None),
        ("Q42", None),
        (None, None),
    ],
)
def test_items(value: Any, expected: str | None) -> None:
    assert item_id(value) == expected


def test_each_item_and_each_text_once() -> None:
    assert items(stated(statement(link("Q1")), statement(link("Q2")), statement(link("Q1")))) == ["Q1", "Q2"]
    made = stated(*map(statement, ("a", " a\u200b ", text_in("en", "b"), "", 5, {"text": 5}, {"text": None}, [])))
    assert texts(made) == ["a", "b"]


def test_texts_in_the_languages_wanted_come_first() -> None:
    made = stated(*map(statement, (text_in("fr", "Le Renard"), "bare", text_in("en", "The Fox"), {"language": 5})))
    assert texts_in(made, ("de", "en", "mul")) == ["The Fox", "Le Renard", "bare"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"amount": "+144", "unit": "1"}, 144), ({"amount": "144.0"}, 144), ({"amount": "+144.5"}, None),
        ({"amount": "-3"}, None), ({"amount": 144}, None), ({"amount": "+" + "9" * 30}, None), ("144", None),
    ],
)  # fmt: skip
def test_amounts(value: Any, expected: int | None) -> None:
    assert amount(stated(statement(value))) == expected


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("x", 1_000_000), ("9" * 6, 1_000_000), (None, 1_000_000)])
def test_ordinals(text: str | None, expected: int) -> None:
    assert ordinal(stated(statement("x", ordinal=text))[0]) == expected


@pytest.mark.parametrize(("text", "expected"), [("3", "3"), ("1.5", "1.5"), ("2a", None), ("III", None), (None, None)])
def test_positions(text: str | None, expected: str | None) -> None:
    assert position(stated(statement("x", ordinal=text))[0]) == expected
