"""The `fields` parameter: a part of an answer, such as `items(id,volumeInfo(title,industryIdentifiers))`."""

import re
from typing import Any

_TOKEN = re.compile(r"[A-Za-z*]+|[(),/]")
LONGEST = 500  # characters, so that no nesting is too deep for the parser
Wanted = dict[str, Any]  # field → what is wanted of it; {} is all of it


class BadFields(ValueError):
    """The text does not follow the grammar."""


def parse_fields(text: str) -> Wanted:
    """What the parameter asks for; raises BadFields."""
    if len(text) > LONGEST:
        raise BadFields(text)
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise BadFields(text)
    tokens.reverse()
    wanted = _parse_list(tokens)
    if tokens:
        raise BadFields(text)
    return wanted


def select(value: Any, wanted: Wanted) -> Any:
    """The wanted part of a value; of a list, of each item."""
    if not wanted or "*" in wanted:
        return value
    if isinstance(value, list):
        return [select(item, wanted) for item in value]
    if isinstance(value, dict):
        return {name: select(value[name], inner) for name, inner in wanted.items() if name in value}
    return value


def _parse_list(tokens: list[str]) -> Wanted:
    wanted: Wanted = {}
    while True:
        name, inner = _parse_field(tokens)
        wanted[name] = {**wanted.get(name, {}), **inner}
        if not tokens or tokens[-1] != ",":
            return wanted
        tokens.pop()


def _parse_field(tokens: list[str]) -> tuple[str, Wanted]:
    if not tokens or tokens[-1] in "(),/":
        raise BadFields
    name = tokens.pop()
    if tokens and tokens[-1] == "/":
        tokens.pop()
        inner_name, inner = _parse_field(tokens)
        return name, {inner_name: inner}
    if tokens and tokens[-1] == "(":
        tokens.pop()
        wanted = _parse_list(tokens)
        if not tokens or tokens.pop() != ")":
            raise BadFields
        return name, wanted
    return name, {}
