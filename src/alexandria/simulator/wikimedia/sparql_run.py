"""Answers to parsed queries: solutions are made pattern by pattern, the best bound first."""

from collections.abc import Iterable
from typing import Any

from alexandria.simulator.wikimedia.graph import WD, XSD, Graph, Term, TooWide
from alexandria.simulator.wikimedia.sparql_expressions import evaluate
from alexandria.simulator.wikimedia.sparql_tree import Group, Node, Part, Query, Step, Triple, Variable

Solution = dict[str, Term]
MOST_SOLUTIONS = 50_000


def run(query: Query, graph: Graph) -> tuple[list[str], list[Solution]]:
    """The variables and the solutions. Raises TooWide and NotUnderstood."""
    solutions = _solve(query.group, [{}], graph)
    names = query.variables or sorted({name for solution in solutions for name in solution if name[:1] != "."})
    solutions = _labelled(query, solutions, graph)
    for name, falling in reversed(query.order):
        solutions.sort(key=lambda solution: solution[name].value if name in solution else "", reverse=falling)
    shown = [{name: solution[name] for name in names if name in solution} for solution in solutions]
    if query.distinct:
        shown = list({tuple(sorted(solution.items())): solution for solution in shown}.values())
    end = None if query.limit is None else query.offset + query.limit
    return names, shown[query.offset : end]


def _solve(group: Group, solutions: list[Solution], graph: Graph) -> list[Solution]:
    """The solutions of a group: what binds first, what narrows afterwards."""
    parts = [part for part in group if isinstance(part, Part)]
    triples = [part for part in group if isinstance(part, Triple)]
    for part in parts:
        if part.kind == "values":
            solutions = [joined for solution in solutions for joined in _joined(solution, *part.value)]
    unions = [part for part in parts if part.kind == "union"]
    while triples or unions:
        bound = set(solutions[0]) if solutions else set()
        triple = min(triples, key=lambda each: _cost(each, bound), default=None)
        if triple is None or (unions and _cost(triple, bound) > 2):
            union = unions.pop(0)
            solutions = [found for each in union.value for found in _solve(each, solutions, graph)]
            continue
        triples.remove(triple)
        solutions = [found for solution in solutions for found in _matches(triple, solution, graph)]
        if len(solutions) > MOST_SOLUTIONS:
            raise TooWide("too many solutions")
    return _narrow(parts, solutions, graph)


def _narrow(parts: Iterable[Part], solutions: list[Solution], graph: Graph) -> list[Solution]:
    for part in parts:
        if part.kind == "optional":
            solutions = [found for each in solutions for found in _solve(part.value, [each], graph) or [each]]
        elif part.kind == "minus":
            solutions = [each for each in solutions if not _solve(part.value, [each], graph)]
        elif part.kind == "bind":
            expression, name = part.value
            solutions = [_bound(each, name, evaluate(expression, each)) for each in solutions]
    for part in parts:
        if part.kind == "filter":
            solutions = [each for each in solutions if evaluate(part.value, each) is True]
    return solutions


def _joined(solution: Solution, names: list[str], rows: list[list[Term | None]]) -> list[Solution]:
    found = []
    for row in rows:
        given = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        if all(solution.get(name, term) == term for name, term in given.items()):
            found.append({**solution, **given})
    return found


def _cost(triple: Triple, bound: set[str]) -> int:
    """How wide a pattern is: 0 both ends known, 1 the subject, 2 the object, 3 neither."""
    subject, value = (not isinstance(node, Variable) or node.name in bound for node in (triple.subject, triple.object))
    return 0 if subject and value else 1 if subject else 2 if value else 3


def _matches(triple: Triple, solution: Solution, graph: Graph) -> list[Solution]:
    subject, value = _term(triple.subject, solution), _term(triple.object, solution)
    if subject is not None:
        reached = _forward([subject], triple.path, graph)
        return [found for term in reached if (found := _unified(triple.object, term, value, solution)) is not None]
    if value is None:
        raise TooWide("a pattern has neither its subject nor its object bound")
    return [{**solution, _name(triple.subject): term} for term in _backward([value], triple.path, graph)]


def _unified(node: Node, term: Term, bound: Term | None, solution: Solution) -> Solution | None:
    if bound is None:
        return {**solution, _name(node): term}
    return solution if term[:2] == bound[:2] and term.language == bound.language else None


def _forward(terms: list[Term], path: tuple[Step, ...], graph: Graph) -> list[Term]:
    for step in path:
        reached = [found for term in terms for name in step.predicates for found in graph.objects(term, name)]
        while step.star and set(reached) - set(terms):
            terms = list(dict.fromkeys([*terms, *reached]))
            reached = [found for term in terms for name in step.predicates for found in graph.objects(term, name)]
        terms = terms if step.star else reached
    return terms


def _backward(terms: list[Term], path: tuple[Step, ...], graph: Graph) -> list[Term]:
    for step in reversed(path):
        if not step.star:
            terms = [found for term in terms for name in step.predicates for found in graph.subjects(name, term)]
    return terms


def _term(node: Node, solution: Solution) -> Term | None:
    return solution.get(node.name) if isinstance(node, Variable) else node


def _name(node: Node) -> str:
    assert isinstance(node, Variable)
    return node.name


def _bound(solution: Solution, name: str, value: Any) -> Solution:
    if isinstance(value, bool):
        value = Term("literal", str(value).lower(), XSD + "boolean")
    return {**solution, name: value} if value is not None else solution


def _labelled(query: Query, solutions: list[Solution], graph: Graph) -> list[Solution]:
    """The solutions with what the label service adds: `?xLabel` and `?xDescription` for `?x`."""
    languages = next((part.value for part in query.group if isinstance(part, Part) and part.kind == "label"), None)
    if languages is None:
        return solutions
    for ending, part in (("Label", "labels"), ("Description", "descriptions")):
        for name in query.variables:
            base = name.removesuffix(ending)
            if base != name:
                solutions = [_with_label(each, base, name, languages, part, graph) for each in solutions]
    return solutions


def _with_label(solution: Solution, base: str, name: str, languages: list[str], part: str, graph: Graph) -> Solution:
    term = solution.get(base)
    if term is None or name in solution:
        return solution
    text = graph.label(term, languages, part)
    if text is None:
        text = term.value.removeprefix(WD) if part == "labels" else None
    return solution if text is None else {**solution, name: Term("literal", text, "", languages[0])}
