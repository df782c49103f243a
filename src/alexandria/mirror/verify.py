"""Whether a file is a whole dump, and whether the mirror built of it may replace the live one: pure judgement."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alexandria.errors import DumpRefused
from alexandria.mirror.parse import NOT_A_COPY, Part, Rejected, parse_line
from alexandria.mirror.readers import BEGINNING, Readers

KEEP = 0.9  # a table below this share of its old size is not believed
STALE = 0.01  # more records than this in an older revision than ours, and the dump is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a load read and made. Tables as keys; `coming` are records that changes brought since it began."""

    lines: int
    copied: Mapping[str, int]
    rejected: int
    superseded: Mapping[str, int]
    carried: Mapping[str, int]
    stale: Mapping[str, int]
    built: Mapping[str, int]
    coming: Mapping[str, int]
    live: Mapping[str, int]
    newest: Mapping[str, str]
    loaded_before: Mapping[str, str] = field(default_factory=dict)


def find_problems(evidence: Evidence) -> list[str]:
    """Every reason not to swap, in sentences; empty when all is well."""
    return [
        *_unaccounted(evidence),
        *_shrunk(evidence),
        *_older(evidence),
        *_stale(evidence),
    ]


def _unaccounted(evidence: Evidence) -> list[str]:
    copied = sum(evidence.copied.values())
    if evidence.lines == copied + evidence.rejected:
        return []
    return [f"{evidence.lines} lines were read, but {copied} rows and {evidence.rejected} rejects came of them"]


def _shrunk(evidence: Evidence) -> list[str]:
    after = {table: evidence.built.get(table, 0) + evidence.coming.get(table, 0) for table in evidence.live}
    return [
        f"{table} would shrink from {before} to {after[table]} rows"
        for table, before in evidence.live.items()
        if after[table] < before * KEEP
    ]


def _older(evidence: Evidence) -> list[str]:
    return [
        f"{table} in these files end at {evidence.newest[table]}, before those loaded last ({before})"
        for table, before in evidence.loaded_before.items()
        if evidence.newest.get(table, before) < before
    ]


def _stale(evidence: Evidence) -> list[str]:
    return [
        f"{count} of {evidence.copied[table]} {table} in these files are older revisions than those we have"
        for table, count in evidence.stale.items()
        if count > evidence.copied.get(table, 0) * STALE
    ]


def refuse_cut_line(path: Path, data: bytes, part: Part) -> None:
    """Raises DumpRefused when the last line of a file has no end and is no record."""
    if data.endswith(b"\n"):
        return
    line = data[data.rfind(b"\n") + 1 :]
    try:
        if not line.startswith(BEGINNING):
            parse_line(line, part)
        elif isinstance(reason := Readers().add(line), str):
            raise Rejected(reason)
    except Rejected as error:
        if not str(error).startswith("filtered"):
            raise DumpRefused(f"{path}: ends in the middle of a line; download it again") from None


def judge_file(path: Path, counts: Counter[str]) -> None:
    """Raises DumpRefused for a file that holds no record at all, or mostly lines that are no dump's."""
    known = sum(count for name, count in counts.items() if ": " not in name and name != NOT_A_COPY)
    filtered = sum(count for name, count in counts.items() if name.startswith("filtered"))
    other = sum(count for name, count in counts.items() if name.startswith("type"))
    if known + filtered == 0:
        raise DumpRefused(
            f"{path}: holds no author, work, edition, redirect, deletion, rating or shelf; is it the right file?"
        )
    damaged = counts.total() - known - filtered - other
    if damaged > known + filtered:
        raise DumpRefused(f"{path}: {damaged} of {counts.total()} lines are no Open Library dump lines")
