"""ISBNs as people write them: a number that is written back as itself, or why it is none."""

from collections.abc import Iterator
from pathlib import Path

from alexandria.biblio.isbn import InvalidIsbn, find_isbns, hyphenate, isbn10, isbn13, parse_isbn
from fuzz.answers import files

LONGEST_REASON = 400  # characters


def seeds(fixtures: Path) -> Iterator[bytes]:
    yield from (b"0-14-032872-6", b"ISBN 978-0-14-032872-1", b"080442957X", b"9791034907625", b"978014032872\xc2\xb9")
    for text in files(fixtures / "openlibrary" / "strings", "*isbn*"):
        yield from text.split(b'"')[:200]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for number in find_isbns(text):
        assert parse_isbn(isbn13(number)) == number
    try:
        number = parse_isbn(text)
    except InvalidIsbn as error:
        assert len(str(error)) < LONGEST_REASON, "the reason repeats what was sent"
        return
    ten = isbn10(number)
    for written in (isbn13(number), ten, hyphenate(number)):
        assert written is None or parse_isbn(written) == number
    assert (ten is None) == isbn13(number).startswith("979")
