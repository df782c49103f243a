"""Text: what is cleaned is clean, stays clean, and says what was cut."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.text import clean_block, clean_block_cut, clean_line, clean_line_cut, fold, strip_html

# Surrogates and controls more often than chance would have it, and things that combine.
ODD = st.sampled_from(
    list("\x00\x01\x1c\x1f\x7f\x85\xa0\xad\r\n\t \u0301\u0308\u200b\u200d\u200e\u202e\u2028\u2066\u3000\ufeff")
    + ["\ud800", "\udfff", "e", "a", "ا", "가", "\u1100", "\u1161", "👩", "🏽", "Å", "ﬁ", "  ", "\r\n\r\n\r\n"]
)
texts = st.lists(ODD | st.characters(codec=None), max_size=40).map("".join)  # codec=None: surrogates too
limits = st.integers(0, 50)


def assert_clean(text: str, limit: int) -> None:
    text.encode("utf-8")
    assert len(text) <= limit
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip()
    assert "  " not in text
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c != "\n" for c in text)
    assert not any(unicodedata.bidirectional(c) in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "PDI") for c in text)


@given(texts, limits)
def test_a_line_is_clean_and_cleaning_it_again_changes_nothing(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert_clean(line, limit)
    assert "\n" not in line
    assert clean_line(line, limit) == line
    assert clean_line_cut(text, limit).text == line


@given(texts, limits)
def test_a_block_is_clean_and_cleaning_it_again_changes_nothing(text: str, limit: int) -> None:
    block = clean_block(text, limit)
    assert_clean(block, limit)
    assert "\n\n\n" not in block
    assert " \n" not in block
    assert "\n " not in block
    assert clean_block(block, limit) == block
    assert clean_block_cut(text, limit).text == block


@given(texts, limits)
def test_a_cut_is_reported_and_never_parts_what_combines(text: str, limit: int) -> None:
    whole = clean_line(text, 1000)
    short, cut = clean_line_cut(text, limit)
    assert whole.startswith(short)
    assert cut == len(whole) - len(short)
    assert (cut > 0) == (len(whole) > limit)
    if short and cut:
        assert unicodedata.category(whole[len(short)]) not in ("Mn", "Mc", "Me")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("The Hobbit", "The Hobbit"),
        ("  The\tHobbit \r\n", "The Hobbit"),
        ("The\u00a0\u2003Hobbit\u3000", "The Hobbit"),
        ("nar\x00cissus", "narcissus"),
        ("u0000 is no NUL", "u0000 is no NUL"),
        ("cafe\u0301", "café"),
        ("cafe\x00\u0301", "café"),  # what stood between goes first
        ("a\ud800b", "ab"),
        ("\u202eabc\u202c", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a Persian word is spelled with a joiner
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("", ""),
        (" ", ""),
    ],
)
def test_lines(text: str, clean: str) -> None:
    assert clean_line(text, 500) == clean


@pytest.mark.parametrize(
    ("text", "limit", "clean", "cut"),
    [
        ("one two three", 13, "one two three", 0),
        ("one two three", 12, "one two", 6),
        ("one two three", 7, "one two", 6),
        ("one two three", 6, "one tw", 7),  # a word would cost half of it
        ("abcdefghij", 4, "abcd", 6),
        ("ab" + "x\u0323\u0301" * 3, 4, "ab", 9),
        ("abc👩\u200d🚀", 5, "abc", 3),
        ("x\u0323\u0301", 1, "", 3),
        ("abc", 0, "", 3),
    ],
)
def test_cuts(text: str, limit: int, clean: str, cut: int) -> None:
    assert clean_line_cut(text, limit) == (clean, cut)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", "one\ntwo"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("one\n \t \n\x00\n two ", "one\n\ntwo"),
        ("\n\none\u2029two\n\n", "one\ntwo"),
        ("one   two", "one two"),
        ("one\x0btwo", "one\ntwo"),
    ],
)
def test_blocks(text: str, clean: str) -> None:
    assert clean_block(text, 500) == clean


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The Hobbit", "the hobbit"),
        ("  THE   HOBBIT!! ", "the hobbit"),
        ("Les Misérables", "les miserables"),
        ("Straße", "strasse"),
        ("Łódź, Ørsted & Æsop", "lodz orsted aesop"),
        ("Đặng Thùy Trâm", "dang thuy tram"),
        ("İstanbul ısı", "istanbul isi"),
        ("ﬁnal ＡＢＣ", "final abc"),
        ("O'Brien – “Kid”", "o brien kid"),
        ("C++ and C#", "c++ and c#"),
        ("Чайка", "чайка"),  # й is not и
        ("がぎ", "がぎ"),
        ("हिन्दी", "हिन्दी"),
        ("snake_case", "snake case"),
        ("...", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(st.characters(max_codepoint=0x2100)))
def test_a_latin_text_is_folded_as_one_of_mixed_scripts(text: str) -> None:
    assert fold(f"{text} я") == f"{fold(text)} я".strip()


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(text.upper()) == fold(text.upper().lower())
    folded.encode("utf-8")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<p>one</p><p>two</p>", "\n\none\n\n\n\ntwo\n\n"),
        ("<b>bold</b> and <i class='x'>thin</i>", "bold and thin"),
        ("Tom &amp; Jerry&#39;s &eacute;", "Tom & Jerry's é"),
        ("a < b and b > c", "a < b and b > c"),
        ("&lt;b&gt;", "<b>"),
        ("x<!-- <b>note</b> -->y", "xy"),
        ("x<!-- open", "x"),
        ("x<script>if (a<b) alert('</p>')</script>y<style>p{}</style>", "xy"),
        ("x<script>open", "x"),
        ("<![CDATA[x", "<![CDATA[x"),
        ("<!DOCTYPE html>x", "x"),
        ("<", "<"),
        ("<a href='x'", "<a href='x'"),
        ("<3 books", "<3 books"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
    ],
)
def test_html(markup: str, text: str) -> None:
    assert strip_html(markup) == text


HTML = [
    "<",
    ">",
    "<p",
    "</",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<![",
    "&",
    "&#",
    "1",
    ";",
    "amp",
    "x",
    " ",
    "\x00",
]


@given(st.lists(st.sampled_from(HTML), max_size=30).map("".join) | texts)
def test_no_markup_breaks_it(markup: str) -> None:
    strip_html(markup)


def test_hostile_text_takes_no_time() -> None:
    for text in ("<a" * 50_000, "<!--" * 50_000, "<script>" * 20_000, "<script></script>" * 20_000, "&" * 100_000):
        strip_html(text)
    clean_line("a" + "\u0301" * 100_000, 50)
    fold("é " * 20_000)


@pytest.mark.parametrize("clean", [clean_line, clean_block])
def test_no_letter_carries_more_accents_than_any_script_needs(clean: Callable[[str, int], str]) -> None:
    heap = "x" + "\u0316\u0332" * 20_000
    assert clean(f"{heap} {heap}", 100_000) == " ".join(["x" + "\u0316\u0332" * 15] * 2)
    written = "x" + "\u0316" * 30 + "y" + "\u0332" * 30
    assert clean(written, 100_000) == written
