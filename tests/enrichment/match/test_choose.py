"""One of several: the best, the oldest of equals, and none where nothing says which."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match import KnownAuthor, KnownWork, best, score_work
from tests.enrichment.match.drawn import AUTHORS, EDITIONS, PERSONS, WORKS
from tests.enrichment.match.written import author, edition, person, work


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
def test_the_order_of_authors_does_not_matter(said: Person, candidates: list[KnownAuthor], random: Random) -> None:
    unique = list({each.number: each for each in candidates}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)
    assert best(said, shuffled) == best(said, unique)


@given(EDITIONS, st.lists(WORKS, max_size=4), st.randoms())
def test_the_order_of_works_does_not_matter(said: EditionAnswer, candidates: list[KnownWork], random: Random) -> None:
    unique = list({each.number: each for each in candidates}.values())
    shuffled = [each._replace(authors=tuple(reversed(each.authors))) for each in unique]
    random.shuffle(shuffled)
    one, two = best(said, shuffled), best(said, unique)
    assert (one and (one[0].number, one[1])) == (two and (two[0].number, two[1]))
