"""What is typed into a search: a question that can be asked of the index, or which field is wrong."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from alexandria.api.formats.negotiate import wanted_format
from alexandria.biblio.keys import parse_key
from alexandria.errors import BadInput
from alexandria.search.asked import MOST_WORDS, Asked, read_query, read_title_and_author
from alexandria.search.filters import read_years
from alexandria.search.meaning import Meaning, ask_for


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from (
        b"fantastic mr fox dahl",
        b"OL45804W",
        b"/works/OL45804W",
        b"isbn: 0140328726",
        b"1984",
        b"\xe6\x88\x91",
    )
    yield from (b"it's | (a & b) !c:* <->", b"\\' or 1=1 --", b"1990-1999", b"text/x-bibtex;q=0.5, */*", b"AX5W")


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    half = len(text) // 2
    readers: list[Callable[[], Asked]] = [
        lambda: read_query(text),
        lambda: read_title_and_author(text[:half], text[half:]),
    ]
    for read in readers:
        try:
            asked = read()
        except BadInput as error:
            assert len(str(error)) < 1_000, "the reason repeats what was sent"
            continue
        assert len(asked.wanted) <= MOST_WORDS
        for missing in (0, 1, 2):
            questions = ask_for([Meaning(each, 1) for each in asked.wanted], missing=missing)
            assert all(map(_is_closed, questions)), questions
    with suppress(BadInput):
        read_years(text)
    with suppress(BadInput):
        parse_key(text)
    wanted_format(text)


def _is_closed(question: str) -> bool:
    """Whether every quotation mark of the text of a tsquery is closed, and no control character is in it."""
    bare = question.replace("\\\\", "").replace("''", "")
    return bare.count("'") % 2 == 0 and "\0" not in question
