"""Readers of answers: whatever comes, they give a record or raise one of our errors."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alexandria.biblio.isbn import find_isbns, isbn10, parse_isbn
from alexandria.client import ClientError, InvalidIsbn, answers, google
from alexandria.client import isbn as client_isbn
from alexandria.client.messages import Host, Reply
from alexandria.errors import BadInput
from alexandria.sample.numbers import nth_isbn
from tests.client.conftest import ISBN, volume

READERS: dict[str, Callable[[Reply], object]] = {
    "isbn": answers.read_isbn,
    "isbns": answers.read_isbns,
    "work": answers.read_work,
    "author": answers.read_author,
    "search": answers.read_search,
    "queued": answers.read_queued,
    "job": answers.read_job,
    "written": lambda reply: answers.read_written(reply, "edition"),
    "google": lambda reply: google.read_isbn(reply, ISBN),
}
NAMES = st.sampled_from(
    [
        "results",
        "next",
        "key",
        "isbn",
        "isbn13",
        "status",
        "error",
        "errors",
        "edition",
        "title",
        "authors",
        "work",
        "id",
    ]
    + ["items", "kind", "volumeInfo", "industryIdentifiers", "created", "fields_updated", "quality", "imageLinks"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["books#volumes", ISBN, "found"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
STATUSES = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 429, 500, 503])


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30)
@given(status=STATUSES, body=VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50))
def test_readers_raise_only_what_they_say(name: str, status: int, body: bytes) -> None:
    host: Host = "google-books" if name == "google" else "alexandria"
    with suppress(ClientError):
        READERS[name](Reply(host, status, {"retry-after": "x"}, body))


INFO = {
    "title": st.text(),
    "authors": st.lists(st.none() | st.text(), max_size=3),
    "publisher": st.text(),
    "publishedDate": st.text(max_size=12),
    "description": st.text(alphabet="<>&;abcp/ \n\0", max_size=40),
    "pageCount": st.integers(-5, 10**9),
    "categories": st.lists(st.none() | st.text(alphabet="ab/ ", max_size=9), max_size=3),
    "language": st.text(max_size=6) | st.sampled_from(["un", "zh-CN", "en"]),
    "imageLinks": st.fixed_dictionaries({}, optional={"thumbnail": st.text() | st.just("http://[::1")}),
    "infoLink": st.text(),
}


@given(st.fixed_dictionaries({}, optional=INFO))
def test_whatever_google_says_of_a_volume_is_clean(info: dict[str, Any]) -> None:
    body = json.dumps({"kind": "books#volumes", "items": [volume(**info)]}).encode()
    found = google.read_isbn(Reply("google-books", 200, {}, body), ISBN)
    assert found
    said = google.answer_of(found)
    assert said["isbn"] == ISBN
    assert all(value not in (None, "", [], {}) for value in said.values())
    assert said.get("page_count", 1) >= 1
    for text in (said.get("title", ""), said.get("publisher", "")):
        assert text == " ".join(text.split())
    for url in (said.get("cover_url_small"), found.link):
        assert url is None or url.startswith("https://")


@given(st.integers(0, 10**6), st.sampled_from(["{}", "ISBN {}", "isbn-13: {}", "{} (pbk.)", " {}\n", "urn:isbn:{}"]))
def test_isbns_are_read_as_the_service_reads_them(index: int, form: str) -> None:
    number = nth_isbn(index)
    assume(number is not None)
    assert number
    hyphened = f"{number}"[:3] + "-" + f"{number}"[3:]
    ten = isbn10(number)
    for text in (str(number), hyphened, *([ten] if ten else [])):
        assert client_isbn.isbn13(form.format(text)) == str(parse_isbn(form.format(text))) == str(number)
    assert client_isbn.isbn10(str(number)) == isbn10(number)


@given(st.text(alphabet="0123456789Xx -\u2013ISBN()", max_size=20))
def test_what_the_client_lets_through_the_service_takes(text: str) -> None:
    try:
        found = client_isbn.isbn13(text)
    except InvalidIsbn:
        return
    assert find_isbns(found) == [int(found)]
    try:
        assert str(parse_isbn(text)) == found
    except BadInput:
        pass  # it may be lenient about dashes, since it sends the digits only


def test_an_isbn_is_text() -> None:
    with pytest.raises(InvalidIsbn, match="is text"):
        client_isbn.isbn13(9780140328721)  # type: ignore[arg-type]
