"""Wikidata's own host as providers.md 8.2 and 8.3 document it."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from alexandria.simulator import Simulator
from alexandria.simulator.catalogue import Catalogue, Edition
from alexandria.simulator.wikimedia.entities import render_entity
from alexandria.simulator.wikimedia.items import Items, has_old_key, isbn_is_on_work, isbn_values, write, written_isni
from tests.simulator.conftest import Find

Ask = Callable[..., Any]


@pytest.fixture
def act(simulator: Simulator, http: httpx2.Client) -> Ask:
    """A function that asks the action API."""

    def get(**query: Any) -> Any:
        answer = http.get(simulator.urls["wikidata"] + "/w/api.php", params={"format": "json", **query})
        assert answer.status_code == 200
        return answer.json()

    return get


@pytest.fixture(scope="session")
def items(catalogue: Catalogue) -> Items:
    return Items(catalogue)


@pytest.fixture(scope="session")
def known_author(catalogue: Catalogue) -> int:
    """The number of an author with an item, whose ISNI is written without blanks."""
    people = (catalogue.author(number) for number in range(1, 1_000))
    return next(
        each.number for each in people if catalogue.knows_person("wikidata", each) and " " not in written_isni(each)
    )


@pytest.fixture(scope="session")
def entities(items: Items) -> list[Any]:
    """The entities of some five hundred authors."""
    found = [items.get(write("author", number)) for number in range(600)]
    return [render_entity(items, item) for item in found if item]


def find_ids(act: Ask, search: str) -> list[str]:
    found = act(action="query", list="search", srsearch=search)["query"]
    assert found["searchinfo"]["totalhits"] == len(found["search"])
    return [hit["title"] for hit in found["search"]]


def test_an_author_by_each_identifier(act: Ask, catalogue: Catalogue, known_author: int) -> None:
    person, item = catalogue.author(known_author), write("author", known_author)
    key = f"OL{10**10 + known_author}A"
    assert item in find_ids(act, f"haswbstatement:P648={key}")
    assert find_ids(act, f"haswbstatement:P214={person.viaf}") == [item]
    assert find_ids(act, f"haswbstatement:P213={person.isni}") == [item]
    assert item in find_ids(act, f"haswbstatement:P648={key}|P214={person.viaf}")
    assert item in find_ids(act, f'"{person.name}" haswbstatement:P31=Q5')
    assert find_ids(act, f"haswbstatement:P648={key} haswbstatement:P214=1") == []
    assert find_ids(act, "haswbstatement:P648=nonsense") == []
    assert item in [hit["id"] for hit in act(action="wbsearchentities", search=person.name, language="en")["search"]]


def test_strangers_of_a_mirror_are_found_by_their_key(act: Ask, catalogue: Catalogue) -> None:
    assert find_ids(act, "haswbstatement:P648=OL26320A")
    shares = [bool(Items(catalogue).find("P648", f"OL{number}A")) for number in range(1, 1_000)]
    assert 0.8 < sum(shares) / len(shares) < 0.9
    with_real = next(
        key for key, record in catalogue.sample.records.items() if "wikidata" in record.get("remote_ids", {})
    )
    real = catalogue.sample.records[with_real]["remote_ids"]["wikidata"]
    assert find_ids(act, f"haswbstatement:P648={with_real.removeprefix('/authors/')}") == [real]


def test_an_edition_by_its_hyphenated_isbn_only(act: Ask, find: Find, items: Items) -> None:
    def hyphenated(edition: Edition) -> bool:
        return "-" in isbn_values(edition).get("P212", "") and not isbn_is_on_work(edition)

    edition = find("wikidata", hyphenated)
    value = isbn_values(edition)["P212"]
    assert find_ids(act, f"haswbstatement:P212={value}") == [write("edition", edition.number)]
    assert find_ids(act, f"haswbstatement:P212={edition.isbn}") == []
    short = find("wikidata", lambda e: "-" in isbn_values(e).get("P957", ""))
    assert find_ids(act, f"haswbstatement:P957={isbn_values(short)['P957']}")


def test_an_isbn_may_stand_on_the_work(act: Ask, find: Find) -> None:
    edition = find("wikidata", lambda e: isbn_is_on_work(e) and "P212" in isbn_values(e))
    assert find_ids(act, f"haswbstatement:P212={isbn_values(edition)['P212']}") == [write("work", edition.work)]


def test_entities_in_a_batch(act: Ask, known_author: int, catalogue: Catalogue) -> None:
    item = write("author", known_author)
    found = act(action="wbgetentities", ids=f"{item}|Q5|Q10908976|{write('author', 10**9)}")["entities"]
    assert found["Q10908976"] == {"id": "Q10908976", "missing": ""}
    assert found["Q5"]["labels"]["en"]["value"] == "human"
    claims = found[item]["claims"]
    assert claims["P31"][0]["mainsnak"]["datavalue"]["value"]["numeric-id"] == 5
    assert f"OL{10**10 + known_author}A" in [each["mainsnak"]["datavalue"]["value"] for each in claims["P648"]]
    two = act(action="wbgetentities", ids="Q10908976", formatversion=2)["entities"]["Q10908976"]
    assert two["missing"] is True


def test_props_and_languages(act: Ask, known_author: int) -> None:
    item = write("author", known_author)
    labels = act(action="wbgetentities", ids=item, props="labels", languages="xx")["entities"][item]
    assert labels == {"type": "item", "id": item, "labels": []}
    info = act(action="wbgetentities", ids=item, props="info")["entities"][item]
    assert "lastrevid" in info
    assert "claims" not in info


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"action": "wbgetentities", "ids": "|".join(f"Q{n}" for n in range(1, 52))}, "toomanyvalues"),
        ({"action": "wbgetentities", "ids": "Q1|nonsense"}, "no-such-entity"),
        ({"action": "wbgetentities"}, "param-missing"),
        ({"action": "delete"}, "badvalue"),
    ],
)
def test_errors_are_answered_with_200(act: Ask, query: dict[str, str], code: str) -> None:
    assert act(**query)["error"]["code"] == code


def test_the_entity_may_have_another_id_than_the_one_asked(
    simulator: Simulator, http: httpx2.Client, act: Ask, catalogue: Catalogue
) -> None:
    number = next(n for n in range(0, 1_000, 13) if catalogue.knows_person("wikidata", catalogue.author(n)))
    assert has_old_key(number)
    old, new = write("merged", number), write("author", number)
    page = http.get(f"{simulator.urls['wikidata']}/wiki/Special:EntityData/{old}.json").json()
    assert list(page["entities"]) == [page["entities"][new]["id"]] == [new]
    assert act(action="wbgetentities", ids=old)["entities"][new]["redirects"] == {"from": old, "to": new}
    rest = http.get(f"{simulator.urls['wikidata']}/w/rest.php/wikibase/v1/entities/items/{old}")
    assert rest.status_code == 308
    assert rest.headers["Location"].endswith(new)
    values = [each["mainsnak"]["datavalue"]["value"] for each in page["entities"][new]["claims"]["P648"]]
    assert len(values) == 2


def test_the_rest_form(simulator: Simulator, http: httpx2.Client, known_author: int) -> None:
    base = f"{simulator.urls['wikidata']}/w/rest.php/wikibase/v1/entities/items/"
    found = http.get(base + write("author", known_author)).json()
    assert found["statements"]["P31"][0]["value"] == {"type": "value", "content": "Q5"}
    assert all(isinstance(label, str) for label in found["labels"].values())
    assert http.get(base + "Q10908976").status_code == 404
    assert http.get(simulator.urls["wikidata"] + "/wiki/Special:EntityData/Q10908976.json").status_code == 404


def test_without_a_user_agent_it_is_403(simulator: Simulator, http: httpx2.Client) -> None:
    answer = http.get(simulator.urls["wikidata"] + "/w/api.php", headers={"User-Agent": "curl/8"})
    assert answer.status_code == 403
    assert "set a user-agent" in answer.text
    assert simulator.violations()["wikimedia"][0]["kind"] == "user_agent"


def test_hosts_count_together(simulator: Simulator, http: httpx2.Client, act: Ask) -> None:
    simulator.limits(wikimedia={"rate": 0.001})
    act(action="wbgetentities", ids="Q5")
    base = simulator.urls["wikipedia"].replace("{language}", "en")
    refused = http.get(f"{base}/api/rest_v1/page/summary/Nobody")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    assert simulator.state()["wikimedia"]["hosts"] == {"wikidata": 1, "wikipedia": 1}


def born(entity: Any) -> Any:
    return dict(entity["claims"] or {}).get("P569", [])


def isni(entity: Any) -> str:
    return "".join(each["mainsnak"]["datavalue"]["value"] for each in entity["claims"].get("P213", []))


@pytest.mark.parametrize(
    ("what", "occurs"),
    [
        ("no aliases as a list", lambda e: e["aliases"] == []),
        ("no sitelinks as a list", lambda e: e["sitelinks"] == []),
        ("only a mul label", lambda e: list(e["labels"]) == ["mul"]),
        ("neither en nor mul", lambda e: not {"en", "mul"} & set(e["labels"])),
        ("an unknown birth", lambda e: born(e)[0]["mainsnak"]["snaktype"] == "somevalue"),
        ("no death", lambda e: e["claims"].get("P570", [{"mainsnak": {}}])[0]["mainsnak"].get("snaktype") == "novalue"),
        ("a preferred birth", lambda e: born(e)[0]["rank"] == "preferred"),
        ("a deprecated birth", lambda e: born(e)[0]["rank"] == "deprecated"),
        ("a year only", lambda e: "-00-00T" in str(born(e)) and "'precision': 9" in str(born(e))),
        ("a decade", lambda e: "'precision': 8" in str(born(e))),
        ("an item value without id", lambda e: "id" not in e["claims"]["P21"][0]["mainsnak"]["datavalue"]["value"]),
        ("blanks in the ISNI", lambda e: " " in isni(e)),
        ("two Open Library keys", lambda e: len(e["claims"]["P648"]) == 2),
    ],
)  # fmt: skip
def test_the_mess_occurs_and_is_no_rule(entities: list[Any], what: str, occurs: Any) -> None:
    count = sum(bool(occurs(entity)) for entity in entities)
    assert 0 < count < len(entities), what


def test_one_open_library_key_may_sit_on_two_items(items: Items, catalogue: Catalogue) -> None:
    twice = [n for n in range(1_000) if len(items.find("P648", f"OL{10**10 + n}A")) == 2]
    assert twice
    kinds = [item.kind for item in items.find("P648", f"OL{10**10 + twice[0]}A")]
    assert kinds == ["author", "twin"]
