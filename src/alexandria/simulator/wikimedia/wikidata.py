"""Wikidata's own host: entity pages, the action API and the REST API (providers.md 8.2)."""

import re
from typing import Any, ClassVar

from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import Clock
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.messages import Request, Response, Route, json_response, route, whole_number
from alexandria.simulator.meter import Meter
from alexandria.simulator.wikimedia import words
from alexandria.simulator.wikimedia.entities import render_entity
from alexandria.simulator.wikimedia.items import Item, Items
from alexandria.simulator.wrong import replace_isbns, replace_items, replace_keys

MOST_IDS, MOST_FOUND = 50, 500
_TERM = re.compile(r'haswbstatement:(\S+)|"([^"]+)"|(\S+)')
_PARTS = ("labels", "descriptions", "aliases", "claims", "sitelinks")
_ALWAYS = ("type", "id")
_INFO = ("pageid", "ns", "title", "lastrevid", "modified")


class Wikidata(Host):
    """www.wikidata.org."""

    name: ClassVar[str] = "wikidata"
    bucket: ClassVar[str] = "wikimedia"

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        self._items = Items(catalogue)
        super().__init__(catalogue, clock, meter)

    def list_routes(self) -> list[Route]:
        return [
            route("GET", "/w/api.php", self._action),
            route("POST", "/w/api.php", self._action),
            route("GET", r"/wiki/Special:EntityData/(Q\d+)\.json", self._entity_data),
            route("GET", r"/w/rest\.php/wikibase/v1/entities/items/(Q\d+)", self._rest_item),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        return words.failure(status)

    def wrong(self, request: Request) -> Request:
        return replace_items(replace_keys(replace_isbns(self.catalogue, self.name, request)))

    def refuse(self, request: Request) -> Response | None:
        return None if has_contact(request) else words.no_user_agent()

    def answer(self, request: Request) -> tuple[str, Response]:
        self.meter.spend(1)
        return super().answer(request)

    def _entity_data(self, request: Request, text: str) -> Response:
        item = self._items.get(text)
        if item is None:
            return words.failure(404)
        entity = render_entity(self._items, self._items.resolve(item))
        return json_response({"entities": {entity["id"]: entity}})

    def _action(self, request: Request) -> Response:
        query = {**request.query, **request.form()}
        if query.get("format") != "json":
            return Response(200, b"<!DOCTYPE html><pre>{}</pre>", {}, "text/html; charset=utf-8")
        if query.get("action") == "wbgetentities":
            return self._get_entities(query)
        if query.get("action") == "wbsearchentities":
            return self._search_entities(query)
        if query.get("action") == "query" and query.get("list") == "search":
            return self._search(query)
        return action_error("badvalue", f'Unrecognized value for parameter "action": {query.get("action", "")}.')

    def _get_entities(self, query: dict[str, str]) -> Response:
        asked = [text for text in query.get("ids", "").split("|") if text]
        if len(asked) > MOST_IDS:
            return action_error(
                "toomanyvalues", f'Too many values supplied for parameter "ids". The limit is {MOST_IDS}.'
            )
        if not asked:
            return action_error("param-missing", 'Either provide the item "ids" or pairs of "sites" and "titles".')
        wrong = next((text for text in asked if not re.fullmatch(r"[QPL]\d+", text, re.ASCII)), None)
        if wrong:
            return action_error("no-such-entity", f'Could not find an entity with the ID "{wrong}".')
        missing: Any = True if query.get("formatversion") == "2" else ""
        entities: dict[str, Any] = {}
        for text in asked:
            item = self._items.get(text)
            if item is None:
                entities[text] = {"id": text, "missing": missing}
                continue
            entity = _part(render_entity(self._items, self._items.resolve(item)), query)
            if item.kind == "merged":
                entity["redirects"] = {"from": text, "to": entity["id"]}
            entities[entity["id"]] = entity
        return json_response({"entities": entities, "success": 1})

    def _search(self, query: dict[str, str]) -> Response:
        found = self._matching(query.get("srsearch", ""))
        limit = min(whole_number(query.get("srlimit", ""), 10) or 10, MOST_FOUND)
        start = whole_number(query.get("sroffset", ""), 0) or 0
        hits = [
            {
                "ns": 0,
                "title": item.id,
                "pageid": 1 + int(item.id[1:]) % 10**8,
                "size": 9_000,
                "wordcount": 0,
                "snippet": "",
            }
            for item in found[start : start + limit]
        ]
        more = {"continue": {"sroffset": start + limit, "continue": "-||"}} if start + limit < len(found) else {}
        return json_response(
            {"batchcomplete": "", **more, "query": {"searchinfo": {"totalhits": len(found)}, "search": hits}}
        )

    def _matching(self, text: str) -> list[Item]:
        """The items that fit every `haswbstatement:` of a search and the name that its other words make."""
        sets: list[list[Item]] = []
        names: list[str] = []
        for statements, quoted, word in _TERM.findall(text):
            if statements:
                pairs = [pair.partition("=") for pair in statements.split("|")]
                if all(prop == "P31" and value == "Q5" for prop, _, value in pairs):
                    continue  # everybody who is found by name is human
                sets.append([item for prop, _, value in pairs for item in self._items.find(prop, value.strip('"'))])
            else:
                names.append(quoted or word)
        if names:
            sets.append(self._items.named(" ".join(names)))
        common = set(sets[0]).intersection(*sets[1:]) if sets else set()
        return [item for item in sets[0] if item in common] if sets else []

    def _search_entities(self, query: dict[str, str]) -> Response:
        language, text = query.get("language", "en"), query.get("search", "")
        limit = min(whole_number(query.get("limit", ""), 7) or 7, MOST_IDS)
        hits = []
        for item in self._items.named(text)[:limit]:
            entity = render_entity(self._items, item)
            label = next(iter(entity["labels"].values()))["value"]
            match = {"type": "label", "language": language, "text": label}
            hits.append({"id": item.id, "title": item.id, "label": label, "match": match})
        return json_response({"searchinfo": {"search": text}, "search": hits, "success": 1})

    def _rest_item(self, request: Request, text: str) -> Response:
        item = self._items.get(text)
        if item is None:
            return json_response({"code": "item-not-found", "message": "Could not find an item with the ID"}, 404)
        if item.kind == "merged":
            target = request.path.replace(text, self._items.resolve(item).id)
            return Response(308, b"", {"Location": target}, "text/plain")
        return json_response(_rest_form(render_entity(self._items, item)))


def action_error(code: str, info: str) -> Response:
    """An error of the action API: HTTP 200."""
    headers = {"MediaWiki-API-Error": code}
    return json_response({"error": {"code": code, "info": info}, "servedby": "mw-simulated"}, 200, headers)


def _part(entity: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """The parts of an entity that `props` and `languages` ask for."""
    props = query.get("props", "|".join(("info", *_PARTS))).split("|")
    wanted = [*_ALWAYS, *(_INFO if "info" in props else ()), *(part for part in _PARTS if part in props)]
    found = {name: entity[name] for name in wanted}
    languages = query.get("languages")
    for name in ("labels", "descriptions", "aliases"):
        if languages and found.get(name):
            found[name] = {key: text for key, text in found[name].items() if key in languages.split("|")} or []
    return found


def _rest_form(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity as the REST API writes it."""
    return {
        "type": "item",
        "id": entity["id"],
        "labels": _plain_texts(entity["labels"]),
        "descriptions": _plain_texts(entity["descriptions"]),
        "aliases": {
            language: [text["value"] for text in texts] for language, texts in dict(entity["aliases"] or {}).items()
        },
        "statements": {
            prop: [_rest_claim(claim) for claim in claims] for prop, claims in dict(entity["claims"] or {}).items()
        },
        "sitelinks": {
            site: {
                "title": link["title"],
                "badges": [],
                "url": f"https://{site[:-4]}.wikipedia.org/wiki/{link['title']}",
            }
            for site, link in dict(entity["sitelinks"] or {}).items()
        },
    }


def _plain_texts(texts: Any) -> dict[str, str]:
    return {language: text["value"] for language, text in dict(texts or {}).items()}


def _rest_claim(claim: dict[str, Any]) -> dict[str, Any]:
    snak = claim["mainsnak"]
    value: dict[str, Any] = {"type": snak["snaktype"]}
    if snak["snaktype"] == "value":
        content = snak["datavalue"]["value"]
        value["content"] = f"Q{content['numeric-id']}" if snak["datatype"] == "wikibase-item" else content
    prop = {"id": snak["property"], "data_type": snak["datatype"]}
    return {
        "id": claim["id"],
        "rank": claim["rank"],
        "property": prop,
        "value": value,
        "qualifiers": [],
        "references": [],
    }
