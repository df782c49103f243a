"""Titles: how they are read in several scripts, which are one work's, and which share a key."""

import pytest
from hypothesis import given

from alexandria.enrichment.match import work_key
from alexandria.enrichment.match.agreement import TITLE, title_agreement
from alexandria.enrichment.match.names import LONGEST_KEY
from alexandria.enrichment.match.titles import is_generic, read_title
from tests.enrichment.match.drawn import ANY_TEXT, TITLES


def agreement(one: str, two: str) -> float:
    return title_agreement(read_title(one), read_title(two))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The Hobbit", "Hobbit, The"),
        ("The Hobbit", "HOBBIT"),
        ("L'Étranger", "Étranger"),
        ("L’Amant", "l'amant"),
        ("Pride and Prejudice", "Pride & Prejudice"),
        ("Beloved: A Novel", "Beloved"),
        ("Der Vorleser. Roman", "Der Vorleser"),
        ("Walden", "Walden / by Henry David Thoreau"),
        ("Frankenstein; or, The Modern Prometheus", "Frankenstein, or the modern Prometheus"),
        ("Sapiens - A Brief History", "Sapiens : a brief history"),
        ("Emma (Norton Critical Editions)", "Emma"),
        ("Emma, Revised Edition", "Emma"),
        ("The Two Towers (The Lord of the Rings, #2)", "The Two Towers"),
        ("Harry Potter and the Sorcerers Stone", "Harry Potter & the Sorcerer’s Stone (Harry Potter, #1)"),
        ("Das Kapital, Bd. I", "Das Kapital. Erster Band"),
        ("Spice and Wolf, Vol. 3", "Spice and Wolf 3"),
        ("Spice and Wolf, Vol. 03", "Spice and Wolf (3)"),
        ("Jujutsu Kaisen, Vol. 1 (1)", "Jujutsu Kaisen, Volume One"),
        ("Henry IV, Part I", "Henry IV. Part one"),
        ("Faust: Part One", "Faust, Part 1"),
        ("Biology, 9th Edition", "Biology"),
        ("Catch-22", "Catch 22"),
        ("20,000 Leagues", "20000 leagues"),
        ("1984", "1984 (Signet Classics)"),
        ("The No. 1 Ladies' Detective Agency", "The No.1 Ladies Detective Agency"),
        ("Преступление и наказание", "Преступление и наказание. Роман"),
        ("Война и мир. Том 1", "Война и мир. Книга первая"),
        ("ノルウェイの森（上）", "ノルウェイの森 上巻"),
        ("進撃の巨人 3", "進撃の巨人 第3巻"),
        ("三体 II", "三体 2"),
        ("The The", "The"),
    ],
)
def test_titles_that_are_one(one: str, two: str) -> None:
    assert agreement(one, two) == TITLE["identical"]


@pytest.mark.parametrize(
    ("how", "one", "two"),
    [
        ("subtitle left out", "Sapiens", "Sapiens: A Brief History of Humankind"),
        ("subtitle left out", "Moby-Dick; or, The Whale", "Moby Dick"),
        ("without its series", "The Lord of the Rings: The Two Towers", "The Two Towers"),
        ("without its series", "The Lord of the Rings, Book 2: The Two Towers", "The Two Towers"),
        ("without its series", "À la recherche du temps perdu, 1: Du côté de chez Swann", "Du côté de chez Swann"),
        ("subtitle shortened or misspelt", "Walden: Life in the Woods", "Walden: Life in the Woods and Other Writing"),
        ("subtitle shortened or misspelt", "Sapiens: A history of mankind", "Sapiens: A history of mandkind"),
        ("other blanks", "Work Book of Wonders", "Workbook of wonders"),
        ("one letter", "The Color Purple", "The Colour Purple"),
        ("one letter", "Don Quijote", "Don Quixote"),
        ("other subtitle", "Star Wars: A New Hope", "Star Wars: Return of the Jedi"),
    ],
)  # fmt: skip
def test_how_titles_agree(how: str, one: str, two: str) -> None:
    assert agreement(one, two) == TITLE[how]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Das Kapital. Band 1", "Das Kapital. Band 2"),
        ("Spice and Wolf, Vol. 3", "Spice and Wolf, Vol. 4"),
        ("Spice and Wolf, Vol. 3", "Spice and Wolf"),
        ("Henry IV, Part 1", "Henry IV, Part 2"),
        ("Henry IV", "Henry V"),
        ("Rocky II", "Rocky"),
        ("Rocky 2, Vol. 3", "Rocky 3, Vol. 2"),
        ("Faust. Der Tragödie erster Teil", "Faust. Der Tragödie zweiter Teil"),
        ("Faust I", "Faust II"),
        ("Biology, 9th Edition", "Biology (8th ed.)"),
        ("Physik, 3. Auflage", "Physik, 4. Aufl."),
        ("Excel 2016", "Excel 2019"),
        ("1984", "2666"),
        ("Poems 1965-1975", "Poems 1975-1985"),
        ("History of France: 1900-1950", "History of France: 1950-2000"),
        ("The Jungle Book", "The Second Jungle Book"),
        ("History of Iran", "History of Iraq"),
        ("Maternal Health", "Paternal Health"),
        ("Dune", "Dune: The Graphic Novel, Book 1"),
        ("Sapiens: A Brief History", "Sapiens: A Graphic History"),
        ("Poems", "Selected Poems"),
        ("Война и мир. Том 1", "Война и мир. Том 2"),
        ("ノルウェイの森 上", "ノルウェイの森 下"),
        ("ノルウェイの森上巻", "ノルウェイの森下巻"),
        ("進撃の巨人(3)", "進撃の巨人 4"),
        ("日本史", "日本誌"),
        ("Том о философах", "Том о философии"),
        ("Записки историка", "Записки историку"),
        ("Le Petit Prince", "Der kleine Prinz"),
        ("", ""),
        ("!!!", "???"),
    ],
)
def test_titles_of_different_works(one: str, two: str) -> None:
    assert agreement(one, two) == 0.0


