"""Pictures of strangers: three covers of the right size, or why there is none. Never a bomb."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from alexandria.covers.image import prepare, render
from alexandria.covers.keys import SIZES
from alexandria.covers.limits import coefficients
from alexandria.covers.result import Refused
from alexandria.covers.sniff import sniff
from fuzz.answers import files


def seeds(fixtures: Path) -> Iterator[bytes]:
    for folder in ("broken", "derived", "placeholder", "synthetic", "valid"):
        yield from (data for data in files(fixtures / "covers" / folder, "*") if len(data) < 100_000)


def check(data: bytes) -> None:
    _prepared()
    kind, found = sniff(data), render(data)
    assert coefficients(data) >= 0
    if isinstance(found, Refused):
        assert found.reason
        assert len(found.message) < 1_000
        return
    assert not isinstance(kind, Refused)
    assert set(found.pictures) == set(SIZES)
    assert all(picture[8:12] == b"WEBP" for picture in found.pictures.values())


@cache
def _prepared() -> None:
    prepare()
