"""Keys as text: unlike each other, never in a repr, and only their own shape is read."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.keys.key import INCLUDES, INTERNAL, SCOPES, digest_of, is_same, make_key, read_key_id


def test_a_key_carries_its_id_and_two_hundred_bits() -> None:
    key = make_key()
    assert re.fullmatch(r"alx_[a-z2-7]{10}_[a-z2-7]{40}", key.text)
    assert read_key_id(key.text.encode()) == key.id
    assert key.digest == digest_of(key.text.encode())
    assert 40 * math.log2(32) >= 160


def test_keys_differ_in_every_character() -> None:
    """Of a hundred keys each place of the secret has many characters: none is fixed or left out."""
    secrets = [make_key().text[-40:] for _ in range(100)]
    assert min(len(set(column)) for column in zip(*secrets, strict=True)) > 10
    assert set("".join(secrets)) == set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_key_is_in_no_repr() -> None:
    key = make_key()
    assert key.text[-40:] not in repr(key)
    assert str(key.digest) not in repr(key)
    assert key.id in repr(key)


TEXT = "alx_abcdefghij_" + "a" * 40


@pytest.mark.parametrize(
    "text",
    ["", "alx_", TEXT[:-1], TEXT + "a", TEXT + "\n", "\n" + TEXT, TEXT.upper(), TEXT.replace("alx", "xla"),
     TEXT.replace("_", "-"), TEXT.replace("abcdefghij", "abcdefghi1"), TEXT[:-1] + "\x00", TEXT[:-1] + "é",
     TEXT.replace("abcdefghij", INTERNAL)],
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    assert read_key_id(TEXT.encode()) == "abcdefghij"
    assert read_key_id(text.encode()) is None


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(text: bytes) -> None:
    assert read_key_id(text) is None
    assert len(digest_of(text)) == 32


@given(st.binary(), st.binary())
def test_digests_are_the_same_only_for_the_same(one: bytes, other: bytes) -> None:
    assert is_same(digest_of(one), digest_of(other)) == (one == other)


def test_scopes_include_the_lesser_ones() -> None:
    assert SCOPES == ("read", "write", "admin")
    assert {"read": {"read"}, "write": {"read", "write"}, "admin": {"read", "write", "admin"}} == INCLUDES
