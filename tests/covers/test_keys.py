"""One function names objects, for writing and for serving."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.keys import MEDIA, SIZES, Form, Name, Size, digest_of, object_key, read_digest, read_key

digests = st.binary(min_size=20, max_size=20)


@given(digests, st.sampled_from(list(SIZES)), st.sampled_from(list(MEDIA)))
def test_a_key_can_be_read_back(digest: bytes, size: Size, form: Form) -> None:
    key = object_key(digest, size, form)
    assert read_key(key) == Name(digest, size, form)
    assert read_digest(digest.hex()) == digest
    assert key.startswith(f"{digest.hex()[:2]}/")


def test_every_name_is_another_one() -> None:
    keys = {object_key(bytes([n]) * 20, size, form) for n in range(3) for size in SIZES for form in MEDIA}
    assert len(keys) == 3 * 3 * 2
    assert set(SIZES) == set(get_args(Size))
    assert set(MEDIA) == set(get_args(Form))


@pytest.mark.parametrize(
    "key", ["", "x", "../../etc/passwd", "ab/cd/" + "0" * 40 + "-large.webp", "00/00/" + "0" * 40 + "-huge.webp",
            "00/00/" + "0" * 40 + "-large.svg", "00/00/" + "0" * 39 + "-large.webp"],
)  # fmt: skip
def test_other_keys_are_none_of_ours(key: str) -> None:
    assert read_key(key) is None


@pytest.mark.parametrize("text", ["", "0" * 39, "0" * 41, "G" * 40, "AB" * 20])
def test_other_texts_are_no_hash(text: str) -> None:
    assert read_digest(text) is None


def test_the_hash_is_of_all_three_pictures_in_their_places() -> None:
    pictures: dict[Size, bytes] = {"large": b"abc", "medium": b"de", "small": b"f"}
    assert len(digest_of(pictures)) == 20
    others: list[dict[Size, bytes]] = [
        {"large": b"abcd", "medium": b"e", "small": b"f"},
        {"large": b"de", "medium": b"abc", "small": b"f"},
        {"large": b"abc", "medium": b"de", "small": b"g"},
    ]
    assert len({digest_of(each) for each in (pictures, *others)}) == 4
