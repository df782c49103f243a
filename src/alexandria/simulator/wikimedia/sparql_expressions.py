"""Expressions of FILTER and BIND: read into trees of (operator, operand, …), and worked out for a solution."""

from collections.abc import Mapping
from typing import Any

from alexandria.simulator.wikimedia.graph import XSD, Term
from alexandria.simulator.wikimedia.sparql_tokens import Tokens
from alexandria.simulator.wikimedia.sparql_tree import NotUnderstood, Variable

_TEXTS = ("LANG", "STR", "LCASE", "UCASE", "DATATYPE", "YEAR")
_TESTS = ("STRSTARTS", "CONTAINS", "ISIRI", "ISLITERAL")
_SIGNS = ("=", "!=", "<=", ">=", "<", ">")


def read_expression(tokens: Tokens) -> Any:
    """The tree of the expression that comes next."""
    tokens.descend()
    left = _conjunction(tokens)
    while tokens.take("||"):
        left = ("||", left, _conjunction(tokens))
    tokens.ascend()
    return left


def evaluate(tree: Any, solution: Mapping[str, Term]) -> Any:
    """A term, a truth value, or None where something is unbound, which no filter lets through."""
    if isinstance(tree, Variable):
        return solution.get(tree.name)
    if isinstance(tree, Term):
        return tree
    name, *operands = tree
    if name == "BOUND":
        return evaluate(operands[0], solution) is not None
    values = [evaluate(operand, solution) for operand in operands]
    if name in ("&&", "||"):
        return (all if name == "&&" else any)(value is True for value in values)
    if None in values:
        return None
    if name == "!":
        return values[0] is not True
    if name in ("=", "!=", "IN"):
        return any(_same(values[0], value) for value in values[1:]) is not (name == "!=")
    if name in _SIGNS:
        return _compare(name, _number(values[0]), _number(values[1]))
    return _test(name, *values) if name in _TESTS else _text(name, values[0])


def _conjunction(tokens: Tokens) -> Any:
    left = _comparison(tokens)
    while tokens.take("&&"):
        left = ("&&", left, _comparison(tokens))
    return left


def _comparison(tokens: Tokens) -> Any:
    left = _operand(tokens)
    for sign in _SIGNS:
        if tokens.take(sign):
            return (sign, left, _operand(tokens))
    if tokens.take_word("IN"):
        return ("IN", left, *_arguments(tokens))
    return left


def _operand(tokens: Tokens) -> Any:
    if tokens.take("!"):
        return ("!", _operand(tokens))
    if tokens.take("("):
        inner = read_expression(tokens)
        tokens.expect(")")
        return inner
    name = tokens.peek().upper()
    if name in (*_TEXTS, *_TESTS, "BOUND"):
        tokens.next()
        return (name, *_arguments(tokens))
    return tokens.node()


def _arguments(tokens: Tokens) -> list[Any]:
    tokens.expect("(")
    found = [read_expression(tokens)]
    while tokens.take(","):
        found.append(read_expression(tokens))
    tokens.expect(")")
    return found


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, Term) and isinstance(second, Term):
        return (first.type, first.value, first.language) == (second.type, second.value, second.language)
    return first is second


def _number(term: Any) -> float:
    try:
        return float(term.value)
    except (AttributeError, ValueError):
        raise NotUnderstood("only numbers are compared by size") from None


def _compare(sign: str, left: float, right: float) -> bool:
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[sign]


def _test(name: str, first: Term, second: Term | None = None) -> bool:
    if name in ("ISIRI", "ISLITERAL"):
        return first.type == ("uri" if name == "ISIRI" else "literal")
    if second is None:
        raise NotUnderstood(f"{name} needs two arguments")
    return first.value.startswith(second.value) if name == "STRSTARTS" else second.value in first.value


def _text(name: str, term: Term) -> Term:
    values = {
        "LANG": term.language,
        "STR": term.value,
        "LCASE": term.value.lower(),
        "UCASE": term.value.upper(),
        "DATATYPE": term.datatype,
        "YEAR": term.value[: term.value.find("-", 1)],
    }
    return Term("literal", values[name], XSD + "integer" if name == "YEAR" else "")
