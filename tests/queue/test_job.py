"""The words of the queue: ids that ascend, pauses that grow, jobs that are the same merged into one."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.errors import BadInput
from alexandria.queue.entities import read_entity, show_entity
from alexandria.queue.ids import make_id
from alexandria.queue.job import LANES, NewJob, QueueFull, StaleLease, merge_same, pause_after

MOMENTS = st.none() | st.integers(0, 3).map(lambda hour: datetime(2026, 11, 22, hour, tzinfo=UTC))
JOBS = st.lists(
    st.builds(
        NewJob,
        st.sampled_from(["edition", "work"]),
        st.integers(1, 3),
        st.integers(1, 10),
        st.sampled_from(LANES),
        run_at=MOMENTS,
        again=st.booleans(),
    )
)


def test_ids_are_unique_ascend_with_time_and_say_so() -> None:
    ids = [make_id() for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    time.sleep(0.002)
    assert make_id() > max(ids)
    assert abs((make_id().int >> 80) / 1_000 - time.time()) < 5


def test_pauses_grow_up_to_half_an_hour() -> None:
    pauses = [pause_after(attempts) for attempts in range(8)]
    assert pauses == sorted(pauses)
    assert pauses[:2] == [10.0, 10.0]
    assert pauses[-1] == 1_800.0


@given(JOBS)
def test_of_the_same_jobs_one_is_left_with_the_most_of_each(jobs: list[NewJob]) -> None:
    merged = merge_same(jobs)
    names = [(job.kind, job.key) for job in merged]
    assert names == sorted({(job.kind, job.key) for job in jobs})
    for one in merged:
        same = [job for job in jobs if (job.kind, job.key) == (one.kind, one.key)]
        assert one.priority == max(job.priority for job in same)
        assert one.lane == LANES[max(LANES.index(job.lane) for job in same)]
        assert one.again == any(job.again for job in same)
        times = [job.run_at for job in same]
        assert one.run_at == (None if None in times else min(time for time in times if time))


def test_errors_say_what_to_do() -> None:
    assert str(QueueFull(1_000, "anonymous")) == (
        "the queue is full: 1,000 jobs of the lane anonymous wait; try again in 30 seconds"
    )
    assert "the lease of 4 jobs was lost" in str(StaleLease([make_id() for _ in range(4)]))


@pytest.mark.parametrize(
    ("kind", "text", "number", "shown"),
    [
        ("edition", "0-14-032872-6", 9780140328721, "9780140328721"),
        ("work", "/works/OL45804W", 45804, "OL45804W"),
        ("work", "AXE7W", -7, "AXE7W"),
        ("author", "ol34184a", 34184, "OL34184A"),
    ],
)
def test_keys_are_read_and_shown(kind: str, text: str, number: int, shown: str) -> None:
    assert read_entity(kind, text) == number
    assert show_entity(kind, number) == shown


def test_other_kinds_show_their_number() -> None:
    assert show_entity("refold", 45804) == "45804"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("edition", "9780140328722", "wrong check digit"),
        ("edition", "OL7353617M", "by its ISBN"),
        ("work", "OL34184A", "not of an author"),
        ("author", "", "expected an author key"),
    ],
)
def test_a_wrong_key_names_its_field(kind: str, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        read_entity(kind, text)
    assert refused.value.field == "entity_key"
