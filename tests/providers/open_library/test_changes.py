"""Recent changes: what changed, how far one can page, and what is refused rather than read as nothing."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from alexandria.biblio.keys import Key
from alexandria.errors import BadInput, Malformed
from alexandria.providers.open_library.changes import DEEPEST, Change, changes_path, check_window, read_changes
from tests.providers.open_library.mutations import mutated

EDIT: dict[str, Any] = {
    "id": "47443484",
    "kind": "edit-book",
    "timestamp": "2013-03-03T09:09:06.646555",
    "comment": None,
    "author": None,
    "changes": [{"key": "/books/OL1M", "revision": 2}, {"key": "/people/somebody", "revision": 1}],
    "data": {},
}


def page(*changesets: dict[str, Any], offset: int = 0, limit: int = 1000) -> Any:
    return read_changes(json.dumps(changesets).encode(), offset, limit)


def test_a_changeset() -> None:
    (found,) = page(EDIT).changesets
    assert (found.id, found.kind) == (47443484, "edit-book")
    assert found.at == datetime(2013, 3, 3, 9, 9, 6, 646555, UTC)
    assert found.changes == (Change(Key("edition", 1), 2),)
    assert (found.master, found.duplicates) == (None, ())


def test_a_merge() -> None:
    data = {"master": "/authors/OL5981207A", "duplicates": ["/authors/OL60280A", "/people/x", 5]}
    (found,) = page({**EDIT, "kind": "merge-authors", "data": data}).changesets
    assert (found.master, found.duplicates) == (Key("author", 5981207), (Key("author", 60280),))


@pytest.mark.parametrize(
    "changes",
    [None, [], [{"key": None}], [{}], [{"key": "/people/x"}], [{"key": "/books/OL1W"}], [{"key": "/languages/eng"}]],
)
def test_changesets_that_touch_no_book(changes: Any) -> None:
    assert page({**EDIT, "changes": changes, "kind": "a-new-kind"}).changesets[0].changes == ()


@pytest.mark.parametrize(
    "name",
    [
        "recentchanges_2013-03-02_2013-03-03",
        "by_kind_add-book",
        "by_kind_edit-book",
        "by_kind_merge-authors",
        "by_kind_update",
    ],
)
def test_recorded_pages(fixtures_dir: Path, name: str) -> None:
    body = (fixtures_dir / "openlibrary" / "recentchanges" / f"{name}.json").read_bytes()
    changesets = read_changes(body, 0, 1000).changesets
    assert [each.id for each in changesets] == [int(each["id"]) for each in json.loads(body)]
    assert [each.at for each in changesets] == sorted((each.at for each in changesets), reverse=True)
    if name == "by_kind_merge-authors":
        assert all(each.master and each.duplicates for each in changesets)
    if name == "by_kind_edit-book":
        assert all(each.changes for each in changesets)


@pytest.mark.parametrize(
    ("count", "offset", "limit", "next_offset", "is_cut"),
    [
        (99, 0, 100, None, False),
        (100, 0, 100, 50, False),
        (1000, 0, 1000, 950, False),
        (1000, 9500, 1000, DEEPEST, False),
        (1000, DEEPEST, 1000, None, True),
        (999, DEEPEST, 1000, None, False),
        (0, 0, 1000, None, False),
    ],
)
def test_pages_overlap_and_end_where_the_server_does(
    count: int, offset: int, limit: int, next_offset: int | None, is_cut: bool
) -> None:
    found = page(*[EDIT] * count, offset=offset, limit=limit)
    assert (found.next_offset, found.is_cut) == (next_offset, is_cut)


def test_every_change_of_a_day_up_to_the_ceiling_is_on_some_page() -> None:
    seen, offset = 0, 0
    for _ in range(12):
        assert offset <= seen, "a gap"
        here = page(*[EDIT] * 1000, offset=offset)
        seen = offset + 1000
        if here.next_offset is None:
            break
        offset = here.next_offset
    assert (seen, here.next_offset, here.is_cut) == (11_000, None, True)


@pytest.mark.parametrize(("offset", "limit"), [(-1, 100), (DEEPEST + 1, 100), (0, 0), (0, 50), (0, 1001)])
def test_windows_that_the_server_would_put_elsewhere(offset: int, limit: int) -> None:
    with pytest.raises(BadInput):
        check_window(offset, limit)


def test_paths() -> None:
    assert changes_path(date(2013, 3, 2), None) == "/recentchanges/2013/03/02.json"
    assert changes_path(date(2013, 3, 2), "edit-book") == "/recentchanges/2013/03/02/edit-book.json"
    for kind in ("", "../x", "a/b", "Edit", "x" * 41, "edit-book\n"):
        with pytest.raises(BadInput, match="kind"):
            changes_path(date(2013, 3, 2), kind)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"<html>", b'[{"id": "1"', b'{"status": 429}'])
def test_what_is_no_list_of_changes(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_changes(body, 0, 100)


@pytest.mark.parametrize(
    "changes",
    [{"id": None}, {"id": "x"}, {"id": "-1"}, {"id": "٣"}, {"timestamp": None}, {"timestamp": "soon"}, {"changes": 5}],
)
def test_a_changeset_that_cannot_be_read_is_not_passed_over(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        page({**EDIT, **changes})


@given(mutated(json.dumps([EDIT, {**EDIT, "data": {"master": "/works/OL1W", "duplicates": ["/works/OL2W"]}}])))
def test_a_damaged_page_is_a_page_or_malformed(body: bytes) -> None:
    try:
        found = read_changes(body, 0, 100)
    except Malformed:
        return
    assert all(each.at.tzinfo for each in found.changesets)
