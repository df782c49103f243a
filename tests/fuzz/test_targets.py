"""Every parser of what others wrote, with hostile bytes: the committed cases, recorded answers, and these spoilt.

The same `check` functions are given to atheris by `make fuzz`, for as long as one likes.
"""

import importlib
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fuzz
from fuzz import TARGETS

CORPUS = Path(fuzz.__file__).parent / "corpus"
HELPERS = {"answers"}
SLOW = {"images"}  # which decodes
JUNK = [b"", b"\0", b"\xff", b'"', b"\\ud800", b"[" * 200, b"9" * 400, b"-1", b"1e400", b"\t", b"\r\n", b"null", b"{}"]


def check_of(name: str) -> Callable[[bytes], None]:
    found: Callable[[bytes], None] = importlib.import_module(f"fuzz.{name}").check
    return found


@cache
def known(name: str) -> list[bytes]:
    """The committed cases of a target, and a few recorded answers where there are some."""
    cases = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    recorded = Path(__file__).parents[3] / "shared" / "fixtures"
    return cases + list(islice(importlib.import_module(f"fuzz.{name}").seeds(recorded), 5 if name in SLOW else 40))


@st.composite
def spoilt(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """One of the known inputs with something cut out of it, put into it, or doubled."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 40, len(data))))
        data = data[:start] + draw(st.sampled_from(JUNK) | st.just(data[start:end] * 2)) + data[end:]
    return data


def test_every_target_is_named_and_has_cases() -> None:
    modules = {path.stem for path in CORPUS.parent.glob("*.py") if not path.stem.startswith("__")}
    assert modules == set(TARGETS) | HELPERS
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_known_cases(name: str) -> None:
    for data in known(name):
        check_of(name)(data)


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_ones(name: str) -> None:
    check = check_of(name)

    @settings(max_examples=10 if name in SLOW else 40, suppress_health_check=list(HealthCheck), database=None)
    @given(spoilt(known(name)) | st.binary(max_size=200))
    def hold(data: bytes) -> None:
        check(data)

    hold()


@pytest.mark.parametrize("name", ["isbn", "dates", "queries"])
def test_any_text(name: str) -> None:
    check = check_of(name)

    @settings(max_examples=60, database=None)
    @given(st.text())
    def hold(text: str) -> None:
        check(text.encode("utf-8", "replace"))

    hold()


def test_a_broken_promise_is_seen() -> None:
    from fuzz.answers import check_storable, read_all

    for found in ({"title": "a\0b"}, ["\0"]):
        with pytest.raises(AssertionError):
            check_storable(found)
    with pytest.raises(ZeroDivisionError):
        read_all(b"", [lambda _: 1 // 0])
