"""ISBNs: laws against python-stdnum, tables of what people and providers really write."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean
from stdnum import isbn as stdnum_isbn

from alexandria.biblio.isbn import InvalidIsbn, find_isbns, hyphenate, isbn10, isbn13, parse_isbn
from alexandria.errors import BadInput

PUPPY = 9780306406157


def with_check_digit(twelve: str) -> str:
    return twelve + str(ean.calc_check_digit(twelve))


def not_a_placeholder(twelve: str) -> bool:
    return not (twelve.startswith("978") and len(set(twelve[3:])) == 1)


nine_digits = st.text("0123456789", min_size=9, max_size=9)
isbns_978 = nine_digits.map(lambda nine: "978" + nine)
isbns_979 = nine_digits.filter(lambda nine: nine[0] != "0").map(lambda nine: "979" + nine)
valid_isbns = st.one_of(isbns_978, isbns_979).filter(not_a_placeholder).map(with_check_digit)


@given(valid_isbns)
def test_every_valid_isbn_is_read_in_both_forms(written: str) -> None:
    number = parse_isbn(written)
    assert isbn13(number) == written
    assert find_isbns(written) == [number]
    shorter = isbn10(number)
    if written.startswith("979"):
        assert shorter is None
    else:
        assert shorter == stdnum_isbn.to_isbn10(written)
        assert parse_isbn(shorter) == parse_isbn(shorter.lower()) == number
        assert find_isbns(shorter.lower()) == [number]


@given(
    st.text("0123456789X", min_size=8, max_size=14)
    | st.from_regex(r"97[789][0-9]{10}", fullmatch=True)
    | nine_digits.flatmap(lambda nine: st.sampled_from([nine + check for check in "0123456789X"]))
)
def test_we_believe_what_stdnum_believes_but_for_music_and_placeholders(text: str) -> None:
    placeholder = len(set(text)) == 1 or not not_a_placeholder(text[:12])
    expected = stdnum_isbn.is_valid(text) and not text.startswith("9790") and not placeholder
    if len(text) == 9:
        text, expected = "0" + text, stdnum_isbn.is_valid("0" + text) and len(set(text)) > 1
    assert parse_or_none(text) == (int(stdnum_isbn.to_isbn13(text)) if expected else None)


def parse_or_none(text: str) -> int | None:
    try:
        return parse_isbn(text)
    except InvalidIsbn:
        return None


@given(valid_isbns, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(written: str, place: int, step: int) -> None:
    wrong = written[:place] + str((int(written[place]) + step) % 10) + written[place + 1 :]
    with pytest.raises(InvalidIsbn):
        parse_isbn(wrong)
    assert find_isbns(wrong) == []


@given(
    valid_isbns,
    st.sampled_from(["-", " ", "\u2010", "\u2011", "\u2013", "\u2212", "\u00a0", "\u200b", "\u00ad", " - "]),
)
def test_hyphens_and_blanks_of_all_kinds_change_nothing(written: str, sign: str) -> None:
    number = int(written)
    assert parse_isbn(sign.join((written[:3], written[3:4], written[4:9], written[9:12], written[12:]))) == number


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = find_isbns(text)
    one = parse_or_none(text)
    assert one is None or found == [one]


@given(
    st.lists(valid_isbns.map(int), max_size=5),
    st.sampled_from(["\t", ",", ";", "/", " and ", " ; ", ", ", " ", "\n", "|"]),
)
def test_isbns_in_one_string_are_found_in_order_and_once(numbers: list[int], separator: str) -> None:
    assert find_isbns(separator.join(map(isbn13, numbers))) == list(dict.fromkeys(numbers))
    tens = [isbn10(number) or isbn13(number) for number in numbers]
    assert find_isbns(separator.join(tens)) == list(dict.fromkeys(numbers))


@pytest.mark.parametrize(
    "text",
    [
        "9780306406157",
        "0306406152",
        "0-306-40615-2",
        "978-0-306-40615-7",
        " 978 0 306 40615 7\n",
        "ISBN 0306406152",
        "ISBN: 0306406152",
        "ISBN0306406152",
        "isbn-13: 978-0306406157",
        "ISBN-10: 0-306-40615-2",
        "ISBN-10 0306406152",
        "ISBN 10 0-306-40615-2",
        "ISBN13 9780306406157",
        "ISBN (13): 9780306406157",
        "eISBN 10: 0-306-40615-2",
        "e-ISBN 978-0-306-40615-7",
        "urn:isbn:0306406152",
        "EAN 9780306406157",
        "0306406152 (pbk.)",
        "ISBN 0306406152 (pbk. : alk. paper)",
        "0306406152 pbk.",
        "(9780306406157)",
        "0306406152 / 978-0-306-40615-7",
        "9780306406157 51995",
        "9780306406157-51995",
        "0306406152 20",
        "９７８－０３０６４０６１５７",
        "٩٧٨٠٣٠٦٤٠٦١٥٧",
        "978\u00a00\u200b306\u201140615\u20137",
        "\ufeff9780306406157",
        "\u202d9780306406157\u202c",
    ],
)
def test_written_forms(text: str) -> None:
    assert parse_isbn(text) == PUPPY


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("080442957x", 9780804429573),
        ("0 8044 2957 x", 9780804429573),
        ("345242238", 9780345242235),
        ("SBN 345-24223-8", 9780345242235),
        ("979-10-90636-07-1", 9791090636071),
        ("ISBN 1034567896", 9781034567899),  # the 10 belongs to the number
    ],
)
def test_other_numbers(text: str, number: int) -> None:
    assert parse_isbn(text) == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \t\u200b ", "empty"),
        ("9780306406157" * 100, "too long"),
        ("97803064061570", "too long: 14 digits"),
        ("9" * 1000, "too long"),
        ("abc", "not an ISBN"),
        ("12345", "5 digits"),
        ("978030640615", "12 digits"),
        ("345240340150", "12 digits"),
        ("978030640615X", "not an ISBN"),
        ("03064O6152", "not an ISBN"),
        ("1234567890123", "978 or 979"),
        ("9770317847001", "periodical"),
        ("9790260000438", "printed music"),
        ("0306406153", "3, expected 2"),
        ("0804429570", "0, expected X"),
        ("9780306406158", "8, expected 7"),
        ("345242239", "9, expected 8"),
        ("0000000000", "equal"),
        ("1111111111", "equal"),
        ("9780000000002", "equal"),
        ("0819130834\t0819130842", "more than one"),
        ("0306406152 0306406153", "other text"),
        ("9780306406157 hello", "other text"),
        ("hello 9780306406157", "other text"),
        ("9780306406157\U0001f600", "other text"),
        ("978030640\x006157", "not an ISBN"),
        ("\U0001f4da", "not an ISBN"),
        ("9780306406157 12345 12345", "other text"),
        ("<b>9780306406157</b>", "other text"),
    ],
)
def test_refusals_say_why(text: str, why: str) -> None:
    with pytest.raises(InvalidIsbn, match=why) as refused:
        parse_isbn(text)
    assert isinstance(refused.value, BadInput)
    assert refused.value.field == "isbn"
    assert len(refused.value.message) < 120


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1891843249\t1891843214", [9781891843242, 9781891843211]),
        ("0306406152 (pbk.) : $12.95 ; 0804429573 (bad)", [PUPPY]),
        ("ISBN 0306406152 and ISBN 080442957X", [PUPPY, 9780804429573]),
        ("123 978 0 306 40615 7", [PUPPY]),  # a false start does not swallow the true one
        ("12 0306406152", [PUPPY]),
        ("B0306406152", []),
        ("UOM:39015012345678", []),
        ("OCLC 047142520; 345242238", []),  # nine digits count only alone
        ("345242238 (pbk.)", [9780345242235]),
        ("9790260000438", []),
        ("n/a", []),
        ("\ud800 0306406152", [PUPPY]),
    ],
)
def test_dirty_provider_strings(text: str, numbers: list[int]) -> None:
    assert find_isbns(text) == numbers


def test_recorded_strings_that_are_not_bare_isbns(fixtures_dir: Path) -> None:
    rows = json.loads((fixtures_dir / "openlibrary/strings/isbn_values_not_strictly_valid.json").read_text())
    found = {row["value"]: find_isbns(row["value"]) for row in rows}
    assert found["0819130834\t0819130842"] == [9780819130839, 9780819130846]
    for text, numbers in found.items():
        if len(text) <= 13:  # recorded because their check digit or length is wrong
            assert numbers == []


def test_reported_strings_never_give_a_wrong_isbn(fixtures_dir: Path) -> None:
    for row in json.loads((fixtures_dir / "openlibrary/strings/isbn_strings_reported.json").read_text()):
        correct = row["correct_isbn_given_by_reporter"]
        if correct and (found := find_isbns(row["value"])):
            assert found == [parse_isbn(correct)]
    assert find_isbns("eISBN 10: 1-4405-9702-2") == [9781440597022]


@given(valid_isbns)
def test_hyphens_are_those_of_stdnum(written: str) -> None:
    shown = hyphenate(int(written))
    if shown is not None:
        assert shown == stdnum_isbn.format(written)
        assert shown.count("-") == 4
        assert shown.replace("-", "") == written


def test_hyphens_of_known_and_unassigned_numbers() -> None:
    assert hyphenate(PUPPY) == "978-0-306-40615-7"
    assert hyphenate(9791090636071) == "979-10-90636-07-1"
    assert hyphenate(9786400042628) is None


def test_hostile_text_takes_no_time() -> None:
    for text in ("1 " * 10_000, "978-" * 5_000, "isbn" * 5_000, "1-2-3-4-5-6-7-8-9-" * 1_000, "(" * 10_000):
        assert isinstance(find_isbns(text), list)
