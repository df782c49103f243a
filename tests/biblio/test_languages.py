"""Languages: one code, whoever names it and however."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.languages import language_code, language_name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/languages/ger", "de"),
        ("ger", "de"),
        ("deu", "de"),
        ("de", "de"),
        ("DE", "de"),
        ("GER", "de"),
        (" eng ", "en"),
        ("de-AT", "de"),
        ("zh-CN", "zh"),
        ("zh_Hant_TW", "zh"),
        ("pt-BR", "pt"),
        ("sr-Latn-RS", "sr"),
        ("cze", "cs"),
        ("ces", "cs"),
        ("grc", "grc"),
        ("cmn", "zh"),
        ("arb", "ar"),
        ("fil", "fil"),
        ("iw", "he"),
        ("nob", "nb"),
        ("xyz", "xyz"),
        ("English", "en"),
        ("english", "en"),
        ("ENGLISH", "en"),
        ("English (US)", "en"),
        ("Deutsch", "de"),
        ("français", "fr"),
        ("Francais", "fr"),
        ("Español; Castellano", "es"),
        ("Spanish, Castilian", "es"),
        ("Portuguese (Brazil)", "pt"),
        ("Chinese (Simplified)", "zh"),
        ("日本語", "ja"),
        ("Русский", "ru"),
        ("العربية", "ar"),
        ("हिन्दी", "hi"),
        ("Tiếng Việt", "vi"),
        ("Ancient Greek", "grc"),
        ("English, Old (ca. 450-1100)", "ang"),
        ("English, Middle (1100-1500)", "enm"),
        ("Germanic (Other)", "gem"),
    ],
)
def test_codes_tags_and_names(text: str, code: str) -> None:
    assert language_code(text) == code


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "un", "und", "zxx", "mul", "mis", "UND", "und-Latn", "/languages/und", "/languages/", "xq", "e",
     "the quick brown fox", "12", "eng eng", "en" * 500, "\x00", "\ud800"],
)  # fmt: skip
def test_no_language(text: str | None) -> None:
    assert language_code(text) is None


DEPRECATED = (
    "ajm=es cam=km esp=eo eth=gez far=fo fri=fy gae=gd gag=gl gal=om gua=gn int=ia iri=ga lan=oc lap=smi max=gv mla=mg "
    "mol=ro sao=sm scc=sr scr=hr sho=sn snh=si sso=st swz=ss tag=tl taj=tg tar=tt tru=chk tsw=tn"
)


@pytest.mark.parametrize(("old", "code"), [pair.split("=") for pair in DEPRECATED.split()])
def test_deprecated_marc_codes(old: str, code: str) -> None:
    assert language_code(f"/languages/{old}") == code


def test_every_language_of_open_library(fixtures_dir: Path) -> None:
    """Each MARC code has a code of ours with an English name, and the site's own name leads to the same code."""
    rows = json.loads((fixtures_dir / "openlibrary" / "languages.json").read_text())
    assert len(rows) > 500
    no_language = {"mis", "mul", "und"}
    known_otherwise = {"afa": "Afro-Asiatic languages", "syc": "Classical Syriac"}  # spelled otherwise; ambiguous
    for row in rows:
        code = language_code(row["key"])
        if row["code"] in no_language:
            assert code is None
            continue
        assert code is not None, row
        assert language_code(row["code"]) == code
        assert language_name(code) != code
        if row["code"] in known_otherwise:
            assert language_name(code) == known_otherwise[row["code"]]
        else:
            assert language_code(row["name"]) == code, row


def test_every_code_is_its_own_and_its_names() -> None:
    for first in "abcdefghijklmnopqrstuvwxyz":
        for second in "abcdefghijklmnopqrstuvwxyz":
            code = language_code(first + second)
            if code is not None:
                assert language_code(code) == code
                assert language_code(language_name(code)) == code


@given(st.text(max_size=50))
def test_nothing_breaks_it_and_codes_are_stable(text: str) -> None:
    code = language_code(text)
    if code is not None:
        assert re.fullmatch("[a-z]{2,3}", code)
        assert language_code(code) == code


def test_names() -> None:
    assert language_name("de") == "German"
    assert language_name("grc") == "Ancient Greek"
    assert language_name("xyz") == "xyz"
