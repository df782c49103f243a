"""The laws of scores: sound, the same every time and in either order; what contradicts never raises one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.match import (
    THRESHOLD,
    WEIGHTS,
    KnownAuthor,
    KnownWork,
    Score,
    author_key,
    score_author,
    score_work,
)
from alexandria.enrichment.match.names import read_name
from alexandria.enrichment.match.titles import is_generic, read_title
from tests.enrichment.match.drawn import AUTHORS, EDITIONS, NAMES, PERSONS, WORKS


def assert_sound(score: Score) -> None:
    assert 0.0 <= score.value <= 1.0
    assert (score.value >= THRESHOLD) == (score.verdict == "same")
    if score.verdict == "different":
        assert score.value == 0.0
        assert any(not reason.value for reason in score.reasons)
    else:
        assert score.value == pytest.approx(sum(reason.weight * reason.value for reason in score.reasons), abs=1e-4)
    for reason in score.reasons:
        assert reason.weight == WEIGHTS[reason.name]
        assert 0.0 <= reason.value <= 1.0


@given(PERSONS | AUTHORS, AUTHORS)
def test_scores_of_authors_are_sound_and_the_same_every_time(said: Person | KnownAuthor, known: KnownAuthor) -> None:
    score = score_author(said, known)
    assert_sound(score)
    read_name.cache_clear()
    assert score_author(said, known) == score


@given(EDITIONS | WORKS, WORKS)
def test_scores_of_works_are_sound_and_the_same_every_time(said: EditionAnswer | KnownWork, known: KnownWork) -> None:
    score = score_work(said, known)
    assert_sound(score)
    read_title.cache_clear()
    assert score_work(said, known) == score


@given(AUTHORS, AUTHORS)
def test_authors_are_compared_in_either_order(one: KnownAuthor, two: KnownAuthor) -> None:
    assert score_author(one, two) == score_author(two, one)


@given(WORKS, WORKS)
def test_works_are_compared_in_either_order(one: KnownWork, two: KnownWork) -> None:
    assert score_work(one, two) == score_work(two, one)


@given(AUTHORS)
def test_an_author_is_himself(known: KnownAuthor) -> None:
    assert score_author(known, known).verdict == "same"
    assert score_author(Person(name=known.name), known._replace(birth_year=None, death_year=None)).verdict == "same"


@given(WORKS)
def test_a_work_is_itself(known: KnownWork) -> None:
    assume(known.authors)
    names = [each.name for each in known.authors]
    needs_year = is_generic(read_title(known.title, known.subtitle), names)
    nobody = any(
        read_name(name).nobody for name in (*names, *(n for each in known.authors for n in each.alternate_names))
    )
    assume(not nobody and (known.year or not needs_year))
    assert score_work(known, known).verdict == "same"


@given(PERSONS, AUTHORS, st.sampled_from(["wikidata", "isni", "viaf"]))
def test_an_identifier_that_contradicts_never_raises_an_author(said: Person, known: KnownAuthor, scheme: str) -> None:
    assume(scheme not in said.identifiers and scheme not in known.identifiers)
    score = score_author(said, known)
    other = Person(said.name, None, said.number, {**said.identifiers, scheme: ("one",)})
    assert score_author(other, known._replace(identifiers={**known.identifiers, scheme: ("two",)})).value <= score.value


@given(AUTHORS, AUTHORS)
def test_years_that_contradict_never_raise_an_author(one: KnownAuthor, two: KnownAuthor) -> None:
    assume(read_name(one.name).born is None)  # or the name told the year already
    score = score_author(one._replace(birth_year=None), two._replace(birth_year=None)).value
    assert score_author(one._replace(birth_year=1800), two._replace(birth_year=1850)).value <= score
    score = score_author(one._replace(death_year=None), two._replace(death_year=None)).value
    assert score_author(one._replace(death_year=1860), two._replace(death_year=1890)).value <= score


def retold(said: EditionAnswer, title: str, date: str | None = None) -> EditionAnswer:
    return EditionAnswer(title=title, subtitle=said.subtitle, authors=said.authors, publication_date=date)


@given(EDITIONS, WORKS)
def test_what_contradicts_never_raises_a_work(said: EditionAnswer, known: KnownWork) -> None:
    title, other = said.title or "", known.title
    assume("ed." not in title + other)
    score = score_work(retold(said, title), known).value
    assert score_work(retold(said, title, "1700"), known).value <= score
    assert score_work(retold(said, f"{title}, Vol. 8"), known._replace(title=f"{other}, Vol. 9")).value <= score
    assert score_work(retold(said, f"{title}, 8th ed."), known._replace(title=f"{other}, 9th ed.")).value <= score
    assert score_work(retold(said, f"{title} (Saga, #8)"), known._replace(title=f"{other} (Saga, #9)")).value <= score


@given(NAMES, NAMES)
def test_authors_of_one_key_match(one: str, two: str) -> None:
    if author_key(one) == author_key(two):
        assert score_author(Person(name=one), KnownAuthor(1, two)).verdict == "same"
