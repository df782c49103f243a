"""Records of the web API: what they are, what they are not, and that the mirror can load them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.biblio.keys import Key, parse_key
from alexandria.biblio.records import Author, Edition, Redirect, Work
from alexandria.errors import Malformed
from alexandria.mirror.parse import parse_line
from alexandria.providers.open_library.records import Fetched, path_of, read_fetched, read_many
from tests.providers.open_library.mutations import mutated

AUTHOR = {"key": "/authors/OL7A", "type": {"key": "/type/author"}, "name": "Roald Dahl", "revision": 3}
EDITION = {
    "key": "/books/OL7M",
    "type": {"key": "/type/edition"},
    "title": "Fantastic Mr. Fox",
    "works": [{"key": "/works/OL45804W"}],
    "authors": [{"key": "/authors/OL34184A"}],
    "isbn_10": ["0140328726"],
    "isbn_13": ["978-0-14-032872-1"],
    "publishers": ["Puffin"],
    "publish_date": "October 1, 1988",
    "covers": [-1, 8739161],
    "description": {"type": "/type/text", "value": "A fox.\r\n\r\nA good one."},
    "last_modified": {"type": "/type/datetime", "value": "2022-03-04T11:23:59.805382"},
    "latest_revision": 9,
    "revision": 9,
}


@pytest.fixture
def api(fixtures_dir: Path) -> Path:
    folder = fixtures_dir / "openlibrary" / "api"
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}")
    return folder


@pytest.mark.parametrize(
    ("name", "key", "kind", "revision", "modified"),
    [
        ("author", "OL1A", Author, 6, "2008-11-16T07:25:54.131674"),
        ("author_OL39872A", "OL39872A", Author, 9, "2025-12-10T17:56:42.046613"),
        ("book", "OL23109860M", Edition, 12, "2011-08-12T01:22:25.394416"),
        ("isbn_9780525509288", "OL27266357M", Edition, 13, "2023-03-08T04:02:51.534273"),
        ("ol_work", "OL15832982W", Work, None, None),
        ("work_redirect", "OL100005W", Redirect, 4, None),
        ("work_delete", "OL1000619W", Redirect, 2, None),
    ],
)
def test_recorded(api: Path, name: str, key: str, kind: type, revision: int | None, modified: str | None) -> None:
    raw = (api / f"{name}.json").read_bytes()
    found = read_fetched(raw, parse_key(json.loads(raw)["key"]))
    assert isinstance(found.record, kind)
    if name != "ol_work":
        assert (found.key, found.revision, found.modified) == (parse_key(key), revision, modified)


def test_a_redirect_and_a_deletion_come_as_records(api: Path) -> None:
    moved = read_fetched((api / "work_redirect.json").read_bytes(), Key("work", 100005)).record
    gone = read_fetched((api / "work_delete.json").read_bytes(), Key("work", 1000619)).record
    assert isinstance(moved, Redirect)
    assert isinstance(gone, Redirect)
    assert (moved.target, gone.target) == (Key("work", 27448), None)


def test_every_recorded_record_can_be_loaded_into_the_mirror(api: Path) -> None:
    for path in sorted(api.glob("*.json")):
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict) or "key" not in found or "type" not in found:
            continue
        fetched = read_fetched(path.read_bytes(), parse_key(found["key"]))
        table, row, _ = parse_line(fetched.line)
        assert table in ("authors", "works", "editions", "redirects")
        assert str(fetched.key.number) in row


def test_the_line_of_a_record_says_what_the_record_says() -> None:
    pretty = json.dumps(EDITION, indent="\t").encode()
    line = read_fetched(pretty, Key("edition", 7)).line
    kind, key, revision, modified, raw = line.split(b"\t")
    assert (kind, key, revision) == (b"/type/edition", b"/books/OL7M", b"9")
    assert modified == b"2022-03-04T11:23:59.805382"
    assert b"\n" not in line
    assert json.loads(raw) == EDITION


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"key": "/books/OL8M"}, "where /books/OL7M was asked for"),
        ({"key": "/works/OL7W"}, "where /books/OL7M was asked for"),
        ({"key": "OL7M"}, "where /books/OL7M was asked for"),
        ({"key": None}, "where /books/OL7M was asked for"),
        ({"type": {"key": "/type/work"}}, "cannot be read"),
        ({"type": {"key": "/type/page"}}, "type '/type/page'"),
        ({"type": None}, "type None"),
        ({"type": {"key": ["/type/edition"]}}, "type"),
        ({"type": "/type/redirect", "location": "/nowhere"}, "cannot be read"),
        ({"type": "/type/redirect", "location": "/authors/AX12A"}, "our own key"),
        ({"type": "/type/redirect", "location": "/works/AXE7W"}, "our own key"),
    ],
)
def test_what_is_another_record_or_none(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        read_fetched(json.dumps({**EDITION, **changes}).encode(), Key("edition", 7))


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b'"x"', b"3", b"<html><body>Busy</body></html>", b'{"key": "/books/OL7M"', b"\xff", b"{}"],
)
def test_what_is_no_record_at_all(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_fetched(raw, Key("edition", 7))


@pytest.mark.parametrize(
    ("fields", "revision", "modified"),
    [
        ({"revision": None}, 9, "2022-03-04T11:23:59.805382"),
        ({"latest_revision": None}, 9, "2022-03-04T11:23:59.805382"),
        ({"revision": "9", "latest_revision": True}, None, "2022-03-04T11:23:59.805382"),
        ({"last_modified": "2022-03-04T11:23:59"}, 9, "2022-03-04T11:23:59"),
        ({"last_modified": {"value": "yesterday"}}, 9, None),
        ({"last_modified": 5}, 9, None),
    ],
)
def test_what_a_record_says_of_itself(fields: dict[str, Any], revision: int | None, modified: str | None) -> None:
    found = read_fetched(json.dumps({**EDITION, **fields}).encode(), Key("edition", 7))
    assert (found.revision, found.modified) == (revision, modified)


def test_a_type_may_be_a_bare_text() -> None:
    assert (
        read_fetched(json.dumps({**AUTHOR, "type": "/type/author"}).encode(), Key("author", 7)).type == "/type/author"
    )


def test_get_many_recorded(api: Path) -> None:
    body = (api / "get_many.json").read_bytes()
    keys = [parse_key(key) for key in json.loads(body)["result"]]
    gone = Key("edition", 1)
    found = read_many(body, [*keys, gone])
    assert list(found.found) == keys
    assert found.missing == (gone,)
    assert not found.unreadable
    assert all(parse_line(fetched.line)[0] == "editions" for fetched in found.found.values())


def test_one_bad_record_costs_no_other() -> None:
    keys = [Key("edition", 7), Key("author", 7), Key("work", 1), Key("work", 2), Key("work", 3)]
    other = {**AUTHOR, "key": "/authors/OL8A"}
    result = {"/books/OL7M": EDITION, "/authors/OL7A": other, "/works/OL1W": None, "/works/OL2W": 5}
    found = read_many(json.dumps({"status": "ok", "result": result}).encode(), keys)
    assert list(found.found) == [keys[0]]
    assert set(found.unreadable) == {keys[1], keys[3]}
    assert found.missing == (keys[2], keys[4])


@pytest.mark.parametrize("bad", ["\ud800 half a pair", "\x00 nothing"])
def test_half_a_character_in_one_record_costs_no_other(bad: str) -> None:
    result = {"/books/OL7M": {**EDITION, "title": bad}, "/authors/OL7A": AUTHOR}
    keys = [Key("edition", 7), Key("author", 7)]
    found = read_many(json.dumps({"result": result}).encode(), keys)
    assert list(found.found) == keys
    record = found.found[keys[0]].record
    assert isinstance(record, Edition)
    assert record.title == bad[2:]


@pytest.mark.parametrize(
    "body", [b"{}", b"", b"[]", b'{"status": "ok"}', b'{"result": []}', b'{"result": null}', b'{"error": "x"}', b"<p>"]
)
def test_a_get_many_that_says_nothing_of_records(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_many(body, [Key("edition", 7)])


def test_only_open_librarys_own_keys_have_a_path() -> None:
    assert path_of(Key("author", 34184)) == "/authors/OL34184A"
    for ours in (Key("work", -7), Key("work", 10**12 + 1)):
        with pytest.raises(ValueError, match="our own"):
            path_of(ours)


@given(mutated(json.dumps(EDITION)))
def test_a_damaged_record_is_a_record_or_malformed(raw: bytes) -> None:
    try:
        found = read_fetched(raw, Key("edition", 7))
    except Malformed:
        return
    assert isinstance(found, Fetched)
    assert found.key == Key("edition", 7)
    parse_line(found.line)


@given(mutated(json.dumps({"status": "ok", "result": {"/books/OL7M": EDITION, "/authors/OL7A": AUTHOR}})))
def test_a_damaged_get_many_accounts_for_every_key_or_is_malformed(body: bytes) -> None:
    keys = [Key("edition", 7), Key("author", 7), Key("work", 9)]
    try:
        found = read_many(body, keys)
    except Malformed:
        return
    assert sorted([*found.found, *found.missing, *found.unreadable]) == sorted(keys)


@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_fetched(raw)
