"""Scores: what decides, what forbids, what is not enough; the laws; one of several; keys in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alexandria.biblio.answers import AuthorAnswer, EditionAnswer, Person, WorkAnswer
from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match import (
    THRESHOLD,
    WEIGHTS,
    KnownAuthor,
    KnownWork,
    Score,
    author_key,
    best,
    score_author,
    score_work,
)
from alexandria.enrichment.match.names import read_name
from alexandria.enrichment.match.titles import is_generic, read_title
from tests.enrichment.match.drawn import AUTHORS, EDITIONS, NAMES, PERSONS, WORKS

SMITH = KnownAuthor(7, "John Smith")


def person(name: str, **identifiers: str) -> Person:
    return Person(name=name, identifiers={scheme: (value,) for scheme, value in identifiers.items()})


def author(name: str = "John Smith", number: int = 7, born: int | None = None, **identifiers: str) -> KnownAuthor:
    return KnownAuthor(number, name, (), born, None, {scheme: (value,) for scheme, value in identifiers.items()})


def edition(title: str, *names: str, year: int | None = None) -> EditionAnswer:
    persons = tuple(Person(name=name) for name in names)
    return EditionAnswer(title=title, authors=persons, publication_date=str(year) if year else None)


def work(title: str, name: str = "Emily Dickinson", year: int | None = None, number: int = 5) -> KnownWork:
    return KnownWork(number, title, None, year, (author(name),))


# --- authors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien"),
        ("Tolkien, J. R. R., 1892-1973", "J.R.R. Tolkien"),
        ("Goethe, Johann Wolfgang", "Johann Wolfgang von Goethe"),
        ("村上 春樹", "村上春樹"),
        ("Достоевский Ф. М.", "Фёдор Михайлович Достоевский"),
    ],
)
def test_a_name_that_decides(said: str, known: str) -> None:
    assert score_author(person(said), author(known)).verdict == "same"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("J. Smith", "John Smith"),
        ("John Smith", "John A. Smith"),
        ("Smith", "John Smith"),
        ("Henry James", "James Henry"),
        ("Kurt Vonnegut", "Kurt Vonnegut, Jr."),
        ("John Smith (politician)", "John Smith (novelist)"),
    ],
)
def test_a_name_that_is_not_enough(said: str, known: str) -> None:
    score = score_author(person(said), author(known))
    assert score.verdict == "unsure"
    assert 0 < score.value < THRESHOLD


def test_years_help_a_name_that_is_not_enough() -> None:
    smith = KnownAuthor(7, "John Smith", (), 1920, 1999)
    assert score_author(person("Smith, J., 1920-"), smith).verdict == "unsure"
    assert score_author(person("Smith, J., 1920-1999"), smith).verdict == "same"
    assert score_author(person("Kurt Vonnegut, 1922-"), author("Kurt Vonnegut, Jr.", born=1922)).verdict == "same"


@pytest.mark.parametrize(
    ("said", "known", "verdict"),
    [
        ({"wikidata": "Q1"}, {"wikidata": "Q1"}, "same"),
        ({"wikidata": "Q1"}, {"wikidata": "Q2"}, "different"),
        ({"viaf": "1"}, {"viaf": "2"}, "different"),
        ({"wikidata": "Q1", "viaf": "1"}, {"wikidata": "Q1", "viaf": "2"}, "same"),
        ({"wikidata": "Q1", "viaf": "1"}, {"wikidata": "Q2", "viaf": "1"}, "different"),
        ({"isni": "1"}, {"viaf": "1"}, "unsure"),
        ({"goodreads": "1"}, {"goodreads": "1"}, "unsure"),
        ({"librarything": "1"}, {"librarything": "2"}, "unsure"),
    ],
)
def test_the_most_trusted_identifier_of_both_decides(said: dict[str, str], known: dict[str, str], verdict: str) -> None:
    assert score_author(person("J. Smith", **said), author(**known)).verdict == verdict


def test_one_of_several_identifiers_of_a_scheme_is_enough() -> None:
    said = Person(name="Somebody Else", identifiers={"viaf": ("1", "2")})
    assert score_author(said, KnownAuthor(1, "John Smith", identifiers={"viaf": ("2", "3")})).value == 1.0


def test_years_that_contradict_forbid() -> None:
    said = person("Smith, John, 1950-")
    assert score_author(said, author(born=1951)).verdict == "same"
    assert score_author(said, author(born=1952)).verdict == "different"
    assert (
        score_author(person("Smith, John, d. 1834"), KnownAuthor(7, "John Smith", (), None, 1990)).verdict
        == "different"
    )
    one_wrong = AuthorAnswer(name="John Smith", birth_year=1920, death_year=1999)
    assert score_author(one_wrong, KnownAuthor(7, "John Smith", (), 1920, 1989)).verdict == "same"


def test_alternate_names_count_a_little_less() -> None:
    clemens = KnownAuthor(1, "Samuel Langhorne Clemens", ("Mark Twain", "Clemens, S. L."))
    assert score_author(person("Twain, Mark"), clemens).value == WEIGHTS["alternate name"]
    assert (
        score_author(AuthorAnswer(name="Mark Twain", alternate_names=("Samuel L. Clemens",)), clemens).verdict == "same"
    )
    assert score_author(AuthorAnswer(name="X Y", alternate_names=("Mark Twain",)), clemens).verdict == "same"
    assert score_author(person("Mark Twin"), clemens).verdict == "different"
    chosen = best(person("Mark Twain"), [clemens, author("Mark Twain", 9)])
    assert chosen is not None
    assert chosen[0].number == 9


def test_the_number_that_a_provider_names_decides() -> None:
    assert score_author(Person(name="Somebody", number=7), SMITH).value == 1.0
    assert score_author(Person(name="John Smith", number=8), SMITH).verdict == "different"
    assert score_author(Person(name="John Smith", number=8), author(number=MINTED + 1)).verdict == "same"


def test_somebody_without_a_name_is_nobody_known() -> None:
    assert score_author(AuthorAnswer(), SMITH) == Score(0.0, (), "unsure")
    assert score_author(person("???"), author("???")) == Score(0.0, (), "unsure")


# --- works --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (edition("Wild nights", "Dickinson, Emily"), work("Wild Nights!")),
        (edition("Wild nights", "E. Dickinson"), work("Wild Nights!")),
        (edition("Wild Nights: Poems of Love", "Emily Dickinson"), work("Wild Nights!")),
        (edition("Hobbit, The", "Tolkien, J.R.R."), work("The Hobbit", "John Ronald Reuel Tolkien")),
        (edition("Crime and Punishment", "Constance Garnett", "Fyodor Dostoyevsky"), work("Crime and punishment", "Fyodor Dostoyevsky")),
        (edition("海辺のカフカ 上", "村上 春樹"), work("海辺のカフカ（上）", "村上春樹")),
        (edition("Hanshichi", "Okamoto Kido"), work("Hanshichi", "Kido Okamoto")),
        (edition("The Colour Purple", "Alice Walker", year=1982), work("The Color Purple", "Alice Walker", 1982)),
        (edition("Poems", "Emily Dickinson", year=1891), work("Poems", year=1890)),
        (edition("Beowulf", "Anonymous", year=1892), work("Beowulf", "Anonymous", 1892)),
    ],
)  # fmt: skip
def test_editions_of_the_work(said: EditionAnswer, known: KnownWork) -> None:
    assert score_work(said, known).verdict == "same"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (edition("Wild Nights"), work("Wild Nights")),  # a title alone
        (edition("Wild Nights", year=1890), work("Wild Nights", year=1890)),
        (edition("Wild Nights", "Jane Doe", year=1890), work("Wild Nights", year=1890)),
        (edition("Wild Nights", "Dickinson", year=1890), work("Wild Nights", year=1890)),
        (edition("Poems", "Emily Dickinson"), work("Poems", year=1890)),
        (edition("Poems", "Emily Dickinson", year=1955), work("Poems", year=1890)),
        (edition("Poems", "E. Dickinson", year=1890), work("Poems", year=1890)),
        (edition("Poems", "Anonymous", year=1890), work("Poems", "Anonymous", 1890)),
        (edition("Beowulf", "Anonymous"), work("Beowulf", "Anonymous")),
        (edition("The Colour Purple", "Alice Walker"), work("The Color Purple", "Alice Walker", 1982)),
        (edition("Star Wars: A New Hope", "George Lucas", year=1976), work("Star Wars: Return of the Jedi", "George Lucas", 1976)),
        (edition("Das Kapital. Band 1", "Karl Marx"), work("Das Kapital. Band 2", "Karl Marx")),
        (edition("Das Kapital. Band 1", "Karl Marx"), work("Das Kapital", "Karl Marx")),
        (edition("", "Karl Marx", year=1890), work("", "Karl Marx", 1890)),
        (EditionAnswer(), work("Wild Nights")),
    ],
)  # fmt: skip
def test_what_is_not_enough_for_a_work(said: EditionAnswer, known: KnownWork) -> None:
    assert score_work(said, known).verdict != "same"


def test_one_author_of_another_birth_year_is_no_agreement() -> None:
    known = KnownWork(5, "Geometry", None, 1990, (author(born=1950),))
    assert score_work(edition("Geometry", "Smith, John, 1950-"), known).verdict == "same"
    assert score_work(edition("Geometry", "Smith, John, 1890-", year=1990), known).verdict == "unsure"


def test_the_work_that_a_provider_names_decides() -> None:
    said = EditionAnswer(title="Something else", work_number=5)
    assert score_work(said, work("Wild Nights")).value == 1.0
    assert score_work(said, work("Something else", number=6)).verdict == "different"
    assert score_work(WorkAnswer(number=5), work("Wild Nights")).value == 1.0
    told = WorkAnswer(title="Wild Nights", authors=(person("Emily Dickinson"),), first_publication_year=1890)
    assert score_work(told, work("Wild nights", year=1890)).verdict == "same"


# --- one of several -----------------------------------------------------------------------------------------


def test_the_best_is_taken_and_nothing_below_the_threshold() -> None:
    said = edition("Wild Nights", "Emily Dickinson", year=1890)
    candidates = [work("Wild Nights", year=1955), work("Wild Nights", year=1890, number=9), work("Tame Nights")]
    chosen = best(said, candidates)
    assert chosen is not None
    assert chosen[0].number == 9
    assert chosen[1] == score_work(said, candidates[1])
    assert best(said, [work("Wild Nights", "Jane Doe")]) is None
    assert best(said, []) is None


def test_of_duplicates_the_oldest_of_open_library_is_taken_and_ours_last() -> None:
    numbers = [MINTED + 1, 30, 20, MINTED + 2]
    chosen = best(person("John Smith"), [author(number=number) for number in numbers])
    assert chosen is not None
    assert chosen[0].number == 20
    works = [work("Wild Nights", number=number) for number in (MINTED + 3, -4, 8)]
    for expected in (8, -4, MINTED + 3):
        found = best(edition("Wild Nights", "Emily Dickinson"), works)
        assert found is not None
        assert found[0].number == expected
        works.pop()


def test_of_two_people_of_a_name_nobody_is_taken() -> None:
    two = [author(number=1, born=1920), author(number=2, born=1950)]
    assert best(person("John Smith"), two) is None
    assert best(person("John Smith"), [*two, author(number=3)]) is None
    chosen = best(person("Smith, John, 1950-"), two)
    assert chosen is not None
    assert chosen[0].number == 2


def test_of_two_works_that_a_title_may_mean_none_is_taken() -> None:
    said = edition("The Lord of the Rings: The Two Towers", "J. R. R. Tolkien")
    whole, part = (
        work("The Lord of the Rings", "J. R. R. Tolkien", number=1),
        work("The Two Towers", "J. R. R. Tolkien", number=2),
    )
    assert best(said, [whole, part]) is None
    assert best(said, [part]) is not None
    homonyms = [KnownWork(n, "Geometry", authors=(author(number=n, born=born),)) for n, born in ((1, 1850), (2, 1950))]
    assert best(edition("Geometry", "John Smith"), homonyms) is None


@given(PERSONS, st.lists(AUTHORS, max_size=5), st.randoms())
def test_the_order_of_authors_does_not_matter(
    said: Person, candidates: list[KnownAuthor], random: st.DataObject
) -> None:
    unique = list({each.number: each for each in candidates}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert best(said, shuffled) == best(said, unique)


@given(EDITIONS, st.lists(WORKS, max_size=4), st.randoms())
def test_the_order_of_works_does_not_matter(
    said: EditionAnswer, candidates: list[KnownWork], random: st.DataObject
) -> None:
    unique = list({each.number: each for each in candidates}.values())
    shuffled = [each._replace(authors=tuple(reversed(each.authors))) for each in unique]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = best(said, shuffled), best(said, unique)
    assert (one and (one[0].number, one[1])) == (two and (two[0].number, two[1]))


# --- laws ---------------------------------------------------------------------------------------------------


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


@given(AUTHORS, AUTHORS, st.sampled_from(["birth_year", "death_year"]))
def test_a_year_that_contradicts_never_raises_an_author(one: KnownAuthor, two: KnownAuthor, field: str) -> None:
    bare_one, bare_two = one._replace(**{field: None}), two._replace(**{field: None})
    score = score_author(bare_one, bare_two)
    contradicting = score_author(one._replace(**{field: 1800}), two._replace(**{field: 1850}))
    if read_name(one.name).born is None and read_name(one.name).died is None:
        assert contradicting.value <= score.value


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


# --- weights and keys that others rely on -------------------------------------------------------------------


def test_neither_title_nor_author_alone_can_reach_the_threshold() -> None:
    assert WEIGHTS["title"] + WEIGHTS["year"] < THRESHOLD
    assert WEIGHTS["author"] + WEIGHTS["year"] < THRESHOLD
    assert WEIGHTS["birth year"] + WEIGHTS["death year"] < THRESHOLD
    assert WEIGHTS["name"] >= THRESHOLD


def test_keys_are_the_same_in_every_process() -> None:
    script = (
        "from alexandria.enrichment.match import author_key, work_key\n"
        "print(ascii([author_key('Smith, John, 1920- (x y)'), work_key('Dune: A Graphic Manga, Books 2 and 3 of 7', ['F. Herbert'])]))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_the_page_tells_every_weight() -> None:
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "matching.md").read_text()
    for name, weight in WEIGHTS.items():
        assert f"| {name} | {weight:.2f} |" in page
    assert f"{THRESHOLD}" in page
