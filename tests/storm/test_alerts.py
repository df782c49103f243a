"""What is said of alerts that were raised too late, not at all, twice, or for no fault."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storm.alerts import alerts_outcome, judge
from storm.faults import Fault

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
FAULTS = [Fault(rule, "it", "", lambda site: None, lambda site: None) for rule in ("early", "late", "never", "twice")]
MADE = {(fault.rule, "it"): NOON for fault in FAULTS}
MENDED = {(fault.rule, "it"): NOON + timedelta(minutes=2) for fault in FAULTS}


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_each_alert_is_judged() -> None:
    rows = [
        ("early", "it", after(20), after(150)),
        ("twice", "it", after(30), after(160)),
        ("late", "it", after(61), None),
        ("twice", "it", after(90), after(160)),
        ("other", "it", after(10), after(20)),
    ]
    wave = judge(FAULTS, MADE, MENDED, rows, is_told=False)
    assert [(each.rule, each.raised, each.resolved) for each in wave.seen] == [
        ("early", 20, 30), ("late", 61, None), ("never", None, None), ("twice", 30, 40),
    ]  # fmt: skip
    assert wave.others == ["twice (it)", "other (it)"]
    checks = alerts_outcome([wave]).checks
    assert [each.example for each in checks[:3]] == ["late, never", "late, never", "twice (it), other (it)"]
    assert [each.broken for each in checks] == [2, 2, 2, 1]


def test_what_is_passed_on_the_way_is_no_other() -> None:
    fault = replace(FAULTS[0], passes=("low", "middle"))
    rows = [
        ("low", "it", after(10), after(50)),
        ("low", "it", after(55), after(80)),
        ("middle", "else", after(10), after(50)),
        ("early", "it", after(20), after(150)),
    ]
    assert judge([fault], MADE, MENDED, rows, is_told=True).others == ["low (it)", "middle (else)"]