def test_a_subtitle_may_stand_in_the_title_or_apart() -> None:
    apart = read_title("Sapiens", "A Brief History of Humankind")
    assert apart == read_title("Sapiens: A Brief History of Humankind")
    assert apart == read_title("Sapiens: A Brief History of Humankind", "A Brief History of Humankind")


@pytest.mark.parametrize(
    ("title", "author"),
    [
        ("Poems", "Emily Dickinson"),
        ("The Selected Poems of Emily Dickinson", "Dickinson, Emily"),
        ("Collected Works of W. B. Yeats", "W. B. Yeats"),
        ("Works, Vol. 2", "Plato"),
        ("Sämtliche Werke", "Heinrich Heine"),
        ("Œuvres complètes", "Molière"),
        ("Собрание сочинений", "Антон Чехов"),
        ("太宰治全集", "太宰 治"),
        ("詩集", "谷川俊太郎"),
    ],
)
def test_generic_titles(title: str, author: str) -> None:
    assert is_generic(read_title(title), [author])


@pytest.mark.parametrize(
    ("title", "author"),
    [
        ("The Great Gatsby", "F. Scott Fitzgerald"),
        ("The Poems of Sappho", "Mary Barnard"),
        ("Collected Poems 1909-1962", "T. S. Eliot"),
        ("Letters: To a Young Poet", "Rainer Maria Rilke"),
        ("Maigret in New York", "Georges Simenon"),
        ("太宰治全集", "夏目漱石"),
    ],
)
def test_titles_that_are_not_generic(title: str, author: str) -> None:
    assert not is_generic(read_title(title), [author])


@given(ANY_TEXT, ANY_TEXT)
def test_agreement_is_symmetric_and_complete_with_oneself(one: str, two: str) -> None:
    assert agreement(one, two) == agreement(two, one)
    assert 0.0 <= agreement(one, two) <= 1.0
    assert agreement(one, one) == (1.0 if read_title(one).full.strip() or read_title(one).numbers else 0.0)


# --- keys ---------------------------------------------------------------------------------------------------

TOLKIEN = ["J. R. R. Tolkien"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The Hobbit", "Hobbit, The"),
        ("The Hobbit: A Novel", "The hobbit"),
        ("The Hobbit (Penguin Classics)", "The Hobbit"),
        ("The Lord of the Rings: Vol. 2", "The Lord of the Rings, Volume Two"),
    ],
)
def test_titles_that_share_a_key(one: str, two: str) -> None:
    assert work_key(one, TOLKIEN) == work_key(two, ["Tolkien, J.R.R."])


def test_works_that_do_not_share_a_key() -> None:
    titles = ["Dune", "Dune 2", "Dune (Saga, #2)", "Dune, 2nd ed.", "Dune: The Graphic Novel", "Dune (Graphic Novel)",
              "Dune: Messiah", "Dune 22", "Dune: 2", "Dune (Book 22 of the Saga)"]  # fmt: skip
    keys = [work_key(title, ["Frank Herbert"]) for title in titles]
    assert keys.count(None) == 0
    assert keys[1] == keys[8]  # a subtitle that is a number only is a volume
    assert len(set(keys)) == len(titles) - 1


def test_a_subtitle_apart_is_in_the_key_and_the_second_author_is_not() -> None:
    key = work_key("Good Omens: The Nice and Accurate Prophecies", ["Terry Pratchett"])
    assert (
        work_key("Good Omens", ["Terry Pratchett", "Neil Gaiman"], subtitle="The nice and accurate prophecies") == key
    )
    assert work_key("Good Omens", ["Terry Pratchett"]) != key
    assert work_key("Good Omens: The Nice and Accurate Prophecies", ["Neil Gaiman", "Terry Pratchett"]) != key


def test_never_a_key_of_a_title_alone() -> None:
    assert work_key("The Hobbit", []) is None
    assert work_key("The Hobbit", ["", "???"]) is None
    assert work_key("", TOLKIEN) is None
    assert work_key("...", TOLKIEN) is None
    assert work_key("1984", TOLKIEN) is not None


def test_generic_titles_and_nobody_need_a_year() -> None:
    assert work_key("Poems", TOLKIEN) is None
    assert work_key("Poems", TOLKIEN, year=1923) != work_key("Poems", TOLKIEN, year=1947)
    assert work_key("Poems", TOLKIEN, year=1923) == work_key("The Poems", TOLKIEN, year=1923)
    assert work_key("Beowulf", ["Anonymous"]) is None
    assert work_key("Beowulf", ["Anonymous"], year=1000) is not None
    assert work_key("The Hobbit", TOLKIEN, year=1937) == work_key("The Hobbit", TOLKIEN, year=1999)


@given(TITLES, TITLES)
def test_titles_of_one_key_are_one_title(one: str, two: str) -> None:
    if work_key(one, TOLKIEN) and work_key(one, TOLKIEN) == work_key(two, TOLKIEN):
        assert agreement(one, two) == 1.0


@given(ANY_TEXT, ANY_TEXT)
def test_a_key_fits_an_index_and_is_plain_text(title: str, name: str) -> None:
    key = work_key(title * 30, [name * 30], subtitle=title, year=1)
    assert key is None or 0 < len(key.encode()) <= LONGEST_KEY
