"""Faults by script: which request goes wrong, how, and how often.

A script is a list of faults; for each request the first that fits and fires is taken. `status`, `html`, `empty` and
`picture` stand in place of an answer, so the provider does no work and charges nothing; with the others it does.
"""

import threading
from collections.abc import Sequence
from random import Random
from typing import Annotated, Any, Literal

import msgspec

from alexandria.simulator.covers.strange import STRANGE
from alexandria.simulator.messages import JSON, Request, Response, html_response, json_response

Kind = Literal[
    "status", "html", "empty", "wrong_book", "delay", "timeout", "reset", "slow", "truncated", "picture",
    "repeated", "missing", "reordered", "flooded", "hollow", "stale",
]  # fmt: skip
INSTEAD = frozenset(("status", "html", "empty", "picture"))
ASKED_OTHERWISE = frozenset(("repeated", "missing", "reordered", "flooded", "hollow", "stale"))
Number = Annotated[int, msgspec.Meta(ge=0)]
HeaderText = Annotated[str, msgspec.Meta(pattern=r"\A[\x20-\x7e]*\Z")]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a script.

    Which: `match` is a part of `METHOD path?query`; the first `skip` that fit are let through; it happens `times` times
    (None: for ever), each time with `probability`, drawn from `seed`.

    How: `status` answers with `status`, `headers` and `body` (text or JSON; without one, the provider's own words, and
    with `daily` those for a day that is used up); `html` with a web page and `status` (200 if not given); `empty` with
    no bytes and `status` (200); `picture` with what `picture` names (`covers.strange`). `wrong_book` answers another
    question; `delay` waits `seconds` first; `timeout` never answers; `reset` breaks the connection after `at` bytes of
    the answer (RST); `truncated` ends it after `at` bytes of the body (half of it if not given); `slow` sends the body
    at `rate` bytes a second.

    Of Open Library's recent changes: `repeated` answers with the page before the one asked for, `missing` with the one
    after it, `reordered` with its changesets in another order, `flooded` with every changeset `copies` times, under
    other numbers. Of its dumps: `hollow` answers with a gzip file of nothing (20 bytes), `stale` with what was the
    newest a month ago.
    """

    fault: Kind
    match: str = ""
    skip: Number = 0
    times: Number | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    seed: int = 0
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    headers: dict[Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9-]+\Z")], HeaderText] | None = None
    body: Any = None
    picture: Literal["blank", "flat", "small", "cut", "damaged", "bomb", "huge", "svg", "pdf", "page", "nothing"] = (
        "flat"
    )
    daily: bool = False
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    rate: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    at: Number | None = None
    copies: Annotated[int, msgspec.Meta(ge=2, le=999)] = 10


class Script:
    """The faults of one provider, with what is left of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[_Line] = []

    def replace(self, faults: Sequence[Fault]) -> None:
        """Nothing; from now on these faults, from their beginning."""
        with self._lock:
            self._lines = [_Line(fault) for fault in faults]

    def pick(self, request: Request, target: str) -> Fault | None:
        """The fault that happens to this request; `target` is its path with its query, as sent."""
        if not self._lines:
            return None
        text = f"{request.method} {target}"
        with self._lock:
            return next((line.fault for line in self._lines if line.fires(text)), None)

    def state(self) -> list[dict[str, Any]]:
        """Each fault with how often it happened."""
        with self._lock:
            return [{"fault": line.fault, "happened": line.happened} for line in self._lines]


class _Line:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.happened = 0
        self._passed = 0
        self._random = Random(fault.seed)  # noqa: S311

    def fires(self, text: str) -> bool:
        fault = self.fault
        if fault.match not in text or (fault.times is not None and self.happened >= fault.times):
            return False
        if self._passed < fault.skip:
            self._passed += 1
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        self.happened += 1
        return True


def instead(fault: Fault, own_words: Response) -> Response:
    """What stands in place of an answer; `own_words` is what the provider says with the fault's status."""
    if fault.fault == "empty":
        response = Response(fault.status or 200, b"")
    elif fault.fault == "picture":
        response = Response(fault.status or 200, STRANGE[fault.picture](), {}, "image/jpeg")
    elif fault.fault == "html":
        response = html_response("Please wait", fault.status or 200)
    elif fault.body is None:
        response = own_words
    elif isinstance(fault.body, str):
        response = Response(own_words.status, fault.body.encode(), {}, JSON if fault.body[:1] in "{[" else "text/plain")
    else:
        response = json_response(fault.body, own_words.status)
    return response if fault.headers is None else response._replace(headers=fault.headers)
