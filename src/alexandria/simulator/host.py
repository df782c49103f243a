"""What every simulated host has: routes, words for refusing, and a meter that it shares with its bucket."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import unquote

from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import Clock
from alexandria.simulator.faults import Fault
from alexandria.simulator.messages import Request, Response, Route
from alexandria.simulator.meter import Meter

_CONTACT = re.compile(r"[^\s@()<>]+@[^\s@()<>]+|https?://[^\s()<>]+")


class Host(ABC):
    """One host of a provider. `name` is that of its setting; hosts of one `bucket` count together."""

    name: ClassVar[str]
    bucket: ClassVar[str]
    prefix: ClassVar[str] = ""  # what the provider's documented base URL has behind the host
    parallel_limit: ClassVar[bool] = False
    urls: Mapping[str, str] = MappingProxyType({})  # of all hosts, once they listen; without them the real ones count

    def __init__(self, catalogue: Catalogue, clock: Clock, meter: Meter) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self.meter = meter
        self.routes = self.list_routes()

    @abstractmethod
    def list_routes(self) -> list[Route]:
        """The routes, the most asked first."""

    @abstractmethod
    def failure(self, status: int, *, daily: bool = False) -> Response:
        """The provider's own words for a status; `daily` is the 429 of a day that is used up."""

    @abstractmethod
    def wrong(self, request: Request) -> Request:
        """The request for another book or person, which a confused provider answers instead."""

    def ask_otherwise(self, request: Request, fault: Fault) -> Request:
        """The request that the host answers instead, when a fault of its own happens; others have no such faults."""
        return request

    def reset(self) -> None:
        """Nothing; what the host counts beside its meter is forgotten."""
        return

    def refuse(self, request: Request) -> Response | None:
        """A refusal for who asks, before anything else is looked at."""
        return None

    def own_rate(self, request: Request) -> float | None:
        """Requests a second that whoever asks may send, where that is less than the bucket's rate."""
        return None

    def answer(self, request: Request) -> tuple[str, Response]:
        """The name of the route and the answer; raises UsedUp."""
        for route in self.routes:
            match = route.pattern.fullmatch(request.path) if route.method == request.method else None
            if match:
                groups = [None if group is None else unquote(group) for group in match.groups()]
                return route.handler.__name__.strip("_"), route.handler(request, *groups)
        return "unknown", self.failure(404)


def has_contact(request: Request) -> bool:
    """Whether the User-Agent names an e-mail address or a web page."""
    return bool(_CONTACT.search(request.headers.get("user-agent", "")))
