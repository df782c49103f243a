"""A record while it is written: what is said about it, what a write changes, and the rows that are stored. No IO."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alexandria.biblio.keys import Kind, format_key, parse_key
from alexandria.enrichment.fields import PROVIDERS
from alexandria.enrichment.merge import Choice, Stated, fold
from alexandria.enrichment.score import completeness, quality

_INSIDE = frozenset({"work_key", "has_cover"})  # fields that are not served under their name
Fields = Mapping[str, Any]
Sayer = tuple[str, str]  # an answer's provider and source


@dataclass(frozen=True, slots=True)
class Write:
    """What a provider or person says about a record. A patch leaves what it said before about other fields.

    `id` is an edition's ISBN-13, a work's or author's number. `locks` are added to those of the answer.
    """

    kind: Kind
    id: int
    provider: str
    source: str
    fields: Fields
    locks: frozenset[str] = frozenset()
    patch: bool = True
    operation: str = "write"
    record: str | None = None
    revision: str | None = None
    ms: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: whether its answer is new, and which fields of the record it changed."""

    created: bool
    updated: tuple[str, ...]
    quality: int
    completeness: int


@dataclass(slots=True)
class Answer:
    """A row of `enriched.answers`."""

    provider: str
    source: str
    licence: str
    fields: dict[str, Any]
    said: dict[str, str]
    locks: frozenset[str]
    quality: int
    created_at: datetime
    updated_at: datetime
    record: str | None = None
    revision: str | None = None

    def stated(self) -> Stated:
        return Stated(self.provider, self.source, self.fields, self.said, self.locks, self.quality, self.licence)


@dataclass(slots=True)
class Record:
    """A record while it is written: all answers about it, and what was chosen at the beginning."""

    kind: Kind
    id: int
    now: datetime
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    mirror: Stated | None = None
    shown: dict[str, Choice] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)  # the fields of which another value may win since the last `show`
    finds_anew: bool = False  # whether what it is found by has changed

    def fold(self, names: Collection[str] | None = None) -> dict[str, Choice]:
        stated = [answer.stated() for answer in self.answers.values()]
        return fold(self.kind, [*stated, self.mirror] if self.mirror else stated, names)

    def show(self) -> tuple[str, ...]:
        """The fields that changed; what is shown is what all say now."""
        before, self.shown = self.shown, self.fold()
        self.touched.clear()
        return differences(before, self.shown) if before else tuple(sorted(self.shown))

    def show_touched(self) -> tuple[str, ...]:
        """As `show`, after `apply` alone; no other field is decided again."""
        before = {name: self.shown.pop(name) for name in self.touched if name in self.shown}
        after = self.fold(self.touched)
        self.shown |= after
        self.touched.clear()
        return differences(before, after)

    def completeness(self) -> int:
        """How complete what is shown is, in percent."""
        fields = {name: choice.value for name, choice in self.shown.items()}
        fields["has_cover"] = bool(self.mirror and self.mirror.fields.get("has_cover"))
        return completeness(self.kind, fields)

    def values(self) -> dict[str, Any]:
        """What is shown, by field; nothing once the last answer was taken back."""
        return {name: choice.value for name, choice in self.shown.items()} if self.answers else {}

    def shares(self, changed: Sequence[str], by: Sequence[Sayer]) -> dict[Sayer, tuple[str, ...]]:
        """Which of the changed fields each of several answers changed.

        A field that none of them gave, since it is gone or somebody else's now, is the last one's doing.
        """
        if len(by) == 1:
            return {by[0]: tuple(changed)}
        shares: dict[Sayer, list[str]] = {sayer: [] for sayer in by}
        for name in changed:
            choice = self.shown.get(name)
            winners = [(stated.provider, stated.source) for stated in choice.winners] if choice else ()
            for sayer in [each for each in winners if each in shares] or by[-1:]:
                shares[sayer].append(name)
        return {sayer: tuple(names) for sayer, names in shares.items()}


