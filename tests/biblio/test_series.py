"""Names of series and positions in them, out of what people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.series import LONGEST, MOST, InSeries, most_told, read_series, series_code, write_series

Pairs = list[tuple[str, str | None]]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["Discworld ; 5"], [("Discworld", "5")]),
        (["(Discworld ; 5)"], [("Discworld", "5")]),
        (["Series name, #3"], [("Series name", "3")]),
        (["The Expanse #1.5"], [("The Expanse", "1.5")]),
        (["Hercule Poirot Mysteries (#12)"], [("Hercule Poirot Mysteries", "12")]),
        (["Harry Potter (Book 3)"], [("Harry Potter", "3")]),
        (["Earthsea Cycle, Book Two"], [("Earthsea Cycle", "2")]),
        (["Wheel of Time, Volume IV"], [("Wheel of Time", "4")]),
        (["Perry Rhodan; Heft 0012"], [("Perry Rhodan", "12")]),
        (["Doctor Who (Target), no. 7"], [("Doctor Who (Target)", "7")]),
        (["Dune Chronicles / bk. 1"], [("Dune Chronicles", "1")]),
        (["Star Trek: The Next Generation, 5"], [("Star Trek: The Next Generation", "5")]),
        (["Library of America ; 1-2"], [("Library of America", "1")]),
        (["Lecture notes in computer science, 1234-1235"], [("Lecture notes in computer science", "1234")]),
        (["全集 第3巻"], [("全集", "3")]),
        (["Библиотека поэта; вып. 4"], [("Библиотека поэта", "4")]),
        # the position stands in the next text
        (["American university studies.", "vol. 1"], [("American university studies", "1")]),
        (["Counseling and development series ;", "3"], [("Counseling and development series", "3")]),
        (["Bulletins of American paleontology,", "v. 111, no. 352"], [("Bulletins of American paleontology", "111")]),
        (["Ann Arbor paperbacks,", "AA113"], [("Ann Arbor paperbacks", "AA113")]),
        # one series, written twice
        (["Skripten -- Nr.22", "Skripten -- Nr. 22"], [("Skripten", "22")]),
        (["Illinois studies -- 63", "Illinois studies -- vol. 63."], [("Illinois studies", "63")]),
        (["Discworld", "The Discworld Series ; 5"], [("Discworld", "5")]),
        (
            ["Case studies in archaeology", "Case studies in archaeology series."],
            [("Case studies in archaeology", None)],
        ),
        # several
        (["Penguin classics", "Rougon-Macquart, 13"], [("Penguin classics", None), ("Rougon-Macquart", "13")]),
        # numbers that belong to the name
        (["Area 51"], [("Area 51", None)]),
        (["Catch-22"], [("Catch-22", None)]),
        (["Series, v"], [("Series, v", None)]),
        (["Civil War"], [("Civil War", None)]),
        (["Blackwell encyclopedia (Unnumbered)"], [("Blackwell encyclopedia (Unnumbered)", None)]),
        # nothing
        (["Book Three"], []),
        (["1984"], []),
        (["vol. 2"], []),
        (["", " ;-) ", "#3"], []),
        ([], []),
    ],
)
def test_series(texts: list[str], found: Pairs) -> None:
    assert read_series(texts) == tuple(InSeries(*pair) for pair in found)


def test_most_editions_tell() -> None:
    lists = [["Discworld ; 4"], ["Discworld ; 5"], ["discworld (5)"], ["Corgi books"], ["The Discworld Series"]]
    assert most_told(lists) == (InSeries("Discworld", "5"), InSeries("Corgi books"))
    assert most_told(reversed(lists)) == most_told(lists)
    assert most_told([]) == ()


@given(st.lists(st.text(max_size=300), max_size=15))
def test_anything_may_be_written(texts: list[str]) -> None:
    found = read_series(texts)
    assert len(found) <= MOST
    codes = [series_code(each.name) for each in found]
    assert len(set(codes)) == len(codes)
    assert None not in codes
    assert all(0 < len(each.name) <= LONGEST + 2 for each in found)


@given(st.text(alphabet="abc xyz", min_size=3, max_size=20).filter(lambda text: text.strip(" ")), st.integers(1, 999))
def test_a_position_that_is_written_is_read(name: str, number: int) -> None:
    for text in (f"{name} ; {number}", f"{name}, #{number}", f"({name}, vol. {number})"):
        (found,) = read_series([text])
        assert (series_code(found.name), found.position) == (series_code(name), str(number))


@pytest.mark.parametrize("one", [InSeries("Discworld", "5"), InSeries("Foxes", "1.5"), InSeries("Puffin Classics")])
def test_what_is_written_is_read_as_it_was(one: InSeries) -> None:
    assert read_series([write_series(one)]) == (one,)
