"""The tokens of a query, one after the other, and the nodes that they write."""

import re

from alexandria.simulator.wikimedia.graph import (
    ALIAS,
    LABEL,
    PS,
    PSV,
    SCHEMA,
    STATEMENTS,
    WD,
    WDT,
    WIKIBASE,
    XSD,
    Term,
    uri,
)
from alexandria.simulator.wikimedia.sparql_tree import Node, NotUnderstood, Variable

DEEPEST = 20
_PREFIXES = {
    "wd": WD, "wdt": WDT, "p": STATEMENTS, "ps": PS, "psv": PSV, "wikibase": WIKIBASE, "schema": SCHEMA, "xsd": XSD,
    "rdfs": LABEL[: -len("label")], "skos": ALIAS[: -len("altLabel")], "bd": "http://www.bigdata.com/rdf#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}  # fmt: skip
_TOKEN = re.compile(
    r"\s+|#[^\n]*|(<[^<>\s]*>|[?$]\w+|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|@[A-Za-z-]+|\^\^|&&|\|\||!=|<=|>="
    r"|[A-Za-z][\w-]*:[\w.-]*\w|[A-Za-z][\w-]*:|[A-Za-z_]\w*|\d+(?:\.\d+)?|[{}().;,/|*=<>!\[\]+^])"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Tokens:
    """A query's tokens with a place among them; every method that finds something else raises NotUnderstood."""

    def __init__(self, text: str) -> None:
        self._tokens = _split(text)
        self._place = 0
        self._depth = self._unnamed = 0
        self.prefixes = dict(_PREFIXES)

    def peek(self) -> str:
        """The next token, "" at the end."""
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def next(self) -> str:
        """The next token, which is passed."""
        token = self.peek()
        if not token:
            raise NotUnderstood("the query ends too early")
        self._place += 1
        return token

    def take(self, token: str) -> bool:
        """Whether the next token is this one; if so it is passed."""
        found = self.peek() == token
        self._place += found
        return found

    def take_word(self, word: str) -> bool:
        """As `take`, for a keyword in any case."""
        found = self.peek().upper() == word
        self._place += found
        return found

    def expect(self, *tokens: str) -> None:
        """Nothing; the next tokens must be these, keywords in any case."""
        for token in tokens:
            if not self.take_word(token):
                raise NotUnderstood(f"expected {token!r}, not {self.peek()!r}")

    def at_variable(self) -> bool:
        """Whether a variable comes next."""
        return self.peek().startswith(("?", "$"))

    def variable(self) -> str:
        """The name of the variable that comes next."""
        if not self.at_variable():
            raise NotUnderstood(f"expected a variable, not {self.peek()!r}")
        return self.next()[1:]

    def number(self) -> int:
        """The whole number that comes next."""
        token = self.next()
        if not token.isdecimal():
            raise NotUnderstood(f"expected a number, not {token!r}")
        return int(token)

    def node(self) -> Node:
        """The variable, IRI or literal that comes next."""
        if self.at_variable():
            return Variable(self.variable())
        token = self.next()
        if token[0] in "\"'":
            return self._literal(token)
        if token[0] == "<" and len(token) > 1:
            return uri(token[1:-1])
        if token[0].isdecimal():
            return Term("literal", token, XSD + ("decimal" if "." in token else "integer"))
        prefix, colon, name = token.partition(":")
        if not colon or prefix not in self.prefixes:
            raise NotUnderstood(f"{token!r} is not simulated here")
        return uri(self.prefixes[prefix] + name)

    def unnamed(self) -> Variable:
        """A variable that no query can name."""
        self._unnamed += 1
        return Variable(f".{self._unnamed}")

    def descend(self) -> None:
        """Nothing; one level deeper, which `ascend` ends."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood("nested too deep")

    def ascend(self) -> None:
        self._depth -= 1

    def _literal(self, token: str) -> Term:
        text = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), token[1:-1])
        if self.peek().startswith("@"):
            return Term("literal", text, "", self.next()[1:])
        if self.take("^^"):
            datatype = self.node()
            return Term("literal", text, datatype.value if isinstance(datatype, Term) else "")
        return Term("literal", text)


def _split(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise NotUnderstood(f"{text[place : place + 20]!r} is no SPARQL")
        if match[1]:
            found.append(match[1])
        place = match.end()
    return found