def apply(record: Record, write: Write) -> tuple[Answer, bool, bool]:
    """The answer after the write, whether it is new, and whether anything of it changed."""
    key = (write.provider, write.source)
    held = record.answers.get(key)
    before = held.fields if held else {}
    told = _with_publishers(write.fields)
    fields = {**before, **told} if write.patch else told
    locks = (held.locks if held else frozenset()) | write.locks
    if held and _same(fields, before) and locks == held.locks:
        return held, False, False
    said_before = held.said if held else {}
    kept = {name: said_before[name] for name in fields if name in said_before and _same(before.get(name), fields[name])}
    answer = Answer(
        provider=write.provider,
        source=write.source,
        licence=PROVIDERS[write.provider].licence,
        fields=fields,
        said=dict.fromkeys(fields, record.now.isoformat()) | kept,
        locks=locks,
        quality=quality(record.kind, fields),
        created_at=held.created_at if held else record.now,
        updated_at=record.now,
        record=write.record,
        revision=write.revision,
    )
    record.answers[key] = answer
    if held and answer.quality == held.quality and locks == held.locks:
        record.touched |= (fields.keys() | before.keys()) - kept.keys()
    else:
        record.touched |= fields.keys() | before.keys()
    return answer, held is None, True


def _with_publishers(fields: Fields) -> dict[str, Any]:
    """An answer's fields, where whoever names a publisher names one of the publishers."""
    named = fields.get("publisher")
    return {**fields, "publishers": [named]} if named and "publishers" not in fields else dict(fields)


def differences(before: Mapping[str, Choice], after: Mapping[str, Choice]) -> tuple[str, ...]:
    """The fields whose value is another one now."""
    return tuple(
        name
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or not _same(before[name].value, after[name].value)
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: to Python, true is 1."""
    if one is other:
        return True
    if one != other:
        return False
    if isinstance(one, str):
        return True
    if isinstance(one, Mapping):
        return all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list | tuple):
        return all(map(_same, one, other))
    return isinstance(one, bool) is isinstance(other, bool)


def fold_row(record: Record) -> dict[str, Any]:
    """The row of the overlay: the fields in which the fold differs from the mirror, as they are served."""
    fields = {name: choice.value for name, choice in record.shown.items()}
    mirror = record.mirror.fields if record.mirror else {}
    served = served_fields(record.shown)
    chosen = {name: value for name, value in served.items() if mirror.get(name) != value}
    row: dict[str, Any] = {
        "id": record.id,
        "chosen": chosen,
        "completeness": record.completeness(),
        "quality": max((answer.quality for answer in record.answers.values()), default=0),
        "updated_at": max((answer.updated_at for answer in record.answers.values()), default=record.now),
    }
    if record.answers:
        ours = row["updated_at"].astimezone(UTC).isoformat()[:19] + "Z"
        chosen["updated_at"] = max([ours, *(record.mirror.said.values() if record.mirror else ())])
    if record.kind == "edition":
        chosen["completeness"] = row["completeness"]
        row["work_id"] = _work_of(fields.get("work_key"), mirror.get("work_key"))
    return row


def served_fields(choices: Mapping[str, Choice]) -> dict[str, Any]:
    """What was chosen, in the form in which it is served."""
    return {name: _served(name, choice.value) for name, choice in choices.items() if name not in _INSIDE}


def _served(name: str, value: Any) -> Any:
    """A field's value as readers get it: of people only what names them."""
    if name == "authors":
        return [{"key": person.get("key") or _author_key(person), "name": person["name"]} for person in value]
    if name == "contributors":
        return [{"name": person["name"], "role": person.get("role")} for person in value]
    return value


def _author_key(person: Mapping[str, Any]) -> str | None:
    number = person.get("number")
    return format_key("author", number) if number else None


def _work_of(chosen: str | None, mirrors: str | None) -> int | None:
    """The number of the chosen work where it is not the mirror's."""
    return parse_key(chosen, "work").number if chosen and chosen != mirrors else None


def answer_row(number: int, answer: Answer) -> dict[str, Any]:
    return {
        "id": number,
        "provider": answer.provider,
        "source": answer.source,
        "licence": answer.licence,
        "fields": answer.fields,
        "said": answer.said,
        "locks": sorted(answer.locks),
        "quality": answer.quality,
        "record": answer.record,
        "revision": answer.revision,
        "created_at": answer.created_at,
        "updated_at": answer.updated_at,
    }


def log_row(write: Write, updated: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": write.kind,
        "id": write.id,
        "provider": write.provider,
        "source": write.source,
        "operation": write.operation,
        "success": True,
        "fields_updated": updated,
        "ms": write.ms,
    }
