"""Scores: what decides, what forbids, what is not enough; and keys that are the same in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alexandria.biblio.answers import AuthorAnswer, EditionAnswer, Person, WorkAnswer
from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match import THRESHOLD, WEIGHTS, KnownAuthor, KnownWork, Score, score_author, score_work
from tests.enrichment.match.written import author, edition, person, work

SMITH = author()


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
    assert score_author(person("J. Smith", said), author(identifiers=known)).verdict == verdict


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
    assert score_author(person("Mark Twain"), author("Mark Twain")).value == WEIGHTS["name"]


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
        (edition("Crime and Punishment", "Constance Garnett", "Fyodor Dostoyevsky"),
         work("Crime and punishment", "Fyodor Dostoyevsky")),
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
        (edition("Star Wars: A New Hope", "George Lucas", year=1976),
         work("Star Wars: Return of the Jedi", "George Lucas", 1976)),
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


# --- what others rely on ------------------------------------------------------------------------------------


def test_neither_title_nor_author_alone_can_reach_the_threshold() -> None:
    assert WEIGHTS["title"] + WEIGHTS["year"] < THRESHOLD
    assert WEIGHTS["author"] + WEIGHTS["year"] < THRESHOLD
    assert WEIGHTS["birth year"] + WEIGHTS["death year"] < THRESHOLD
    assert WEIGHTS["name"] >= THRESHOLD


def test_keys_are_the_same_in_every_process() -> None:
    title = "Dune: A Graphic Manga Comic Workbook Summary, Books 2 and 3 of 7, Parts 11, 12, 13"
    script = (
        "from alexandria.enrichment.match import author_key, work_key\n"
        f"print(ascii([author_key('Smith, John, 1920- (x y)'), work_key({title!r}, ['F. Herbert'])]))"
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
