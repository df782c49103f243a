"""One job under way: what is known, what was asked, what is to be written at the end. No IO."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from alexandria.biblio.answers import EditionAnswer, Moved, Person
from alexandria.biblio.keys import Kind
from alexandria.enrichment.answers import fields_of
from alexandria.enrichment.chain import ENOUGH, Trail
from alexandria.enrichment.fields import PROVIDERS, SELF
from alexandria.enrichment.merge import Stated, fold
from alexandria.enrichment.score import completeness, quality
from alexandria.enrichment.store import Write
from alexandria.errors import Malformed, ProviderFailed, QuotaExhausted
from alexandria.providers.provider import Found, NotFound
from alexandria.queue.job import Done, Job, Outcome, Result, Retry, Snooze

LATER = timedelta(minutes=5)  # when a provider that is away does not say until when
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(slots=True)
class Course:
    """A job on its way along the chain. `is_asked_for`: somebody named the providers, so one is asked in any case."""

    job: Job
    kind: Kind
    trail: Trail
    stated: list[Stated]
    is_asked_for: bool = False
    writes: list[Write] = field(default_factory=list)
    answers: list[tuple[str, EditionAnswer]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    _fields: dict[str, Any] | None = None
    _completeness: int = 0  # of those fields

    @property
    def fields(self) -> dict[str, Any]:
        """The record as it is with what was found on the way."""
        if self._fields is None:
            self._fields = {name: choice.value for name, choice in fold(self.kind, self.stated).items()}
            mirror = next((stated for stated in self.stated if stated.source == "mirror"), None)
            has_cover = bool(mirror and mirror.fields.get("has_cover"))
            self._completeness = completeness(self.kind, {**self._fields, "has_cover": has_cover})
        return self._fields

    @property
    def is_known(self) -> bool:
        """Whether anybody says anything about it."""
        return bool(self.stated)

    def is_enough(self) -> bool:
        """Whether nobody else needs to be asked."""
        if self.is_asked_for and not self.trail.attempted:
            return False
        return bool(self.fields) and self._completeness >= ENOUGH

    def told(self) -> list[tuple[str, EditionAnswer]]:
        """What was told of the edition, with title and authors, while nobody says which work it is of."""
        if any(stated.fields.get("work_key") for stated in self.stated):
            return []
        return [
            (stated.provider, _as_answer(stated.fields))
            for stated in self.stated
            if stated.fields.get("title") and stated.fields.get("authors")
        ]

    def take(self, provider: str, said: Found[Any] | NotFound | Moved, ms: float) -> None:
        """Nothing; the provider answered."""
        if not isinstance(said, Found):
            self.trail.note(provider, "not_found")
            self._note(provider, "fetch", ms, error="moved" if isinstance(said, Moved) else "not found")
            return
        fields = fields_of(said.answer)
        self.trail.note(provider, "found")
        self.writes.append(
            Write(self.kind, self.job.key, provider, SELF, fields, patch=False, operation="fetch", record=said.record,
                  revision=said.revision, ms=ms)
        )  # fmt: skip
        self._fields = None
        now = datetime.now(UTC).isoformat()
        self.stated = [each for each in self.stated if (each.provider, each.source) != (provider, SELF)]
        self.stated.append(
            Stated(provider, SELF, fields, dict.fromkeys(fields, now), quality=quality(self.kind, fields),
                   licence=PROVIDERS[provider].licence)
        )  # fmt: skip
        if isinstance(said.answer, EditionAnswer):
            self.answers.append((provider, said.answer))

    def fail(self, provider: str, error: ProviderFailed, ms: float) -> None:
        """Nothing; the provider did not answer the question, which is no absence."""
        if isinstance(error, Malformed):
            self.trail.broken[provider] = str(error)
        else:
            self.trail.waiting[provider] = error.retry_at
        if not isinstance(error, QuotaExhausted):  # then nobody was asked
            self._note(provider, "fetch", ms, error=str(error))

    def result(self) -> Result:
        """What becomes of the job, now that nobody else can be asked."""
        return Result(self.job, self._outcome(datetime.now(UTC)), self.trail.payload())

    def _outcome(self, now: datetime) -> Outcome:
        trail = self.trail
        if self.is_enough():
            return Done(found=True)
        if trail.waiting:
            return Snooze(
                min(at or now + LATER for at in trail.waiting.values()), f"waits for {', '.join(trail.waiting)}"
            )
        if trail.broken:
            pause = min(LATER * 2 ** min(self.job.attempts, 10), LONGEST_PAUSE)
            return Retry(now + pause, "; ".join(trail.broken.values()))
        return Done(found=bool(trail.succeeded))

    def _note(self, provider: str, operation: str, ms: float, error: str) -> None:
        self.log.append(
            {"kind": self.kind, "id": self.job.key, "provider": provider, "source": SELF, "operation": operation,
             "success": False, "fields_updated": [], "error": error[:500], "ms": ms}
        )  # fmt: skip


def _as_answer(fields: Mapping[str, Any]) -> EditionAnswer:
    people = tuple(Person(person["name"], number=person.get("number")) for person in fields["authors"])
    return EditionAnswer(
        title=fields["title"],
        subtitle=fields.get("subtitle"),
        authors=people,
        publication_date=fields.get("publication_date"),
    )
