"""Names: how they are read in several scripts, which are one, and which share a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.enrichment.match import author_key
from alexandria.enrichment.match.agreement import NAME, name_agreement
from alexandria.enrichment.match.names import LONGEST_KEY, read_name
from tests.enrichment.match.drawn import ANY_TEXT, NAMES


def agreement(one: str, two: str) -> float:
    return name_agreement(read_name(one), read_name(two))


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("j r r tolkien", ["J. R. R. Tolkien", "Tolkien, J. R. R.", "J.R.R. Tolkien", "JRR Tolkien", "Tolkien J R R",
                           "TOLKIEN, J. R. R.", "J.-R. R. Tolkien", "Tolkien, J. R. R. (John Ronald Reuel)"]),
        ("j k rowling", ["J. K. Rowling", "JK Rowling", "Rowling JK", "Rowling, J.K.", "J.K. Rowling (Author)"]),
        ("ludwig vanbeethoven", ["Ludwig van Beethoven", "Beethoven, Ludwig van", "van Beethoven, Ludwig",
                                 "LUDWIG VAN BEETHOVEN"]),
        ("ursula k leguin", ["Ursula K. Le Guin", "Le Guin, Ursula K.", "LeGuin, Ursula K."]),
        ("jean dormesson", ["Jean d'Ormesson", "Jean d’Ormesson", "Ormesson, Jean d'"]),
        ("flann obrien", ["Flann O'Brien", "O’Brien, Flann", "O' Brien, Flann"]),
        ("antoine desaint exupery", ["Antoine de Saint-Exupéry", "Saint-Exupéry, Antoine de",
                                      "antoine de saint exupery"]),
        ("gabriel garcia marquez", ["Gabriel García Márquez", "García Márquez, Gabriel"]),
        ("martin luther king, jr", ["Martin Luther King, Jr.", "King, Martin Luther, Jr.", "King, Jr., Martin Luther",
                                    "Martin Luther King Jr"]),
        ("alexandre dumas, jr", ["Alexandre Dumas fils", "Dumas, Alexandre, fils", "Dumas fils, Alexandre"]),
        ("walter scott", ["Sir Walter Scott", "Scott, Walter, Sir", "Scott, Walter"]),
        ("john smith", ["John Smith, Ph.D.", "Smith, John, M.D.", "John Smith PhD", "Dr. John Smith", "John  SMITH."]),
        ("m d smith", ["M. D. Smith", "Smith, M.D."]),
        ("george orwell *1903", ["Orwell, George, 1903-1950", "George Orwell (1903-1950)", "Orwell, George, b. 1903",
                                 "Orwell, George, 1903–"]),
        ("john smith (politician)", ["John Smith (politician)", "Smith, John (Politician)"]),
        ("plato *-427", ["Plato, 427-347 B.C.", "Plato, 427? B.C.-347? B.C."]),
        ("х л борхес", ["Х. Л. Борхес", "Борхес Х. Л.", "Борхес, Х.Л."]),
        ("федор михайлович достоевский", ["Фёдор Михайлович Достоевский", "Достоевский, Федор Михайлович"]),
        ("村上春樹", ["村上春樹", "村上 春樹", "村上, 春樹", "村上春樹 著", "[日] 村上春樹"]),
        ("ジョンスミス", ["ジョン・スミス", "スミス, ジョン", "ジョン スミス"]),
        ("김민준", ["김민준", "김 민준"]),
        ("محمد بن سلمان", ["محمد بن سلمان"]),
        ("ניר ברעם", ["ניר ברעם", "ברעם, ניר"]),
        ("penguin books", ["Penguin Books", "Penguin Books Ltd.", "PENGUIN BOOKS, LTD."]),
        ("university of california berkeley", ["University of California, Berkeley",
                                              "University of California Berkeley"]),
        ("great britain foreign office", ["Great Britain. Foreign Office."]),
        ("dr seuss", ["Dr. Seuss"]),
        ("mrs humphry ward", ["Mrs. Humphry Ward"]),
    ],
)  # fmt: skip
def test_spellings_that_share_a_key(key: str, spellings: list[str]) -> None:
    assert [author_key(each) for each in spellings] == [key] * len(spellings)
    assert {agreement(spellings[0], each) for each in spellings} == {NAME["identical"]}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Henry James", "James Henry"),
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien"),
        ("Johann Wolfgang Goethe", "Johann Wolfgang von Goethe"),
        ("John Smith", "John A. Smith"),
        ("John Smith", "John Smith Jr."),
        ("Smith, John, 1920-", "Smith, John, 1950-"),
        ("Smith, John, 1920-", "John Smith"),
        ("John Smith (politician)", "John Smith (novelist)"),
        ("Ann Ewing", "Anne Wing"),
        ("Fyodor Dostoyevsky", "Fyodor Dostoevsky"),
        ("Humphry Ward", "Mrs. Humphry Ward"),
        ("毛泽东", "毛澤東"),
        ("й", "и"),
    ],
)
def test_names_that_do_not_share_a_key(one: str, two: str) -> None:
    assert author_key(one) != author_key(two)


@pytest.mark.parametrize("name", ["", " ", "???", "—", "\x00", "()", "., ,"])
def test_no_author_can_be_made_of_nothing(name: str) -> None:
    assert author_key(name) is None


@pytest.mark.parametrize(
    "name", ["Anonymous", "anon.", "Unknown", "Author, Unknown", "N/A", "Various Authors", "佚名", "[Anonymous]"]
)
def test_names_that_name_nobody(name: str) -> None:
    assert read_name(name).nobody


@pytest.mark.parametrize("name", ["Nobody Owens", "Anne Onymous", "Various Smith", "Naomi", "村上春樹"])
def test_names_that_name_somebody(name: str) -> None:
    assert not read_name(name).nobody


@pytest.mark.parametrize(
    ("name", "born", "died"),
    [
        ("Goethe, Johann Wolfgang von, 1749-1832", 1749, 1832),
        ("Smith, John, ca. 1560-1620?", 1560, 1620),
        ("Smith, John, d. 1834", None, 1834),
        ("Smith, John, 1965-", 1965, None),
        ("Plato, 427-347 B.C.", -427, -347),
        ("Smith, John, fl. 1850-1870", None, None),
        ("George Orwell 1984", None, None),
        ("1892-1973", None, None),
    ],
)
def test_years_in_names(name: str, born: int | None, died: int | None) -> None:
    read = read_name(name)
    assert (read.born, read.died) == (born, died)


@pytest.mark.parametrize(
    ("how", "one", "two"),
    [
        ("initials spelled out", "J. R. R. Tolkien", "John Ronald Reuel Tolkien"),
        ("initials spelled out", "George R.R. Martin", "Martin, George Raymond Richard"),
        ("initials spelled out", "Ursula K. Le Guin", "Ursula Kroeber Le Guin"),
        ("initials spelled out", "Достоевский Ф. М.", "Фёдор Михайлович Достоевский"),
        ("particle left out", "Johann Wolfgang Goethe", "Goethe, Johann Wolfgang von"),
        ("particle left out", "Saint-Exupéry, Antoine", "Antoine de Saint-Exupéry"),
        ("family name first, three words", "Достоевский Федор Михайлович", "Фёдор Михайлович Достоевский"),
        ("family name first, two words", "Murakami Haruki", "Haruki Murakami"),
        ("family name first, two words", "Henry James", "James Henry"),
        ("middle name left out", "John Smith", "John A. Smith"),
        ("middle name left out", "Gabriel Márquez", "Gabriel García Márquez"),
        ("one initial", "J. Smith", "John Smith"),
        ("one initial", "V. van Gogh", "Vincent Van Gogh"),
        ("initial, and middle name left out", "J. Smith", "John Adam Smith"),
        ("first name left out", "Scott Fitzgerald", "F. Scott Fitzgerald"),
        ("family name only", "Tolkien", "J. R. R. Tolkien"),
    ],
)
def test_how_names_agree(how: str, one: str, two: str) -> None:
    assert agreement(one, two) == NAME[how]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("John Smith", "Jane Smith"),
        ("John Smith", "John Smyth"),
        ("John A. Smith", "John B. Smith"),
        ("J. Smith", "Peter Smith"),
        ("Martin Luther King, Sr.", "Martin Luther King, Jr."),
        ("Alexandre Dumas père", "Alexandre Dumas fils"),
        ("Anna von Berg", "Anna van den Berg"),
        ("Kim Do Hyun", "Kim Hyun"),
        ("Fyodor Dostoyevsky", "Fyodor Dostoevsky"),
        ("Smith J", "Smithson J"),
        ("Foreign Office", "Home Office"),
        ("J. S.", "John Smith"),
        ("J. S.", "J. R. S."),
        ("村上春樹", "村上龍"),
        ("村上春樹", "Murakami Haruki"),
        ("", ""),
        ("John Smith", "..."),
    ],
)
def test_names_of_different_people(one: str, two: str) -> None:
    assert agreement(one, two) == 0.0


@given(ANY_TEXT, ANY_TEXT)
def test_agreement_is_symmetric_and_complete_with_oneself(one: str, two: str) -> None:
    assert agreement(one, two) == agreement(two, one)
    assert 0.0 <= agreement(one, two) <= 1.0
    assert agreement(one, one) == (1.0 if author_key(one) else 0.0)


@given(NAMES, NAMES)
def test_names_of_one_key_are_one_name(one: str, two: str) -> None:
    if author_key(one) == author_key(two):
        assert agreement(one, two) == 1.0


@given(
    st.sampled_from(["John", "J. R. R.", "Jean-Paul", "Хорхе"]),
    st.sampled_from(["Smith", "von Goethe", "Ng", "Борхес"]),
)
def test_family_name_first_is_the_same_name(given_names: str, family: str) -> None:
    plain = f"{given_names} {family}"
    for other in (f"{family}, {given_names}", plain.upper(), f"  {plain} ", plain.replace(" ", "\u00a0")):
        assert author_key(other) == author_key(plain)


@given(ANY_TEXT)
def test_a_key_fits_an_index_and_is_plain_text(name: str) -> None:
    key = author_key(name * 40)
    assert key is None or 0 < len(key.encode()) <= LONGEST_KEY


def test_long_keys_that_differ_late_differ() -> None:
    assert author_key("村" * 299 + "上") != author_key("村" * 299 + "下")
