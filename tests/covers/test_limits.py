"""What a picture may cost is decided by its header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.covers.limits import MOST_BYTES, Header, check, coefficients
from tests.covers.pictures import jpeg, picture


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (Header("jpeg", 31, 500), "too_small"),
        (Header("jpeg", 32, 32), None),
        (Header("jpeg", 8_000, 5_000), None),
        (Header("jpeg", 8_000, 5_001), "too_large"),
        (Header("webp", 8_000, 5_000), None),
        (Header("webp", 4_000, 4_001, pages=2), "too_large"),
        (Header("png", 4_000, 4_000), None),
        (Header("png", 4_000, 4_001), "too_large"),
        (Header("png", 4_000, 4_000, depth=8, sample=2, interlaced=True), None),
        (Header("gif", 4_000, 4_000), None),
        (Header("avif", 3_500, 3_600), None),
        (Header("avif", 4_000, 4_000), "too_large"),
        (Header("avif", 3_500, 3_600, depth=6, sample=2), "too_large"),
        (Header("tiff", 4_000, 4_000, depth=8, sample=2), None),
        (Header("tiff", 4_000, 4_000, depth=12, sample=4), "too_large"),
        (Header("bmp", 4_000, 4_000), None),
        (Header("bmp", 4_001, 4_000), "too_large"),
    ],
)
def test_the_most_that_is_read(header: Header, reason: str | None) -> None:
    found = check(header, b"")
    assert (found.reason if found else None) == reason


def test_a_jpeg_in_one_scan_needs_little() -> None:
    assert coefficients(jpeg(64, 96)) == 0


@pytest.mark.parametrize(("subsample", "share"), [("on", 1.5), ("off", 3.0)])
def test_a_jpeg_in_several_scans_is_held_whole(subsample: str, share: float) -> None:
    data = bytes(picture(640, 960).jpegsave_buffer(interlace=True, subsample_mode=subsample))
    assert coefficients(data) == 640 * 960 * share * 2


def test_a_progressive_jpeg_that_needs_too_much_is_refused() -> None:
    data = bytearray(picture(64, 96).jpegsave_buffer(interlace=True, subsample_mode="off"))
    place = data.index(b"\xff\xc2") + 5
    data[place : place + 4] = (7_000).to_bytes(2, "big") * 2  # 49 MP: refused by its size already
    assert coefficients(bytes(data)) > MOST_BYTES
    data[place : place + 4] = (6_300).to_bytes(2, "big") * 2
    assert check(Header("jpeg", 6_300, 6_300), bytes(data)) is None
    grey = bytes(picture(64, 96)[1].copy(interpretation="b-w").jpegsave_buffer(interlace=True))
    assert coefficients(grey) == 64 * 96 * 2


@given(st.binary(max_size=300), st.integers(0, 600))
def test_any_bytes_can_be_looked_at(noise: bytes, cut: int) -> None:
    assert coefficients(noise) >= 0
    assert coefficients(b"\xff\xd8" + noise) >= 0
    data = bytearray(jpeg(64, 96))
    data[cut : cut + len(noise)] = noise
    assert coefficients(bytes(data)) >= 0
