"""What can go wrong, and what to do about it: the message of each error says so.

ClientError
├── BadSetting        the client was made with something that cannot work
├── InvalidIsbn       the text is no ISBN
├── BadRequest        Alexandria refuses what was sent; `fields` says which and why
├── NotAllowed        the key is missing, wrong, or may not do this
├── UnknownJob        there is no job with this id
├── StillPending      the job was not over in the time given
├── ClientClosed      the client was closed before
└── Unavailable       somebody could not be asked, so nothing was learned: never to be read as "not found"
    ├── Unreachable   no connection, or it broke
    ├── TooSlow       no whole answer in the time given
    ├── Broken        5xx
    ├── Throttled     429: too many requests, or a day's quota is used up
    ├── Malformed     an answer that is not one: a web page, another shape, wrong types
    ├── CircuitOpen   it failed too often just now and is left alone for a while
    └── LookupFailed  nobody found the ISBN, and at least one could not be asked; `causes` says why
"""

from collections.abc import Mapping, Sequence


class ClientError(Exception):
    """Root of everything that the client raises on purpose."""


class BadSetting(ClientError, ValueError):
    """A setting of the client cannot work, and why."""


class InvalidIsbn(ClientError, ValueError):
    """The text is no ISBN, and why."""


class BadRequest(ClientError):
    """Alexandria refuses what was sent. `fields` has the reason of each field that it names."""

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.fields = fields


class NotAllowed(ClientError):
    """A key is missing, not accepted, or lacks the scope that this needs."""


class UnknownJob(ClientError):
    """Alexandria knows no job with this id."""


class StillPending(ClientError):
    """The job was not over in time; `wait_for` may be called again."""


class ClientClosed(ClientError):
    """The client was closed; make another one."""


class Unavailable(ClientError):
    """`host` could not be asked. `retry_in` says in how many seconds to ask again, where that is known."""

    def __init__(self, host: str, message: str, retry_in: float | None = None) -> None:
        super().__init__(f"{host}: {message}")
        self.host = host
        self.reason = message
        self.retry_in = retry_in


class Unreachable(Unavailable):
    """There is no connection, or it broke. `sent`: whether the request may have arrived."""

    def __init__(self, host: str, message: str, *, sent: bool) -> None:
        super().__init__(host, message)
        self.sent = sent


class TooSlow(Unavailable):
    """The answer was not there, whole, within `seconds`."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(host, f"no whole answer within {seconds:.2g} s; ask again later, or give it more `timeout`")
        self.seconds = seconds


class Broken(Unavailable):
    """The host answered with a `status` of 500 or more."""

    def __init__(self, host: str, status: int, message: str, retry_in: float | None = None) -> None:
        super().__init__(host, f"answered {status}{f': {message}' if message else ''}; ask again later", retry_in)
        self.status = status


class Throttled(Unavailable):
    """The host wants no more requests for a while."""


class Malformed(Unavailable):
    """What came is not what the host documents, so it is probably not the host, or its address is wrong."""


class CircuitOpen(Unavailable):
    """The host failed several times in a row and is left alone for `retry_in` seconds."""


class LookupFailed(Unavailable):
    """Nobody found the ISBN, but not everybody could be asked. `causes` has an error for each who could not."""

    def __init__(self, isbn: str, causes: Sequence[ClientError]) -> None:
        waits = [cause.retry_in for cause in causes if isinstance(cause, Unavailable) and cause.retry_in is not None]
        super().__init__(f"lookup of {isbn}", "; ".join(map(str, causes)), min(waits, default=None))
        self.isbn = isbn
        self.causes = tuple(causes)
