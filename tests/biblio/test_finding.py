"""What books are found by: words alike for the index and for who searches, whatever they are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.finding import (
    AUTHOR,
    identifier_term,
    initials_of,
    lexicon_words,
    make_document,
    pairs_of,
    read_words,
    split_title,
    title_code,
)

TEXT = st.text(max_size=80)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Hobbit", ["the", "hobbit"]),
        ("L'Étranger", ["l", "etranger"]),
        ("qu’est-ce", ["qu", "est", "ce"]),
        ("The Climber's Guide", ["the", "climbers", "guide"]),
        ("O'Brien's", ["obriens"]),
        ("Großstadt", ["grossstadt"]),
        ("Преступление ё", ["преступление", "е"]),
        ("й", ["й"]),
        ("Ὀδύσσεια", ["οδυσσεια"]),
        ("φάρους", ["φαρουσ"]),
        ("الأَنْهَار", ["الانهار"]),
        ("שָׁלוֹם", ["שלום"]),
        ("が", ["が"]),
        ("T︠S︡elostnostʹ", ["tselostnost"]),
        ("C++ & C#", ["c++", "c#"]),
        ("Ｆｕｌｌ", ["full"]),
        ("\x00\u202e", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert read_words(text) == words


@given(TEXT)
def test_reading_again_changes_nothing(text: str) -> None:
    words = read_words(text)
    assert read_words(" ".join(words)) == words
    assert all(word and not any(character in word for character in " \t\n\\") for word in words)


@pytest.mark.parametrize(
    ("title", "main", "rest"),
    [
        ("Sapiens: A Brief History", "sapiens", "a brief history"),
        ("Hobbit, The", "hobbit", ""),
        ("Lord of the Rings, the", "lord of the rings", ""),
        ("Mort (Discworld 4)", "mort", "discworld 4"),
        ("Anna - roman", "anna", "roman"),
        (": only this", "only this", ""),
    ],
)
def test_titles_are_parted(title: str, main: str, rest: str) -> None:
    assert split_title(title) == (main.split(), rest.split())


def test_a_title_has_the_same_code_with_and_without_its_article() -> None:
    assert title_code(["the", "hobbit"]) == title_code(["hobbit"]) == make_document("The Hobbit").title_code
    assert title_code(["the"]) != title_code([""])


def test_a_document() -> None:
    document = make_document(
        "The Hobbit",
        "or There and Back Again",
        names=["J. R. R. Tolkien", "Tolkien, J.R.R.", None, "Tolkien, John"],
        titles=["The Hobbit", "Der kleine Hobbit", None, "Hobbit"],
        languages=["en", "de", None, "en"],
        formats=["paperback", None],
        year=1937,
        popularity=7,
    )
    assert (document.title, document.more) == ("hobbit", "or there and back again\nkleine hobbit")
    assert document.authors == "@j @r @r @tolkien\n@tolkien @john"
    assert document.extra == "=de =en @jrr"
    assert (document.languages, document.formats, document.year, document.last_year) == ("de en", 2, 1937, 1937)
    titles, authors = lexicon_words(document)
    assert {"hobbit", "kleine", "there"} <= titles
    assert authors == {"tolkien", "john", "jrr"}


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_whatever_is_written_can_be_stored_in_its_columns(titles: list[str], names: list[str]) -> None:
    document = make_document(titles[0] if titles else None, titles=titles, names=names)
    for text in document[7:]:
        assert isinstance(text, str)
        assert "\t" not in text
        assert "\\" not in text
        assert "\x00" not in text
    for word in document.authors.split():
        assert word.startswith(AUTHOR)
    assert -(2**31) <= document.title_code < 2**31


@given(TEXT)
def test_every_word_of_a_title_is_in_its_document(title: str) -> None:
    document = make_document(title)
    words = set(f"{document.title} {document.more}".split())
    main, rest = split_title(title)
    assert set(main[1:]) | set(rest) <= words


def test_small_parts() -> None:
    assert list(initials_of(["j", "r", "r", "tolkien", "a", "b"])) == ["jrr", "ab"]
    assert pairs_of("百年の孤独") == ["百年", "年の", "の孤", "孤独"]
    assert pairs_of("雪国") == []
    assert identifier_term("oclc", "a b") == "!oclc:a_b"
