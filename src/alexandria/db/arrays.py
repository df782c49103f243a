"""Lists as the text form of PostgreSQL's arrays: the driver's own way takes each element apart, ten times as long."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

_PLAIN = (int, float, UUID)
_QUOTED = re.compile(r'["\\]')


def array_text(values: Sequence[Any]) -> str | None:
    """The values as one array of PostgreSQL's, None where the driver must do it: only plain ones are known here."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds == {str} and not _QUOTED.search("".join(values)):
        return '{"' + '","'.join(values) + '"}'
    parts = []
    for value in values:
        if value is None:
            parts.append("NULL")
        elif isinstance(value, bool):
            parts.append("t" if value else "f")
        elif isinstance(value, _PLAIN):
            parts.append(str(value))
        elif isinstance(value, str):
            parts.append('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
        elif isinstance(value, datetime):
            parts.append(f'"{value.isoformat()}"')
        else:
            return None
    return "{" + ",".join(parts) + "}"


def with_arrays(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a statement, its lists as text."""
    return {
        name: value if type(value) is not list or (text := array_text(value)) is None else text
        for name, value in params.items()
    }
