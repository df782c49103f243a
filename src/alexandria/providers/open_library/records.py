"""Records as Open Library sends them: read, checked, and kept raw beside, for whoever applies them to the mirror.

A redirect and a deletion come with HTTP 200 and are records too. Raises Malformed for all that is no record, or another
one than was asked for.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from alexandria.biblio.keys import Key, Kind, format_key, ol_number
from alexandria.biblio.openlibrary import TYPES, decode_wire, read_record
from alexandria.biblio.records import Record, Redirect
from alexandria.errors import Malformed
from alexandria.providers.open_library.profile import BUCKET
from alexandria.providers.open_library.wire import EnvelopeWire, ManyWire

FOLDERS: dict[Kind, str] = {"edition": "books", "work": "works", "author": "authors"}
KINDS: dict[str, Kind] = {folder: kind for kind, folder in FOLDERS.items()}
LONGEST_SHOWN = 60  # characters of what they said, in our errors
_envelope = msgspec.json.Decoder(EnvelopeWire)
_many = msgspec.json.Decoder(ManyWire)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One record. `revision` and `modified` (ISO, UTC without a zone) as it says itself; `raw` is its JSON."""

    key: Key
    type: str
    revision: int | None
    modified: str | None
    record: Record
    raw: bytes

    @property
    def line(self) -> bytes:
        """The line that stands for the record in a dump: what the mirror loads."""
        columns = (self.type, path_of(self.key), str(self.revision or 0), self.modified or "")
        return b"\t".join([*(column.encode() for column in columns), self.raw.translate(None, b"\t\r\n")])


@dataclass(frozen=True, slots=True)
class Many:
    """What became of each key: fetched, not there, or there but not to be read (and why)."""

    found: Mapping[Key, Fetched]
    missing: tuple[Key, ...]
    unreadable: Mapping[Key, str]


def path_of(key: Key) -> str:
    """The key as Open Library writes it, `/books/OL7353617M`. ValueError for one that is not its own."""
    text = format_key(*key)
    if not text.startswith("OL"):
        raise ValueError(f"{text} is our own key, which Open Library does not know")
    return f"/{FOLDERS[key.kind]}/{text}"


def read_fetched(raw: bytes, asked: Key | None = None) -> Fetched:
    """The record in a JSON text, which must be the one that was asked for (None: any edition)."""
    envelope = _read_envelope(raw)
    name = envelope.key
    key = _key(name)
    if key is None or (asked is not None and key != asked) or (asked is None and key.kind != "edition"):
        wanted = path_of(asked) if asked else "an edition"
        raise Malformed(BUCKET, f"sent {_shown(name)} where {wanted} was asked for")
    type_name = envelope.type.get("key") if isinstance(envelope.type, dict) else envelope.type
    shape = TYPES.get(type_name) if isinstance(type_name, str) else None
    if shape is None:
        raise Malformed(BUCKET, f"{name} is of the type {_shown(type_name)}, which we do not know")
    try:
        record = read_record(name, decode_wire(raw, shape), raw)
        if isinstance(record, Redirect) and record.target:
            path_of(record.target)  # nothing of theirs leads to a key of ours
    except ValueError as error:
        raise Malformed(BUCKET, f"{name} cannot be read: {error}") from error
    revision = _whole(envelope.revision) or _whole(envelope.latest_revision)
    return Fetched(key, str(type_name), revision, _time(envelope.last_modified), record, raw)


def read_many(body: bytes, asked: Iterable[Key]) -> Many:
    """The records of a `get_many`: each key that was asked for is in one of the three parts."""
    records = _read_result(body)
    found: dict[Key, Fetched] = {}
    missing: list[Key] = []
    unreadable: dict[Key, str] = {}
    for key in dict.fromkeys(asked):
        raw = records.get(path_of(key))
        if raw is None or raw == b"null":
            missing.append(key)
            continue
        try:
            found[key] = read_fetched(raw, key)
        except Malformed as error:
            unreadable[key] = str(error)
    return Many(found, tuple(missing), unreadable)


def _read_envelope(raw: bytes) -> EnvelopeWire:
    try:
        return _envelope.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _patiently(raw)
        return EnvelopeWire(**{name: found.get(name) for name in EnvelopeWire.__struct_fields__})


def _read_result(body: bytes) -> Mapping[str, bytes]:
    """The JSON of each record, by its key."""
    try:
        return {key: bytes(raw) for key, raw in _many.decode(body).result.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        result = _patiently(body).get("result")
    if not isinstance(result, dict):
        raise Malformed(BUCKET, "get_many says nothing of records")
    return {key: json.dumps(record).encode() for key, record in result.items()}


def _patiently(raw: bytes) -> dict[str, Any]:
    """A JSON object that a strict reader refuses for one half of a character pair, or bytes that are no UTF-8."""
    try:
        found = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Malformed(BUCKET, f"sent no JSON: {_shown(raw[:LONGEST_SHOWN].decode('utf-8', 'replace'))}") from error
    if not isinstance(found, dict):
        raise Malformed(BUCKET, f"sent no record: {_shown(found)}")
    return found


def _key(name: Any) -> Key | None:
    """The key that a record gives itself: only in Open Library's own spelling."""
    if not isinstance(name, str):
        return None
    folder = name[1:].partition("/")[0]
    try:
        key = Key(KINDS[folder], ol_number(name))
        return key if path_of(key) == name else None
    except (KeyError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 < value < 10**9 else None


def _time(value: Any) -> str | None:
    """`{"type": "/type/datetime", "value": …}` or the bare text: ISO without a zone, which is UTC."""
    text = value.get("value") if isinstance(value, dict) else value
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return when.replace(tzinfo=None).isoformat() if when else None


def _shown(value: Any) -> str:
    return repr(value)[:LONGEST_SHOWN]
