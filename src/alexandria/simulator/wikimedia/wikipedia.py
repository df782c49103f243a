"""Wikipedia's hosts on one port (providers.md 9): `/{language}/…` stands for `{language}.wikipedia.org/…`."""

from typing import Any, ClassVar
from urllib.parse import quote

from alexandria.simulator.catalogue import Catalogue, Person
from alexandria.simulator.clock import Clock
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.messages import Request, Response, Route, json_response, route
from alexandria.simulator.meter import Meter
from alexandria.simulator.wikimedia import words
from alexandria.simulator.wikimedia.articles import Article, find_article
from alexandria.simulator.wikimedia.items import THINGS, Items
from alexandria.simulator.wikimedia.wikidata import action_error
from alexandria.simulator.wrong import replace_name

MOST_TITLES, MOST_EXTRACTS = 50, 20
_SUMMARY = "/api/rest_v1/page/summary/"
_LANGUAGE = "(?:/([a-z-]{2,12}))?"


class Wikipedia(Host):
    """en.wikipedia.org, de.wikipedia.org and so on; without a language in the path, English."""

    name: ClassVar[str] = "wikipedia"
    bucket: ClassVar[str] = "wikimedia"
    prefix: ClassVar[str] = "/{language}"

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        self._items = Items(catalogue)
        super().__init__(catalogue, clock, meter)

    def list_routes(self) -> list[Route]:
        return [
            route("GET", f"{_LANGUAGE}{_SUMMARY}([^/]+)", self._summary),
            route("GET", rf"{_LANGUAGE}/w/api\.php", self._action),
        ]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        return words.failure(status)

    def wrong(self, request: Request) -> Request:
        return replace_name(self.catalogue, request, _SUMMARY)

    def refuse(self, request: Request) -> Response | None:
        return None if has_contact(request) else words.no_user_agent()

    def answer(self, request: Request) -> tuple[str, Response]:
        self.meter.spend(1)
        return super().answer(request)

    def _summary(self, request: Request, language: str | None, title: str) -> Response:
        language = language or "en"
        article = find_article(self.catalogue, language, title)
        if article is None:
            return words.failure(404)
        if article.kind == "redirect" and request.query.get("redirect") != "false":
            return Response(302, b"", {"Location": quote(article.title.replace(" ", "_"), safe="")}, "text/plain")
        tag = f'W/"{_revision(article.person)}/simulated"'
        if request.headers.get("if-none-match") == tag:
            return Response(304, b"", {"ETag": tag})
        return json_response(self._page(article, language), 200, {"ETag": tag})

    def _page(self, article: Article, language: str) -> dict[str, Any]:
        person, title = article.person, article.title
        canonical = title.replace(" ", "_")
        page = f"https://{language}.wikipedia.org/wiki/{quote(canonical, safe='')}"
        links = {"page": page, "revisions": f"{page}?action=history", "edit": f"{page}?action=edit", "talk": page}
        plain = article.kind != "article"
        found: dict[str, Any] = {
            "type": "disambiguation" if article.kind == "disambiguation" else "no-extract" if plain else "standard",
            "title": title,
            "displaytitle": f'<span lang="{language}">{title}</span>',
            "namespace": {"id": 0, "text": ""},
            "titles": {"canonical": canonical, "normalized": title, "display": title},
            "pageid": 1 + person.number % 10**8,
            "lang": language,
            "dir": "ltr",
            "revision": _revision(person),
            "tid": f"invented-{person.number}",
            "timestamp": "2026-08-12T17:50:31Z",
            "content_urls": {"desktop": links, "mobile": links},
            "extract": "" if plain else _extract(person),
            "extract_html": "" if plain else f"<p><b>{person.name}</b> {_extract(person)[len(person.name) + 1 :]}</p>",
        }
        if plain:
            return found
        if person.bits >> 41 & 15:
            found["wikibase_item"] = self._item(person)
        if person.bits >> 41 & 1:
            found |= {"description": f"writer from {THINGS[person.country]}", "description_source": "central"}
        return found | _pictures(person, language)

    def _item(self, person: Person) -> str:
        """The person's item; one in 37 says another one, as articles that were moved do."""
        other = not person.is_stranger and person.number % 37 == 3
        return self._items.item_of(self.catalogue.author(person.number + 1) if other else person)

    def _action(self, request: Request, language: str | None) -> Response:
        query = request.query
        titles = [title for title in query.get("titles", "").split("|") if title]
        if query.get("format") != "json" or query.get("action") != "query":
            return action_error("badvalue", 'Unrecognized value for parameter "action".')
        if len(titles) > MOST_TITLES:
            return action_error(
                "toomanyvalues", f'Too many values supplied for parameter "titles". The limit is {MOST_TITLES}.'
            )
        props = query.get("prop", "").split("|")
        pages, redirects, extracts = [], [], 0
        for title in titles:
            article = find_article(self.catalogue, language or "en", title)
            if article is None:
                pages.append({"ns": 0, "title": title, "missing": True})
                continue
            if article.kind == "redirect":
                redirects.append({"from": title, "to": article.title})
            extracts += 1
            pages.append(self._action_page(article, props, with_extract=extracts <= MOST_EXTRACTS))
        body: dict[str, Any] = {"batchcomplete": True, "query": {"redirects": redirects, "pages": pages}}
        if extracts > MOST_EXTRACTS and "extracts" in props:
            body["continue"] = {"excontinue": MOST_EXTRACTS, "continue": "||"}
            del body["batchcomplete"]
        return json_response(body)

    def _action_page(self, article: Article, props: list[str], *, with_extract: bool) -> dict[str, Any]:
        person = article.person
        page: dict[str, Any] = {"pageid": 1 + person.number % 10**8, "ns": 0, "title": article.title}
        if "extracts" in props and with_extract:
            page["extract"] = "" if article.kind == "disambiguation" else _extract(person)
        if "pageprops" in props:
            page["pageprops"] = {"wikibase_item": self._item(person)}
            if article.kind == "disambiguation":
                page["pageprops"] = {"disambiguation": ""}
        return page


def _extract(person: Person) -> str:
    life = f"{person.born} – {person.died}" if person.died else f"born {person.born}"
    return f"{person.name} ({life}) is an invented writer from {THINGS[person.country]}."


def _revision(person: Person) -> str:
    return str(1_300_000_000 + person.number % 1_000_000)


def _pictures(person: Person, language: str) -> dict[str, Any]:
    """A picture for half of the people; for some of these one that is not free, in the wiki's own folder."""
    draw = person.bits >> 45 & 7
    if draw < 4:
        return {}
    folder = language if draw == 4 else "commons"
    file = f"{quote(person.name.replace(' ', '_'))}_{person.number}.jpg"
    base = f"https://upload.wikimedia.org/wikipedia/{folder}"
    return {
        "thumbnail": {"source": f"{base}/thumb/a/ab/{file}/330px-{file}", "width": 330, "height": 440},
        "originalimage": {"source": f"{base}/a/ab/{file}", "width": 1200, "height": 1600},
    }
