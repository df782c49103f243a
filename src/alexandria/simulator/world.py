"""Everything behind the sockets: the hosts, their meters, their fault scripts, and what happens to one request."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from alexandria.simulator.catalogue import Catalogue
from alexandria.simulator.clock import PACIFIC, Clock
from alexandria.simulator.covers.commons import Commons
from alexandria.simulator.covers.hosts import GoogleBooksPictures, InternetArchive, IsbndbPictures, OpenLibraryCovers
from alexandria.simulator.faults import ASKED_OTHERWISE, INSTEAD, Fault, Script, instead
from alexandria.simulator.google_books.host import GoogleBooks
from alexandria.simulator.host import Host, has_contact
from alexandria.simulator.isbndb.host import Isbndb
from alexandria.simulator.limits import DEFAULTS, NONE
from alexandria.simulator.messages import Request, Response
from alexandria.simulator.meter import Meter, UsedUp
from alexandria.simulator.open_library.dumps import Dumps
from alexandria.simulator.open_library.host import OpenLibrary
from alexandria.simulator.wikimedia.sparql_host import WikidataSparql
from alexandria.simulator.wikimedia.wikidata import Wikidata
from alexandria.simulator.wikimedia.wikipedia import Wikipedia

HOSTS: tuple[type[Host], ...] = (
    Isbndb, GoogleBooks, OpenLibrary, Wikidata, WikidataSparql, Wikipedia,
    OpenLibraryCovers, InternetArchive, Commons, GoogleBooksPictures, IsbndbPictures, Dumps,
)  # fmt: skip
_ZONES = {"google_books": PACIFIC}


class Outcome(NamedTuple):
    """What happens to a request: an answer, perhaps with a fault of the wire; `route` is for the counts."""

    response: Response
    route: str
    fault: Fault | None = None


class World:
    """The simulated providers, without their sockets."""

    def __init__(self, *, speed: float, epoch: float | None, seed: int, editions: int, limited: bool) -> None:
        self.clock = Clock(speed, epoch)
        self.catalogue = Catalogue(seed, editions)
        self.meters = {
            bucket: Meter(self.clock, limits if limited else NONE, _ZONES.get(bucket))
            for bucket, limits in DEFAULTS.items()
        }
        self.hosts = {kind.name: kind(self.catalogue, self.clock, self.meters[kind.bucket]) for kind in HOSTS}
        self.scripts = {name: Script() for name in self.hosts}
        self.urls: dict[str, str] = {}
        for host in self.hosts.values():
            host.urls = self.urls

    def reset(self) -> None:
        """Nothing; counts and scripts are empty again, the clock is where it would be, the limits stay."""
        self.clock.ahead = 0.0
        for meter in self.meters.values():
            meter.reset()
        for host in self.hosts.values():
            host.reset()
        for script in self.scripts.values():
            script.replace(())

    def begin(self, host: Host, request: Request, target: str) -> Outcome:
        """What happens to a request, which is counted; `Meter.leave` must follow when it is over."""
        wait = host.meter.arrive(
            host.name, parallel_limit=host.parallel_limit, rate=host.own_rate(request), age=request.age
        )
        if not has_contact(request):
            host.meter.violate("user_agent", f"no contact in the User-Agent of {request.method} {request.path}")
        fault = self.scripts[host.name].pick(request, target)
        if fault and fault.fault in INSTEAD:
            return Outcome(instead(fault, host.failure(fault.status or 503, daily=fault.daily)), fault.fault)
        refusal = host.refuse(request)
        if refusal:
            return Outcome(refusal, "refused", fault)
        if wait is not None:
            return Outcome(host.failure(429), "too_fast", fault)
        if fault and fault.fault == "wrong_book":
            request = host.wrong(request)
        elif fault and fault.fault in ASKED_OTHERWISE:
            request = host.ask_otherwise(request, fault)
        try:
            route, response = host.answer(request)
        except UsedUp:
            return Outcome(host.failure(429, daily=True), "used_up", fault)
        return Outcome(response, route, fault)

    def state(self) -> Mapping[str, Any]:
        """Everything that can be known of the simulator, for the control route."""
        return {
            "clock": {"speed": self.clock.speed, "epoch": self.clock.epoch, "now": self.clock.now()},
            "seed": self.catalogue.seed,
            "editions": self.catalogue.listed,
            "faults": {name: script.state() for name, script in self.scripts.items()},
            **{bucket: meter.state() for bucket, meter in self.meters.items()},
        }
