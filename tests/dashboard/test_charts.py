"""Pictures are sound XML, named for those who do not see them, and have the right geometry."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from alexandria.dashboard.charts import Part, colour, day_curve, gauge, progress, sparkline, stacked

SVG = "{http://www.w3.org/2000/svg}"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = (NOON - timedelta(hours=12), NOON + timedelta(hours=12))
HOSTILE = "\"><script>alert('x')</script>&"
numbers = st.lists(st.floats(0, 1e9), max_size=20)


def read(picture: Markup) -> ElementTree.Element:
    """The picture as a tree, after what every picture must have was looked for."""
    text = str(picture).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    root = ElementTree.fromstring(text)
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert title.text
    assert told.text
    assert root.get("role") == "img"
    assert (root.get("aria-labelledby") or "").split() == [title.get("id"), told.get("id")]
    assert "style" not in {name for each in root.iter() for name in each.attrib}
    return root


def told(picture: Markup) -> str:
    found = read(picture).find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


def points(root: ElementTree.Element, kind: str, number: int = 0) -> list[tuple[float, float]]:
    text = root.findall(f"{SVG}{kind}")[number].get("points") or ""
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def bars(root: ElementTree.Element) -> list[tuple[str, float, float]]:
    """Class, left edge and width of each rectangle."""
    rectangles = root.findall(f"{SVG}rect")
    return [(each.get("class") or "", float(each.get("x") or 0), float(each.get("width") or 0)) for each in rectangles]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([0, 5, 10], [(0, 48), (120, 24), (240, 0)]),
        ([0, 0], [(0, 48), (240, 48)]),
        ([7], [(0, 0), (240, 0)]),
        ([-5, 5], [(0, 48), (240, 0)]),
    ],
)
def test_a_sparkline_runs_from_edge_to_edge(values: list[float], line: list[tuple[float, float]]) -> None:
    root = read(sparkline("a", "A", values))
    assert points(root, "polyline") == line
    assert points(root, "polygon") == [(0, 48), *line, (240, 48)]


def test_a_sparkline_of_nothing() -> None:
    picture = sparkline("a", "A", [])
    assert read(picture).find(f"{SVG}polyline") is None
    assert told(picture).startswith("no values yet")


def test_areas_lie_on_each_other() -> None:
    root = read(stacked("a", "A", {"low": [1, 1], "high": [1, 3]}, width=100, height=40))
    assert points(root, "polygon", 0) == [(0, 30), (100, 30), (100, 40), (0, 40)]
    assert points(root, "polygon", 1) == [(0, 20), (100, 0), (100, 30), (0, 30)]


def test_what_a_stack_tells() -> None:
    assert told(stacked("a", "A", {"x": [1, 2], "y": [3.5, 0]})) == "x: 2 now; y: 0 now; at most 4.5"
    assert told(stacked("a", "A", {})) == "no values yet; at most 0"


@pytest.mark.parametrize(
    ("parts", "limit", "buffer", "found"),
    [
        ([("a", 25), ("b", 50)], 100, 10, [("c1 solid", 0, 80), ("c2 solid", 80, 160), ("buffer", 288, 32)]),
        ([("a", 0), ("b", 50)], 100, 0, [("c2 solid", 0, 160)]),
        ([("a", 90), ("b", 50)], 100, 0, [("c1 solid", 0, 288), ("c2 solid", 288, 32)]),
        ([("a", 5)], 0, 0, []),
        ([("a", 5)], 10, 20, [("c1 solid", 0, 160), ("buffer", 0, 320)]),
    ],
)
def test_a_gauge(
    parts: list[tuple[str, float]], limit: float, buffer: float, found: list[tuple[str, float, float]]
) -> None:
    picture = gauge("a", "A", [Part(*part) for part in parts], limit, buffer)
    assert bars(read(picture)) == [("track", 0, 320), *found]


def test_what_a_gauge_tells() -> None:
    picture = gauge("a", "A", [Part("interactive", 1200), Part("covers", 0)], 15000, 2000)
    assert told(picture) == "1,200 of 15,000 used, of which 2,000 are kept as a buffer; interactive 1,200"


def test_a_day_goes_in_steps_from_its_beginning() -> None:
    root = read(day_curve("a", "A", [(DAY[0], 0), (NOON, 50)], DAY, 100, width=100, height=40))
    assert points(root, "polyline") == [(0, 40), (0, 40), (0, 40), (50, 40), (50, 20)]
    assert [each.get("class") for each in root.findall(f"{SVG}line")] == ["even", "limit"]


def test_a_day_that_went_over_its_limit_stays_in_the_picture() -> None:
    root = read(day_curve("a", "A", [(NOON, 200)], DAY, 100, width=100, height=40))
    assert min(y for _, y in points(root, "polyline")) == 0
    assert root.findall(f"{SVG}line")[1].get("y1") == "20"


def test_points_of_another_day_are_left_out() -> None:
    picture = day_curve("a", "A", [(DAY[0] - timedelta(seconds=1), 50)], DAY, 100)
    assert read(picture).find(f"{SVG}polyline") is None
    assert told(picture) == "nothing known of this day yet, of at most 100"


@pytest.mark.parametrize(("part", "width"), [(-1, None), (0, None), (0.5, 120), (1, 240), (7, 240)])
def test_progress(part: float, width: float | None) -> None:
    assert [wide for name, _, wide in bars(read(progress("a", "A", part))) if name == "c1 solid"] == (
        [] if width is None else [width]
    )


def test_colours_begin_again() -> None:
    assert [colour(number) for number in (0, 5, 6)] == ["c1", "c6", "c1"]


@pytest.mark.parametrize(
    "picture",
    [
        sparkline(HOSTILE, HOSTILE, [1]),
        stacked(HOSTILE, HOSTILE, {HOSTILE: [1]}),
        gauge(HOSTILE, HOSTILE, [Part(HOSTILE, 1)], 2),
        progress(HOSTILE, HOSTILE, 1),
    ],
)
def test_hostile_names_are_text(picture: Markup) -> None:
    assert "<script" not in picture
    root = ElementTree.fromstring(picture)
    assert root.find("title") is not None
    assert (root.findtext("title") or "") == HOSTILE


@settings(max_examples=20)
@given(numbers, numbers)
def test_whatever_the_numbers_all_is_inside(one: list[float], other: list[float]) -> None:
    length = min(len(one), len(other))
    series = {"one": one[:length], "other": other[:length]}
    for picture, wide, high in ((sparkline("a", "A", one), 240, 48), (stacked("a", "A", series), 640, 160)):
        root = read(picture)
        for kind in ("polyline", "polygon"):
            for number in range(len(root.findall(f"{SVG}{kind}"))):
                for x, y in points(root, kind, number):
                    assert -0.1 <= x <= wide + 0.1
                    assert -0.1 <= y <= high + 0.1
