"""The error tree. Every message says what is wrong and what to do next.

AlexandriaError
├── BadInput              the caller sent something we refuse (names the field)
├── SettingsInvalid       the environment is wrong (names every variable)
├── DatabaseUnavailable   PostgreSQL cannot be reached right now
├── ServerFailed          the embedded PostgreSQL did not start
├── SchemaOutdated        the database needs `alexandria db migrate`
└── DumpRefused           a dump is empty, truncated or of the wrong type; the old mirror still serves
"""


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


class ServerFailed(AlexandriaError):
    """The embedded PostgreSQL could not be started, and why."""


class SchemaOutdated(AlexandriaError):
    """The database lacks migrations; run `alexandria db migrate`."""


class DumpRefused(AlexandriaError):
    """A dump was refused before the swap; the mirror that served before still serves."""
