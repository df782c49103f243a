"""The server's clock as a process knows it: between two bounds, which the quickest answers set."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.quota import slots as module
from alexandria.quota.slots import LATEST, LONGEST_LEAD, VAGUE, Slots

START = datetime(2026, 1, 1, tzinfo=UTC)
BASE = START.timestamp()


class Clock:
    """The process's clock, which a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "monotonic", made)
    return made


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_quickest_answers_tell_the_time_best(clock: Clock) -> None:
    slots = Slots()
    assert slots.is_vague()
    slots.note(100.0, 100.5, at(0.25))  # somewhere between 100.0 and 100.5
    assert slots.is_vague()
    assert slots.earliest(BASE + 5.25) == 105.0
    slots.note(100.6, 100.601, at(0.601))
    assert not slots.is_vague()
    assert slots.earliest(BASE + 5) == pytest.approx(104.999, abs=1e-4)
    slots.note(100.7, 101.7, at(0.9))  # a slow one spoils nothing
    assert slots.earliest(BASE + 5) == pytest.approx(104.999, abs=1e-3)
    clock.now = 100.7 + VAGUE / (2 * module.DRIFT)
    assert slots.is_vague(), "it was long ago"


def test_a_clock_that_was_set_is_learned_anew(clock: Clock) -> None:
    slots = Slots()
    slots.note(100.0, 100.01, at(0.0))
    slots.note(104.0, 104.01, at(3600))
    assert slots.earliest(BASE + 3600) == pytest.approx(104.0)
    slots.note(105.0, 105.01, at(1))
    assert slots.earliest(BASE + 1) == pytest.approx(105.0)


@given(st.lists(st.tuples(st.floats(0.001, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_slot_is_never_used_before_its_time(asks: list[tuple[float, float, float]]) -> None:
    """The server's clock is 7 s ahead of 2026; answers take their time before and after the server looks at it."""
    slots, now = Slots(), 50.0
    for pause, before, after in asks:
        now += pause
        slots.note(now, now + before + after, at(now + before + 7))
        now += before + after
    slot = BASE + now + 7 + 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "monotonic", lambda: now)
        assert slots.wait(slot) >= 3 - 1e-5
        assert slots.earliest(slot) <= now + 3 + 1e-5


@pytest.mark.parametrize(("late", "is_late"), [(-1.0, False), (LATEST - 0.01, False), (LATEST + 0.01, True)])
def test_a_slot_may_be_used_for_a_moment(clock: Clock, late: float, is_late: bool) -> None:
    slots = Slots()
    slots.note(100.0, 100.0, at(0))
    clock.now = 110.0 + late
    assert slots.is_late(BASE + 10) is is_late
    assert slots.wait(BASE + 10) == pytest.approx(max(-late, 0), abs=1e-5)


def test_slots_are_as_far_ahead_as_answers_are_slow(clock: Clock) -> None:
    slots = Slots()
    slots.note(100.0, 100.0, at(0))
    slots.note_delay(100.0 + LATEST / 3, at(0))
    assert slots.lead == 0.0, "that is soon enough"
    slots.note_delay(100.0 + LATEST, at(0))
    assert slots.lead == pytest.approx(0.75 * LATEST)
    slots.note_delay(109.0, at(0))
    assert slots.lead == LONGEST_LEAD
    for _ in range(100):
        slots.note_delay(100.0, at(0))
    assert slots.lead < 0.001
