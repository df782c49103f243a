"""Cursors, which callers give back as they got them, or not: the place in a list, or that it is none of ours."""

import base64
from collections.abc import Iterator
from pathlib import Path

from alexandria.catalog.pages import FIRST, Cursor, read_cursor, write_cursor
from alexandria.errors import BadInput


def seeds(fixtures: Path) -> Iterator[bytes]:
    for cursor in (FIRST, Cursor(0, 0), Cursor(-1, -(2**62))):
        yield write_cursor(cursor).encode()


def check(data: bytes) -> None:
    for text in (data.decode("latin-1"), base64.urlsafe_b64encode(data).decode().rstrip("=")):
        try:
            cursor = read_cursor(text)
        except BadInput as error:
            assert error.field == "cursor"
            continue
        assert read_cursor(write_cursor(cursor)) == cursor
        assert -(2**31) < cursor.rank < 2**31
