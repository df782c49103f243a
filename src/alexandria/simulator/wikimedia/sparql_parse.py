"""Queries as trees: the part of SPARQL that look-ups by identifier need.

SELECT with variables, VALUES, triples (`;` and `,`, paths of `/`, `|` and `*`), OPTIONAL, UNION, MINUS, FILTER, BIND,
`SERVICE wikibase:label`, DISTINCT, ORDER BY, LIMIT, OFFSET. Whatever else is met is refused by name.
"""

from typing import Any

from alexandria.simulator.wikimedia.graph import WDT, Term
from alexandria.simulator.wikimedia.sparql_expressions import read_expression
from alexandria.simulator.wikimedia.sparql_tokens import Tokens
from alexandria.simulator.wikimedia.sparql_tree import Group, Node, NotUnderstood, Part, Query, Step, Triple, Variable

_PARTS = ("OPTIONAL", "MINUS", "VALUES", "FILTER", "BIND", "SERVICE")


def parse_query(text: str) -> Query:
    """The query. Raises NotUnderstood."""
    tokens = Tokens(text)
    while tokens.take_word("PREFIX"):
        name, address = tokens.next(), tokens.next()
        tokens.prefixes[name.rstrip(":")] = address.strip("<>")
    if not tokens.take_word("SELECT"):
        raise NotUnderstood(f"only SELECT is simulated, not {tokens.peek()!r}")
    distinct = tokens.take_word("DISTINCT") or tokens.take_word("REDUCED")
    variables = [] if tokens.take("*") else [tokens.variable()]
    while variables and tokens.at_variable():
        variables.append(tokens.variable())
    tokens.take_word("WHERE")
    group = _group(tokens)
    order, limit, offset = _modifiers(tokens)
    if tokens.peek():
        raise NotUnderstood(f"{tokens.peek()!r} is not simulated")
    return Query(variables, group, distinct, order, limit, offset)


def _modifiers(tokens: Tokens) -> tuple[list[tuple[str, bool]], int | None, int]:
    order: list[tuple[str, bool]] = []
    limit, offset = None, 0
    while True:
        if tokens.take_word("ORDER"):
            tokens.expect("BY")
            while tokens.at_variable() or tokens.peek().upper() in ("ASC", "DESC"):
                order.append(_order(tokens))
        elif tokens.take_word("LIMIT"):
            limit = tokens.number()
        elif tokens.take_word("OFFSET"):
            offset = tokens.number()
        else:
            return order, limit, offset


def _order(tokens: Tokens) -> tuple[str, bool]:
    falling = tokens.take_word("DESC")
    if not falling and not tokens.take_word("ASC"):
        return tokens.variable(), False
    tokens.expect("(")
    name = tokens.variable()
    tokens.expect(")")
    return name, falling


def _group(tokens: Tokens) -> Group:
    tokens.descend()
    tokens.expect("{")
    found: Group = []
    while not tokens.take("}"):
        found += _item(tokens)
        tokens.take(".")
    tokens.ascend()
    return found


def _item(tokens: Tokens) -> Group:
    word = tokens.peek().upper()
    if word in _PARTS:
        tokens.next()
        return [_part(tokens, word)]
    if word == "{":
        groups = [_group(tokens)]
        while tokens.take_word("UNION"):
            groups.append(_group(tokens))
        return [Part("union", groups)]
    return list(_triples(tokens))


def _part(tokens: Tokens, word: str) -> Part:
    if word in ("OPTIONAL", "MINUS"):
        return Part(word.lower(), _group(tokens))
    if word == "VALUES":
        return Part("values", _values(tokens))
    if word == "FILTER":
        return Part("filter", read_expression(tokens))
    return Part("bind", _bind(tokens)) if word == "BIND" else Part("label", _label_languages(tokens))


def _values(tokens: Tokens) -> tuple[list[str], list[list[Term | None]]]:
    bracketed = tokens.take("(")
    names = [tokens.variable()]
    while bracketed and not tokens.take(")"):
        names.append(tokens.variable())
    tokens.expect("{")
    rows: list[list[Term | None]] = []
    while not tokens.take("}"):
        if bracketed:
            tokens.expect("(")
        rows.append([_value(tokens) for _ in names])
        if bracketed:
            tokens.expect(")")
    return names, rows


def _value(tokens: Tokens) -> Term | None:
    if tokens.take_word("UNDEF"):
        return None
    node = tokens.node()
    if isinstance(node, Variable):
        raise NotUnderstood("VALUES holds a variable")
    return node


def _bind(tokens: Tokens) -> tuple[Any, str]:
    tokens.expect("(")
    expression = read_expression(tokens)
    tokens.expect("AS")
    name = tokens.variable()
    tokens.expect(")")
    return expression, name


def _label_languages(tokens: Tokens) -> list[str]:
    """The languages of `SERVICE wikibase:label`."""
    if tokens.next() != "wikibase:label":
        raise NotUnderstood("of services only wikibase:label is simulated")
    tokens.expect("{")
    languages: list[str] = []
    while not tokens.take("}"):
        token = tokens.next()
        if token[0] in "\"'":
            languages += [language.strip() for language in token[1:-1].split(",")]
    return ["en" if language == "[AUTO_LANGUAGE]" else language for language in languages]


def _triples(tokens: Tokens) -> list[Triple]:
    return _about(tokens, tokens.node())


def _about(tokens: Tokens, subject: Node) -> list[Triple]:
    """The triples of a subject, up to the end of its sentence."""
    found = []
    while True:
        path = _path(tokens)
        found += _object(tokens, subject, path)
        while tokens.take(","):
            found += _object(tokens, subject, path)
        if not tokens.take(";"):
            return found
        while tokens.take(";"):
            pass
        if tokens.peek() in (".", "}", "]"):
            return found


def _object(tokens: Tokens, subject: Node, path: tuple[Step, ...]) -> list[Triple]:
    """The triple with the object that comes next; `[ … ]` is a node without a name, with triples of its own."""
    if not tokens.take("["):
        return [Triple(subject, path, tokens.node())]
    tokens.descend()
    node = tokens.unnamed()
    found = [Triple(subject, path, node)]
    if not tokens.take("]"):
        found += _about(tokens, node)
        tokens.expect("]")
    tokens.ascend()
    return found


def _path(tokens: Tokens) -> tuple[Step, ...]:
    steps = [_step(tokens)]
    while tokens.take("/"):
        steps.append(_step(tokens))
    return tuple(steps)


def _step(tokens: Tokens) -> Step:
    bracketed = tokens.take("(")
    predicates = [_predicate(tokens)]
    while tokens.take("|"):
        predicates.append(_predicate(tokens))
    if bracketed:
        tokens.expect(")")
    return Step(tuple(predicates), tokens.take("*"))


def _predicate(tokens: Tokens) -> str:
    if tokens.take("a"):
        return WDT + "P31"
    node = tokens.node()
    if isinstance(node, Variable) or node.type != "uri":
        raise NotUnderstood("a predicate must be named")
    return node.value
