"""What a parsed query is made of."""

from typing import Any, NamedTuple

from alexandria.simulator.wikimedia.graph import Term


class NotUnderstood(Exception):
    """The query is malformed, or uses what is not simulated; the text says where."""


class Variable(NamedTuple):
    """A variable, without its question mark."""

    name: str


class Step(NamedTuple):
    """One step of a path: any of these predicates, once, or (`star`) as often as there are some."""

    predicates: tuple[str, ...]
    star: bool = False


Node = Term | Variable


class Triple(NamedTuple):
    """A pattern; a path has at least one step."""

    subject: Node
    path: tuple[Step, ...]
    object: Node


class Part(NamedTuple):
    """Another part of a group: `kind` is values, optional, union, minus, filter, bind or label."""

    kind: str
    value: Any


Group = list[Triple | Part]


class Query(NamedTuple):
    """A whole query; `variables` is empty for `*`; `order` names variables, and whether they fall."""

    variables: list[str]
    group: Group
    distinct: bool
    order: list[tuple[str, bool]]
    limit: int | None
    offset: int
