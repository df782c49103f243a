"""What a backup says about itself: the tables, partitions, sequences and migrations of its database."""

import re

import msgspec

from alexandria import __version__
from alexandria.errors import AlexandriaError

FORMAT = 1
_LITERAL = r"(?:'(?:[^'\\]|'')*'|-?\d+(?:\.\d+)?|MINVALUE|MAXVALUE|NULL|true|false)"
_LIST = rf"\({_LITERAL}(?:, {_LITERAL})*\)"
_BOUND = re.compile(
    rf"DEFAULT|FOR VALUES (?:IN {_LIST}|FROM {_LIST} TO {_LIST}|WITH \(modulus \d+, remainder \d+\))", re.ASCII
)


class ArchiveRefused(AlexandriaError):
    """A file is no whole backup, or not one for this program; the database was not touched."""


class MigrationEntry(msgspec.Struct, frozen=True):
    """A migration that the database had."""

    number: int
    name: str
    sha256: str


class TableEntry(msgspec.Struct, frozen=True):
    """A table and what its rows must be; `columns` in the order of the rows' fields."""

    schema: str
    name: str
    columns: list[str]
    rows: int
    bytes: int
    sha256: str

    @property
    def label(self) -> str:
        """The table as a person reads it: `enriched.editions`."""
        return f"{self.schema}.{self.name}"


class PartitionEntry(msgspec.Struct, frozen=True):
    """A partition that must exist before its parent's rows come; `bound` is PostgreSQL's own text, and goes back
    into a statement: a ValueError for what is no bound.
    """

    schema: str
    name: str
    parent_schema: str
    parent: str
    bound: str

    def __post_init__(self) -> None:
        if not _BOUND.fullmatch(self.bound):
            raise ValueError(f"partition {self.schema}.{self.name} has an unknown kind of bound: {self.bound!r}")


class SequenceEntry(msgspec.Struct, frozen=True):
    """Where a sequence stands; `is_called`: whether `last_value` was given out already."""

    schema: str
    name: str
    last_value: int
    is_called: bool


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds."""

    format: int
    program: str
    created_at: str
    server: str
    migrations: list[MigrationEntry]
    tables: list[TableEntry]
    partitions: list[PartitionEntry]
    sequences: list[SequenceEntry]


class _Head(msgspec.Struct):
    format: int
    program: str = "?"


def read_manifest(text: bytes, name: str) -> Manifest:
    """The manifest of the archive `name`. Raises ArchiveRefused for another format, msgspec.DecodeError for none."""
    head = msgspec.json.decode(text, type=_Head)
    if head.format == FORMAT:
        return msgspec.json.decode(text, type=Manifest)
    raise ArchiveRefused(
        f"{name} was written by Alexandria {head.program} in format {head.format}, "
        f"which this Alexandria {__version__} cannot read: upgrade it"
    )
