"""The query service as providers.md 8.1 documents it, as far as look-ups by identifier need it."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.wikimedia.entities import render_entity
from alexandria.simulator.wikimedia.graph import Graph
from alexandria.simulator.wikimedia.items import Items, isbn_values, write
from alexandria.simulator.wikimedia.sparql_parse import parse_query
from alexandria.simulator.wikimedia.sparql_run import run
from alexandria.simulator.wikimedia.sparql_tree import NotUnderstood
from tests.simulator.conftest import Find

Rows = Callable[[str], list[dict[str, str]]]
ENTITY = "http://www.wikidata.org/entity/"


@pytest.fixture(scope="session")
def items(catalogue: Catalogue) -> Items:
    return Items(catalogue)


@pytest.fixture(scope="session")
def rows(items: Items) -> Rows:
    """A function that gives the values of a query's solutions."""

    def ask(query: str) -> list[dict[str, str]]:
        _, solutions = run(parse_query(query), Graph(items))
        return [{name: term.value.removeprefix(ENTITY) for name, term in solution.items()} for solution in solutions]

    return ask


@pytest.fixture(scope="session")
def author(catalogue: Catalogue) -> int:
    """An author with an item, a birth to the day, articles and identifiers, and no second item."""
    items = Items(catalogue)
    for number in range(1_000):
        item = items.get(write("author", number))
        if item and number % 97 != 5:
            entity = render_entity(items, item)
            births = entity["claims"]["P569"]
            whole = births[0]["mainsnak"].get("datavalue", {}).get("value", {}).get("precision") == 11
            if whole and len(births) == 1 and entity["sitelinks"] and "P214" in entity["claims"]:
                return number
    raise AssertionError("no such author")


def births_of(items: Items, author: int) -> Any:
    item = items.get(write("author", author))
    return render_entity(items, item)["claims"]["P569"] if item else []


def key(author: int) -> str:
    return f"OL{10**10 + author}A"


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ?item WHERE {{ VALUES ?id {{ "{key}" }} ?item wdt:P648 ?id . }}',
        'SELECT ?item {{ ?item wdt:P648 "{key}" }}',
        'PREFIX x: <http://www.wikidata.org/prop/direct/> SELECT DISTINCT * {{ ?item x:P648 "{key}"; wdt:P31 wd:Q5. }}',
        'SELECT ?item WHERE {{ ?item wdt:P648 "{key}" . VALUES (?item ?x) {{ (wd:{item} UNDEF) }} }}',
        'SELECT ?item WHERE {{ ?item p:P648/ps:P648 "{key}" . }} LIMIT 5',
        'SELECT ?item WHERE {{ ?item p:P648 [ ps:P648 "{key}" ] . }}',
        'SELECT ?item WHERE {{ VALUES (?p ?id) {{ (1 "{key}") }} FILTER(?p = 1) ?item wdt:P648|wdt:P214 ?id }}',
        'SELECT ?item WHERE {{ {{ ?item wdt:P648 "{key}" }} UNION {{ ?item wdt:P214 "none" }} }}',
        'SELECT ?item WHERE {{ ?item wdt:P648 "{key}" . ?item wdt:P31/wdt:P279* wd:Q5 . }}',
        'SELECT ?item WHERE {{ ?item wdt:P648 "{key}" . MINUS {{ ?item wdt:P31 wd:Q571 }} }}',
        "# remark\nSELECT ?item WHERE {{ VALUES ?id {{ '{key}' }} ?item wdt:P648 ?id }} ORDER BY DESC(?item) OFFSET 0",
    ],
)
def test_an_author_by_key_in_many_ways(rows: Rows, author: int, query: str) -> None:
    found = rows(query.format(key=key(author), item=write("author", author)))
    assert [row["item"] for row in found] == [write("author", author)]


