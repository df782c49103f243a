"""Single values of write requests: what is made clean, cut or refused."""

import pytest
from structlog.testing import capture_logs

from alexandria.api.values import BLOCK, CLEAN, LINE, shown_field
from alexandria.biblio.text import MOST_ACCENTS
from alexandria.errors import BadInput

ACUTE, DOT = "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING DOT BELOW}"
title, bio, url = CLEAN["edition"]["title"], CLEAN["author"]["bio"], CLEAN["edition"]["cover_url_large"]


def test_a_cut_is_logged_by_field_and_length_only() -> None:
    with capture_logs() as logged:
        assert len(title("title", "word " * LINE)) <= LINE
        assert len(bio("bio", "two\nlines " * BLOCK)) <= BLOCK
        assert title("title", "short" + " " * LINE) == "short"
    assert [(line["event"], line["field"]) for line in logged] == [("text cut", "title"), ("text cut", "bio")]
    assert logged[0]["characters"] > 3 * LINE
    assert "word" not in str(logged)


@pytest.mark.parametrize(
    "text",
    [
        "e" + ACUTE * MOST_ACCENTS,
        ("e" + ACUTE * MOST_ACCENTS) * 10,
        ("e" + ACUTE * 20 + "!" + ACUTE * 20),
        "—…" * 50,
        "हिन्दी में किताब",
    ],
)
def test_accents_as_people_write_them(text: str) -> None:
    assert title("title", text)


@pytest.mark.parametrize(
    "text",
    [
        "e" + ACUTE * (MOST_ACCENTS + 1),
        "e" + (ACUTE + DOT) * MOST_ACCENTS,
        "e" + (ACUTE + "\N{ZERO WIDTH SPACE}" + DOT + "\x00") * MOST_ACCENTS,
        "fine " + ACUTE * (MOST_ACCENTS + 1) + " fine",
    ],
)
def test_heaps_of_accents_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="^title: must not have more than 30 accents"):
        title("title", text)
    with pytest.raises(BadInput, match="^subject_tags: "):
        CLEAN["work"]["subject_tags"]("subject_tags", ["fine", text])


@pytest.mark.parametrize(
    "text",
    [
        "https://h", "HTTP://H/", " https://h/x ", "http://h:8080/a?b#c", "http://[2001:db8::1]/", "http://[::1]:80/x",
        "https://h?x", "https://bücher.example/ü",
    ],
)  # fmt: skip
def test_addresses(text: str) -> None:
    assert url("cover_url_large", text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "http://", "http:///x", "//h/x", "h/x", "ftp://h/", "javascript:alert(1)", "data:text/html,x", "http://h:x/",
        "http://h:123456/", "http://u:p@h/", "http://u@h/", "http://h/ x", "http://h\\x", "http://h/<x>", "http://[::1",
        "http://[h]/", "http://h/\x00", "http://h/\u202e", "https://h/" + "x" * 2048,
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadInput, match="^cover_url_large: must be an http or https address"):
        url("cover_url_large", text)


def test_shown_names() -> None:
    assert [shown_field(name) for name in ("photo_url", "subjects")] == ["author_photo_url", "subjects"]
