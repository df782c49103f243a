"""Decoding that never gives up on a record for one bad field."""

import json
from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec

from alexandria.biblio.openlibrary import wire
from alexandria.biblio.openlibrary.wire import Contributor, Ref, Role, TextValue, Wire

DECODERS = {shape: msgspec.json.Decoder(shape) for shape in set(wire.TYPES.values())}


def decode_wire(raw: bytes, shape: type[Wire]) -> Wire:
    """The record as `shape`, repaired where it breaks it.

    Raises ValueError when `raw` is no JSON object at all.
    """
    try:
        return DECODERS[shape].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        found = json.loads(raw.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return repair(found, shape)


def repair(found: dict[str, Any], shape: type[Wire]) -> Wire:
    """The same record with every field brought to its type, or left out where that is impossible."""
    return shape(**{name: FIXES[kind](found[name]) for name, kind in FIELDS[shape].items() if name in found})


def _line(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("value", value.get("key"))
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict) and all(key.isdigit() for key in value):
        return list(value.values())  # a list sent as an object with numbers for keys
    return value if isinstance(value, list) else [value]


def _lines(value: Any) -> list[str]:
    return [text for item in _items(value) if (text := _line(item)) is not None]


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and not value.is_integer():  # also inf and nan
        return None
    if isinstance(value, int | float):
        return int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 10:
        return int(value)
    return None


def _numbers(value: Any) -> list[int | None]:
    return [_whole(item) for item in _items(value)]


def _refs(value: Any) -> list[Ref]:
    refs = []
    for item in _items(value):
        if isinstance(item, dict) and "key" not in item:
            item = item.get("author", item.get("work"))
        key = item.get("key") if isinstance(item, dict) else item
        if isinstance(key, str):
            refs.append(Ref(key))
    return refs


def _roles(value: Any) -> list[Role]:
    inner = [item.get("author", item) if isinstance(item, dict) else item for item in _items(value)]
    return [Role(ref) for ref in _refs(inner)]


def _text_lists(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {str(scheme): _lines(values) for scheme, values in value.items()}


def _text_map(value: Any) -> dict[str, str]:
    return {scheme: values[0] for scheme, values in _text_lists(value).items() if values}


def _contributors(value: Any) -> list[Contributor]:
    people = []
    for item in _items(value):
        name = _line(item.get("name")) if isinstance(item, dict) else _line(item)
        if name:
            people.append(Contributor(name, _line(item.get("role")) if isinstance(item, dict) else None))
    return people


def _text(value: Any) -> str | TextValue | None:
    return _line(value)


FIXES: dict[Any, Callable[[Any], Any]] = {
    wire.Line: _line,
    wire.Lines: _lines,
    wire.Text: _text,
    wire.Refs: _refs,
    wire.Roles: _roles,
    wire.Numbers: _numbers,
    wire.Whole: _whole,
    wire.TextLists: _text_lists,
    wire.TextMap: _text_map,
    wire.Contributors: _contributors,
}
FIELDS = {shape: get_type_hints(shape) for shape in set(wire.TYPES.values())}