def test_many_keys_in_one_query(rows: Rows, items: Items) -> None:
    values = " ".join(f'"{key(number)}"' for number in range(200))
    found = rows(f"SELECT ?id ?item WHERE {{ VALUES ?id {{ {values} }} ?item wdt:P648 ?id }}")
    expected = {(key(n), item.id) for n in range(200) for item in items.find("P648", key(n))}
    assert {(row["id"], row["item"]) for row in found} == expected
    assert len(expected) > 150


def test_viaf_isni_and_isbn(rows: Rows, catalogue: Catalogue, author: int, find: Find) -> None:
    person = catalogue.author(author)
    assert rows(f'SELECT ?i {{ ?i wdt:P214 "{person.viaf}" }}') == [{"i": write("author", author)}]
    edition = find("wikidata", lambda e: "-" in isbn_values(e).get("P212", ""))
    found = rows(f'SELECT ?i ?t {{ ?i wdt:P212|wdt:P957 "{isbn_values(edition)["P212"]}" . ?i wdt:P1476 ?t }}')
    assert [row["t"] for row in found] == [edition.title]
    assert rows('SELECT ?i { ?i wdt:P214 "none" }') == []


def test_dates_have_invented_days_unless_their_precision_is_asked_for(rows: Rows, items: Items) -> None:
    year = next(n for n in range(500) if len(found := births_of(items, n)) == 1 and "-00-00T" in str(found))
    item = write("author", year)
    direct = rows(f"SELECT ?b {{ wd:{item} wdt:P569 ?b }}")
    assert direct[0]["b"].endswith("-01-01T00:00:00Z")
    whole = rows(f"SELECT ?p {{ wd:{item} p:P569/psv:P569 ?n . ?n wikibase:timePrecision ?p }}")
    assert int(whole[0]["p"]) < 10


def test_unknown_values_ranks_and_optional_parts(rows: Rows, items: Items) -> None:
    unknown, deprecated = [], []
    for number in range(800):
        births = births_of(items, number)
        if births and births[0]["mainsnak"]["snaktype"] == "somevalue":
            unknown.append(write("author", number))
        if births and births[0]["rank"] == "deprecated":
            deprecated.append(write("author", number))
    assert rows(f"SELECT ?b {{ wd:{unknown[0]} wdt:P569 ?b }}")[0]["b"].startswith(
        "http://www.wikidata.org/.well-known/genid/"
    )
    assert len(rows(f"SELECT ?b {{ wd:{deprecated[0]} wdt:P569 ?b }}")) == 1
    assert len(rows(f"SELECT ?b {{ wd:{deprecated[0]} p:P569/ps:P569 ?b }}")) == 2
    optional = rows(f"SELECT ?x ?d {{ VALUES ?x {{ wd:{unknown[0]} }} OPTIONAL {{ ?x wdt:P9999 ?d }} }}")
    assert optional == [{"x": unknown[0]}]


def test_labels_articles_and_filters(rows: Rows, catalogue: Catalogue, author: int) -> None:
    item, name = write("author", author), catalogue.author(author).name
    label = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "xx,mul,en,fr". }'
    assert rows(f"SELECT ?x ?xLabel {{ VALUES ?x {{ wd:{item} }} {label} }}")[0]["xLabel"] == name
    none = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "xx". }'
    assert rows(f"SELECT ?x ?xLabel {{ VALUES ?x {{ wd:{item} }} {none} }}")[0]["xLabel"] == item
    page = rows(
        f"SELECT ?t {{ ?a schema:about wd:{item} ; schema:isPartOf <https://en.wikipedia.org/> ; schema:name ?t }}"
    )
    assert page[0]["t"].startswith(name)
    texts = rows(f'SELECT ?l {{ wd:{item} rdfs:label ?l FILTER(LANG(?l) IN ("mul", "en", "fr")) }}')
    assert name in [row["l"] for row in texts]
    assert rows(f'SELECT ?l {{ wd:{item} rdfs:label ?l FILTER(LANG(?l) = "xx" || !BOUND(?l)) }}') == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "nonsense",
        "ASK { ?a ?b ?c }",
        "SELECT ?a WHERE { ?a ?b ?c }",
        "SELECT ?a WHERE { ?a wdt:P31 wd:Q5",
        "SELECT (COUNT(?a) AS ?n) WHERE { ?a wdt:P31 wd:Q5 }",
        "SELECT ?a WHERE { ?a wdt:P648 'x' } GROUP BY ?a",
        "SELECT ?a WHERE { ?a wdt:P648 'x' } LIMIT many",
        "SELECT ?a WHERE { VALUES ?a { ?b } }",
        "SELECT ?a WHERE { SERVICE <http://elsewhere.example/> { } }",
        "SELECT ?a WHERE " + "{" * 60,
        "SELECT ?a WHERE { FILTER(" + "(" * 60 + "1 }",
        "SELECT ?a WHERE { ?a wdt:P31 " + "[ wdt:P31 " * 60 + "}",
    ],
)
def test_what_is_not_simulated_is_refused_by_name(query: str) -> None:
    with pytest.raises(NotUnderstood):
        parse_query(query)


