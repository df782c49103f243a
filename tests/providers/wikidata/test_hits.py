"""Searches and queries: what they ask with hostile words in them, and what they found."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alexandria.errors import Malformed, ProviderFailed, Throttled
from alexandria.net.messages import decode
from alexandria.providers.wikidata.parse.hits import (
    having,
    items_of_authors,
    plain_words,
    read_hits,
    read_items_of_authors,
)
from alexandria.providers.wikidata.wire import SearchWire, SparqlWire
from tests.providers.open_library.mutations import mutated, replied

FOUND = {"batchcomplete": "", "query": {"search": [{"ns": 0, "title": "Q42"}, {"ns": 0, "title": "Q1"}]}}
ROW = {
    "key": {"type": "literal", "value": "OL34184A"},
    "item": {"type": "uri", "value": "http://www.wikidata.org/entity/Q25161"},
}


def hits(value: Any) -> list[str]:
    return read_hits(decode(replied(json.dumps(value).encode()), SearchWire))


def rows(*bindings: dict[str, Any]) -> dict[int, list[str]]:
    value = {"head": {"vars": ["key", "item"]}, "results": {"bindings": bindings}}
    return read_items_of_authors(decode(replied(json.dumps(value).encode()), SparqlWire))


def test_a_recorded_search(fixtures_dir: Path) -> None:
    body = (fixtures_dir / "wikidata" / "api" / "cirrus_search_response.json").read_bytes()
    assert hits(json.loads(body)) == ["Q1"]


def test_only_items_are_hits_and_each_once() -> None:
    found = [("Q42", 0), ("Property:P31", 120), ("Lexeme:L1", 146), ("Main Page", 0), ("Q42", 0), ("Q7", 1)]
    assert hits({"query": {"search": [{"title": title, "ns": ns} for title, ns in found]}}) == ["Q42"]
    assert hits({"query": {"search": []}}) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, Malformed),
        ({"batchcomplete": ""}, Malformed),
        ({"query": {}}, Malformed),
        ({"error": {"code": "cirrussearch-something"}}, Malformed),
        ({"error": {"code": "maxlag"}, "query": {"search": []}}, Throttled),
    ],
)
def test_a_search_that_failed_found_not_nothing(answer: dict[str, Any], expected: type[ProviderFailed]) -> None:
    with pytest.raises(expected):
        hits(answer)


def test_statements() -> None:
    assert having(("P648", "OL1A")) == "haswbstatement:P648=OL1A"
    assert having(("P212", "978-0-14-032872-1"), ("P957", "0-14-032872-6")) == (
        "haswbstatement:P212=978-0-14-032872-1|P957=0-14-032872-6"
    )
    assert having(("P213", "0000 0001 2146 9172")) == 'haswbstatement:"P213=0000 0001 2146 9172"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Douglas Adams", "douglas adams"),
        ("O'Brien, Flann", "o'brien flann"),
        ("J. R. R. Tolkien", "j r r tolkien"),
        ("Gabriel García Márquez", "gabriel garcía márquez"),
        ('haswbstatement:P31=Q5 OR "x"', "haswbstatement p31 q5 or x"),
        ("-haswbstatement:P31 !a ~b c* d? \\e /f/ [g] {h} <i>", "haswbstatement p31 a b c d e f g h i"),
        ("村上 春樹", "村上 春樹"),
        ("  '' . _ ", ""),
        ("\x00\ud800", ""),
    ],
)
def test_words_of_a_caller_cannot_act(text: str, expected: str) -> None:
    assert plain_words(text) == expected


@given(st.text(max_size=2000))
def test_no_operator_of_the_search_survives(text: str) -> None:
    words = plain_words(text)
    assert len(words) < 280
    assert not set('":|*?~!-()[]{}\\/=<>^&+@#$') & set(words)
    assert words == words.casefold() or not words.isascii()


def test_the_query_of_many_keys() -> None:
    assert items_of_authors([34184, 1]) == (
        'SELECT ?key ?item WHERE { VALUES ?key { "OL34184A" "OL1A" } ?item wdt:P648 ?key . }'
    )


def test_items_by_key() -> None:
    second = {**ROW, "item": {"type": "uri", "value": "http://www.wikidata.org/entity/Q7"}}
    other = {"key": {"type": "literal", "value": "OL1A"}, "item": ROW["item"]}
    assert rows(ROW, second, ROW, other) == {34184: ["Q25161", "Q7"], 1: ["Q25161"]}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"key": ROW["key"]},
        {"item": ROW["item"]},
        {**ROW, "item": {"type": "bnode", "value": "t284055162"}},
        {**ROW, "item": {"type": "uri", "value": "http://www.wikidata.org/.well-known/genid/abc"}},
        {**ROW, "item": {"type": "uri", "value": "http://www.wikidata.org/entity/statement/Q1-x"}},
        {**ROW, "key": {"type": "literal", "value": "OL1W"}},
    ],
)
def test_rows_that_name_no_item(row: dict[str, Any]) -> None:
    assert not any(rows(row).values())


def test_recorded_results(fixtures_dir: Path) -> None:
    for path in sorted((fixtures_dir / "wikidata" / "sparql").glob("*.json")):
        assert read_items_of_authors(decode(replied(path.read_bytes()), SparqlWire)) == {}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"results": {}}', b'{"head": {}, "results": {"bindings": [{"key": {"ty']
)
def test_a_result_that_is_cut_off_after_its_status(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(replied(body), SparqlWire)


@given(mutated(json.dumps(FOUND)))
def test_a_damaged_search(body: bytes) -> None:
    try:
        found = read_hits(decode(replied(body), SearchWire))
    except ProviderFailed:
        return
    assert all(each.startswith("Q") for each in found)


@given(mutated(json.dumps({"head": {"vars": []}, "results": {"bindings": [ROW, ROW]}})))
def test_a_damaged_result(body: bytes) -> None:
    try:
        read_items_of_authors(decode(replied(body), SparqlWire))
    except Malformed:
        return
