"""Neutral answers as the maps of fields that are stored and folded. Pure."""

from typing import Any

import msgspec

from alexandria.biblio.answers import Answer, EditionAnswer
from alexandria.biblio.keys import format_key

_NOT_FIELDS = ("isbns", "number", "work_number", "passing_cover")  # which record it is, a key, not to be kept


def fields_of(answer: Answer) -> dict[str, Any]:
    """What an answer says, by the names of `enrichment.fields`; nothing that it does not say."""
    fields: dict[str, Any] = msgspec.to_builtins(answer)
    for name in _NOT_FIELDS:
        fields.pop(name, None)
    if isinstance(answer, EditionAnswer) and answer.work_number:
        fields["work_key"] = format_key("work", answer.work_number)
    return fields