class TestOnTheWire:
    """The host around the queries."""

    @pytest.fixture
    def url(self, simulator: Simulator) -> str:
        return simulator.urls["wikidata_sparql"] + "/sparql"

    def test_get_post_and_the_forms_of_answers(self, http: httpx2.Client, url: str, author: int) -> None:
        query = f'SELECT ?item WHERE {{ ?item wdt:P648 "{key(author)}" }}'
        accept = {"Accept": "application/sparql-results+json"}
        answers = [
            http.get(url, params={"query": query, "format": "json"}),
            http.get(url, params={"query": query}, headers=accept),
            http.post(url, data={"query": query, "format": "json"}),
            http.post(url, content=query, headers={**accept, "Content-Type": "application/sparql-query"}),
        ]
        expected = {
            "head": {"vars": ["item"]},
            "results": {"bindings": [{"item": {"type": "uri", "value": ENTITY + write("author", author)}}]},
        }
        assert [answer.json() for answer in answers] == [expected] * 4
        assert answers[0].headers["Content-Type"] == "application/sparql-results+json"
        assert http.get(url, params={"query": query}).text.startswith("<?xml")

    def test_bad_queries_are_400_and_endless_ones_500(self, http: httpx2.Client, url: str) -> None:
        assert http.get(url, params={"query": "nonsense"}).status_code == 400
        endless = http.get(url, params={"query": "SELECT ?a WHERE { ?a wdt:P31 wd:Q5 }"})
        assert endless.status_code == 500
        assert "TimeoutException" in endless.text

    def test_the_budget_of_errors(self, simulator: Simulator, http: httpx2.Client, url: str) -> None:
        simulator.limits(wikimedia={"rate": 10_000})
        answers = [http.get(url, params={"query": "nonsense"}) for _ in range(100)]
        refused = answers[-1]
        assert {answer.status_code for answer in answers} == {400, 429}
        assert int(refused.headers["Retry-After"]) >= 1
        assert {each["kind"] for each in simulator.violations()["wikimedia"]} == {"processing"}
        simulator.reset()
        assert http.get(url, params={"query": "nonsense"}).status_code == 400

    def test_without_a_user_agent_it_is_403(self, http: httpx2.Client, url: str) -> None:
        assert http.get(url, headers={"User-Agent": "x"}).status_code == 403


def test_a_term_keeps_its_datatype_and_language(simulator: Simulator, http: httpx2.Client, author: int) -> None:
    item = write("author", author)
    query: dict[str, Any] = {
        "query": f"SELECT ?b ?l {{ wd:{item} wdt:P569 ?b ; rdfs:label ?l }} LIMIT 1",
        "format": "json",
    }
    found = http.get(simulator.urls["wikidata_sparql"] + "/sparql", params=query).json()["results"]["bindings"][0]
    assert found["b"]["datatype"] == "http://www.w3.org/2001/XMLSchema#dateTime"
    assert found["l"]["xml:lang"]
