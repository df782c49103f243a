"""What both clients are made of: their settings, checked, and what needs no asking."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from alexandria.client.breaker import Breaker, BreakerRule, OnChange
from alexandria.client.calls import Calls
from alexandria.client.errors import BadSetting, ClientClosed
from alexandria.client.exchange import Exchange
from alexandria.client.give_back import Giver
from alexandria.client.google import URL, Google
from alexandria.client.isbn import isbn13
from alexandria.client.messages import ALEXANDRIA, GOOGLE_BOOKS, NAMES, Host, read_base, read_key
from alexandria.client.models import ClientHealth, CoverSize
from alexandria.client.protocol import Protocol

TIMEOUT: Final = 5.0  # seconds
LINGER: Final = 2.0  # seconds that closing may take for what still waits to be given
WAITING: Final = 1_000  # finds
RULE: Final = BreakerRule()


class Shell(ABC):
    """The settings of a client.

    `base_url`: where Alexandria is. `api_key`: one with the scope `write`, to write and to give back what was found
    elsewhere. `google_books_url`: whom to ask where Alexandria fails; None for nobody. `google_books_key`: without one,
    Google answers hardly anybody. `timeout`: seconds that a call may take, all in all. `breaker`: when a host is left
    alone. `on_circuit_change(host, old, new)`: told when one is. `waiting`: how many finds may wait to be given back.
    Raises BadSetting.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        google_books_url: str | None = URL,
        google_books_key: str | None = None,
        timeout: float = TIMEOUT,
        breaker: BreakerRule = RULE,
        on_circuit_change: OnChange | None = None,
        waiting: int = WAITING,
    ) -> None:
        if not timeout > 0 or waiting < 1:
            raise BadSetting("timeout must be more than 0 seconds, and waiting at least 1 find")
        self._protocol = Protocol(read_base(base_url, "base_url"), read_key(api_key, "api_key"))
        self._google = None
        if google_books_url is not None:
            key = read_key(google_books_key, "google_books_key")
            self._google = Google(read_base(google_books_url, "google_books_url"), key)
        hosts: tuple[Host, ...] = (ALEXANDRIA, GOOGLE_BOOKS)
        self._exchanges: dict[Host, Exchange] = {
            host: Exchange(host, Breaker(NAMES[host], breaker, on_circuit_change)) for host in hosts
        }
        self._timeout, self._waiting = timeout, waiting
        self._is_closed = False
        self._connect()

    @abstractmethod
    def _connect(self) -> None:
        """Nothing; the wire and the giver of one of the two clients are made."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._protocol.base_url!r})"

    def cover_url(self, isbn: str, size: CoverSize = "large") -> str:
        """Where the cover of an ISBN is served, if Alexandria has one; nobody is asked. Raises InvalidIsbn."""
        return self._protocol.cover_url(isbn13(isbn), size)

    def _calls_with(self, giver: Giver, clock: Callable[[], float] = time.monotonic) -> Calls:
        return Calls(self._protocol, self._google, self._exchanges, self._timeout, giver.offer, clock)

    def _health_with(self, giver: Giver) -> ClientHealth:
        return ClientHealth(
            alexandria=self._exchanges[ALEXANDRIA].health,
            google_books=self._exchanges[GOOGLE_BOOKS].health if self._google else None,
            give_back=giver.health,
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise ClientClosed("this client was closed; make another one")
