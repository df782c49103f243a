"""The error tree. Every message says what is wrong and what to do next.

AlexandriaError
├── BadInput              the caller sent something we refuse (names the field)
├── SettingsInvalid       the environment is wrong (names every variable)
├── DatabaseUnavailable   PostgreSQL cannot be reached right now
│   └── StatementTimeout  PostgreSQL gave up on a statement that took too long
├── DatabaseTooOld        the server's PostgreSQL is older than we need
├── ServerFailed          the embedded PostgreSQL did not start
├── SchemaOutdated        the database needs `alexandria db migrate`
├── SchemaMismatch        an applied migration was changed, or the database is newer than this program
├── AddressInUse          the port is taken or the address is not ours
├── LoadFailed            a load could not go on; the same command resumes it
├── NotEnoughDisk         a load would fill the disk
├── NothingToRollBack     there is no previous mirror to go back to
├── DumpRefused           a dump is empty, truncated or of the wrong type; the old mirror still serves
└── ProviderFailed        a provider did not answer the question; never to be read as "not found"
    ├── Throttled         too fast for it, or for our own pace: again at `retry_at`
    ├── QuotaExhausted    the day's units are used up: again at `resets_at`
    ├── Unavailable       away, too slow, broken (5xx), or its breaker is open
    ├── Unauthorized      it does not accept our key (401, 403)
    └── Malformed         it said something that it does not document
        └── CutShort      its answer ended before its end
"""

from datetime import datetime


class AlexandriaError(Exception):
    """Root of everything this program raises on purpose; the command line prints it in one line."""


class BadInput(AlexandriaError):
    """The caller's value for `field` is refused, and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class SettingsInvalid(AlexandriaError):
    """One or more settings are wrong; `problems` holds one readable line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("invalid settings:\n" + "\n".join(f"  {line}" for line in problems))
        self.problems = problems


class DatabaseUnavailable(AlexandriaError):
    """PostgreSQL cannot be reached; trying again later may help."""


class StatementTimeout(DatabaseUnavailable):
    """A statement ran longer than `statement_timeout` or was cancelled; the connection lives on."""


class DatabaseTooOld(AlexandriaError):
    """The server runs a PostgreSQL older than the oldest we support, and which one."""


class ServerFailed(AlexandriaError):
    """The embedded PostgreSQL could not be started, and why."""


class SchemaOutdated(AlexandriaError):
    """The database lacks migrations; run `alexandria db migrate`."""


class SchemaMismatch(AlexandriaError):
    """The migrations recorded in the database are not ours: one was changed, or the database is newer."""


class DumpRefused(AlexandriaError):
    """A dump was refused before the swap; the mirror that served before still serves."""


class LoadFailed(AlexandriaError):
    """A load could not go on, and why; what it committed is kept, and the same command resumes."""


class NotEnoughDisk(AlexandriaError):
    """A load would fill the database's disk; how much it needs and how much there is."""


class NotDistributable(AlexandriaError):
    """The tables cannot be spread over servers, and what is to be done first."""


class NothingToRollBack(AlexandriaError):
    """There is no previous mirror: none was replaced yet, or a later load has begun."""


class AddressInUse(AlexandriaError):
    """The API cannot listen where it was told to, and why."""


class ProviderFailed(AlexandriaError):
    """A provider did not answer the question. `bucket` names whose budget it was, `retry_at` when to ask again."""

    def __init__(self, bucket: str, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(f"{bucket}: {message}")
        self.bucket = bucket
        self.retry_at = retry_at


class Throttled(ProviderFailed):
    """Too fast: the provider said so (429), or our own pace left no room in the time given."""


class QuotaExhausted(ProviderFailed):
    """The day's units of a bucket, or of a lane in it, are used up; `resets_at` is when the next day begins.

    A lane's may be free again before that, at `retry_at`, as what is kept for others shrinks.
    """

    def __init__(self, bucket: str, message: str, resets_at: datetime, retry_at: datetime | None = None) -> None:
        super().__init__(bucket, message, retry_at or resets_at)
        self.resets_at = resets_at


class Unavailable(ProviderFailed):
    """The provider is away, too slow or broken, or its breaker is open; nothing was learned."""


class Unauthorized(ProviderFailed):
    """The provider does not accept our key; asking again will not help until somebody mends it."""


class Malformed(ProviderFailed):
    """The provider's answer is not what it documents: cut short, a web page, another shape."""


class CutShort(Malformed):
    """The provider's answer ended before its end."""
