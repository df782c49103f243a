"""The query service's host: few queries at once, a budget of processing time and of errors (providers.md 8.1)."""

import threading
import time
from typing import ClassVar
from xml.sax.saxutils import escape

from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import Clock
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.messages import Request, Response, Route, json_response, route
from alexandria.simulator.meter import Meter
from alexandria.simulator.wikimedia import words
from alexandria.simulator.wikimedia.graph import Graph, Term, TooWide, shown
from alexandria.simulator.wikimedia.items import Items
from alexandria.simulator.wikimedia.sparql_parse import parse_query
from alexandria.simulator.wikimedia.sparql_run import Solution, run
from alexandria.simulator.wikimedia.sparql_tree import NotUnderstood
from alexandria.simulator.wrong import replace_isbns, replace_items, replace_keys

_JSON_TYPE = "application/sparql-results+json"
_QUERY_COST, _SOLUTION_COST = 0.05, 0.002  # seconds of processing, chosen
_TIMEOUT = "java.util.concurrent.TimeoutException\n\tat java.util.concurrent.FutureTask.get(FutureTask.java:205)\n"


class _Budget:
    """An allowance that refills: so much at most, so much a second on the wall (times the clock's speed)."""

    def __init__(self, most: float, a_second: float) -> None:
        self._most = self._left = most
        self._rate = a_second
        self._at = time.monotonic()

    def wait(self) -> float:
        """Seconds until there is something left, 0 when there is."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self._rate, self._most)
        self._at = now
        return max(-self._left / self._rate, 0)

    def take(self, amount: float) -> None:
        self._left -= amount


class WikidataSparql(Host):
    """query.wikidata.org."""

    name: ClassVar[str] = "wikidata_sparql"
    bucket: ClassVar[str] = "wikimedia"
    parallel_limit: ClassVar[bool] = True

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        self._items = Items(catalogue)
        self._lock = threading.Lock()
        super().__init__(catalogue, clock, meter)
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._processing = _Budget(120, self.clock.speed)  # 60 s a minute
            self._errors = _Budget(60, self.clock.speed / 2)  # 30 a minute

    def list_routes(self) -> list[Route]:
        return [route("GET", "/sparql", self._query), route("POST", "/sparql", self._query)]

    def failure(self, status: int, *, daily: bool = False) -> Response:
        if status == 500:
            return Response(500, _TIMEOUT.encode(), {}, "text/plain")
        return words.failure(status)

    def wrong(self, request: Request) -> Request:
        return replace_items(replace_keys(replace_isbns(self.catalogue, "wikidata", request)))

    def refuse(self, request: Request) -> Response | None:
        if not has_contact(request):
            return words.no_user_agent()
        if self.meter.limits.rate is None:
            return None
        with self._lock:
            wait = max(self._processing.wait(), self._errors.wait())
        if not wait:
            return None
        self.meter.violate("processing", f"the query service's budget is used up for {wait:.1f} s")
        return words.failure(429)._replace(headers={"Retry-After": str(int(wait) + 1)})

    def answer(self, request: Request) -> tuple[str, Response]:
        self.meter.spend(1)
        return super().answer(request)

    def _query(self, request: Request) -> Response:
        text = request.query.get("query") or request.form().get("query", "")
        if request.headers.get("content-type", "").startswith("application/sparql-query"):
            text = request.body.decode("utf-8", "replace")
        try:
            names, solutions = run(parse_query(text), Graph(self._items))
        except NotUnderstood as error:
            return self._failed(Response(400, f"MalformedQueryException: {error}".encode(), {}, "text/plain"))
        except TooWide as error:
            return self._failed(Response(500, f"{_TIMEOUT}{error}".encode(), {}, "text/plain"))
        with self._lock:
            self._processing.take(_QUERY_COST + _SOLUTION_COST * len(solutions))
        wants_json = request.query.get("format", request.form().get("format")) == "json"
        if not wants_json and "json" not in request.headers.get("accept", ""):
            return _as_xml(names, solutions)
        bindings = [{name: shown(term) for name, term in solution.items()} for solution in solutions]
        return json_response({"head": {"vars": names}, "results": {"bindings": bindings}})._replace(media=_JSON_TYPE)

    def _failed(self, response: Response) -> Response:
        with self._lock:
            self._errors.take(1)
        return response


def _as_xml(names: list[str], solutions: list[Solution]) -> Response:
    """The results for those who ask for no JSON."""
    head = "".join(f'<variable name="{name}"/>' for name in names)
    rows = "".join(f"<result>{''.join(map(_as_binding, each, each.values()))}</result>" for each in solutions)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
        f"<head>{head}</head><results>{rows}</results></sparql>"
    )
    return Response(200, text.encode(), {}, "application/sparql-results+xml")


def _as_binding(name: str, term: Term) -> str:
    tag = term.type
    return f'<binding name="{name}"><{tag}>{escape(shown(term)["value"])}</{tag}></binding>'
