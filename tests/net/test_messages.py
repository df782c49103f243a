"""Answers as shapes of ours: what fits is read, everything else is Malformed, whatever it is."""

import gzip
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.errors import Malformed
from alexandria.net.messages import Reply, decode, hide, words_of
from alexandria.net.unpack import Damaged, TooLarge, Unpacker


class Shape(msgspec.Struct):
    name: str
    more: list[int] = []


def reply(body: bytes, status: int = 200, kind: str | None = "application/json") -> Reply:
    headers = {"content-type": kind} if kind is not None else {}
    return Reply("bucket", "https://example.org/x", status, headers, body, datetime.now(UTC), ("hunter2",))


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON; charset=UTF-8", "text/json", "application/sparql-results+json", "", None],
)
def test_json_is_read(kind: str | None) -> None:
    assert decode(reply(b'{"name":"x","other":{}}', kind=kind), Shape) == Shape("x")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (reply(b"{}"), "missing required field `name`"),
        (reply(b'{"name":1}'), r"Expected `str`, got `int` - at `\$.name`"),
        (reply(b""), "truncated"),
        (reply(b'{"name":"x"'), "truncated"),
        (reply(b'{"name":"x"} '[:-2]), "truncated"),
        (reply(b"<html></html>"), "malformed"),
        (reply(b'{"name":"x"}', kind="text/html"), "text/html instead of JSON"),
        (reply(b'{"name":"\xff"}'), "utf-8"),
        (reply(b"[" * 100_000, kind=None), "Expected `object`"),
        (reply(b'{"more":' + b"[" * 100_000), "Expected `int`"),
        (reply(b'{"x":' + b"[" * 100_000), "too deeply nested"),
        (reply(b'{"name":"x"}', 404), "answers 404"),
        (reply(b'{"name":"x"}', 302), "answers 302"),
    ],
)
def test_the_rest_is_malformed(given: Reply, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        decode(given, Shape)


@given(st.binary(max_size=60))
def test_no_body_makes_it_fall(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(decode(reply(body), Shape), Shape)
    assert isinstance(words_of(reply(body)), str)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message":"Book not found","errorMessage":"Book not found"}', "Book not found"),
        (b'{"errorMessage":" Not\\n Found "}', "Not Found"),
        (b'{"error":{"message":"API key hunter2 is wrong","code":400}}', "API key … is wrong"),
        (b'{"error":"invalid"}', "invalid"),
        (b'{"message":null,"detail":"x"}', "x"),
        (b'{"message":["x"]}', ""),
        (b'"x"', ""),
        (b"<html>hunter2</html>", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_the_words_of_an_error(body: bytes, words: str) -> None:
    assert words_of(reply(body)) == words


def test_long_words_are_cut() -> None:
    assert len(words_of(reply(msgspec.json.encode({"message": "long " * 1000})))) <= 200


def test_secrets_are_hidden_wherever_they_stand() -> None:
    assert hide("a=hunter2&b=hunter2", ("hunter2", "")) == "a=…&b=…"


# --- unpacking ------------------------------------------------------------------------------------------------


def unpack(data: bytes, encoding: str, limit: int, step: int) -> bytes:
    unpacker = Unpacker(encoding, limit)
    for start in range(0, len(data), step):
        unpacker.add(data[start : start + step])
    return unpacker.result()


@given(st.lists(st.binary(max_size=300), max_size=3), st.integers(1, 50))
def test_a_body_is_the_same_in_whatever_pieces_it_comes(parts: list[bytes], step: int) -> None:
    whole = b"".join(parts)
    packed = b"".join(map(gzip.compress, parts))
    assert unpack(packed, "gzip", len(whole), step) == whole
    assert unpack(whole, "", len(whole), step) == whole
    if whole:
        with pytest.raises(TooLarge):
            unpack(packed, "gzip", len(whole) - 1, step)
        with pytest.raises(TooLarge):
            unpack(whole, "identity", len(whole) - 1, step)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_body_that_ends_too_early_is_noticed(body: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    with pytest.raises(Damaged):
        unpack(packed[: data.draw(st.integers(1, len(packed) - 1))], "gzip", 1000, 7)


@pytest.mark.parametrize(("data", "encoding"), [(b"plain", "gzip"), (b"", "br"), (b"x", "deflate")])
def test_what_was_not_asked_for_is_damaged(data: bytes, encoding: str) -> None:
    with pytest.raises(Damaged):
        unpack(data, encoding, 1000, 7)


def test_nothing_is_nothing_however_it_is_packed() -> None:
    assert unpack(b"", "gzip", 1000, 7) == b""
