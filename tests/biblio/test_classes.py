"""What titles tell by their own words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio import classes
from alexandria.biblio.classes import CLASSES, told_class

PATTERNS = (classes._SET, classes._SPLIT, classes._SAMPLER, classes._DERIVED)
WORDS = sorted({word for pattern in PATTERNS for word in re.findall(r"[a-z0-9]+", pattern.pattern)} | {"3", "12", "ii"})


@pytest.mark.parametrize(
    ("title", "subtitle", "told"),
    [
        ("The Lord of the Rings", None, None),
        ("The Lord of the Rings Boxed Set", None, "set"),
        ("The Hobbit", "3 Volumes in One", "set"),
        ("哈利波特 全7册", None, "set"),
        ("War and Peace, Part 1 of 2", None, "split"),
        ("Новая жизнь. Первая часть", None, "split"),
        ("Mort", "Leseprobe", "sampler"),
        ("Summary of Sapiens", None, "derived"),
        ("One Hundred Years of Solitude", None, None),
        ("The Colour of Magic", "A Discworld Novel", None),
        ("", None, None),
        ("\u0000\ud800", None, None),
    ],
)
def test_classes(title: str, subtitle: str | None, told: str | None) -> None:
    assert told_class(title, subtitle) == told
    assert told is None or told in CLASSES


@given(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join))
def test_the_short_cut_hides_nothing(words: str) -> None:
    assert told_class(words) == classes._matched(words)


@pytest.mark.parametrize(
    "words",
    ["box set", "boxset", "boxedset", "gift set", "coleccion completa", "full series", "books 1 to 3", "3 in 1",
     "two novels in one", "collection 4 books", "trilogy box", "the complete poirot collection", "vol 1 of 3",
     "sneak peek", "first chapter", "chapters 1", "avant premiere", "primer capitulo", "free sample", "cliffsnotes",
     "york notes", "lesson plan", "coloring book", "diary 2024", "konigs erlauterungen", "profil d une oeuvre",
     "guia de lectura", "guida alla lettura", "quiz book", "blank journal", "companion to", "deux romans en un"],
)  # fmt: skip
def test_each_sign_is_known(words: str) -> None:
    assert classes._matched(words)
    assert told_class(words)
