"""What happens when an ISBN is not in the catalogue: it is queued to be asked for, or asked for at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alexandria.api import problems
from alexandria.api.auth import Caller
from alexandria.enrichment.miss import Queued, ask_for, find_remembered
from alexandria.enrichment.now import resolve_now
from alexandria.errors import BadInput
from alexandria.net.gate import Lane
from alexandria.queue.store import QueueFull
from alexandria.wiring import Services

DEADLINE, SHORTEST, LONGEST = 3.0, 0.2, 30.0  # seconds for resolve=now
URGENT, PATIENT = 8, 3  # priorities of callers with a key and without one


class MissProblem(problems.Problem, frozen=True, omit_defaults=False, kw_only=True):
    """No edition is known; whether somebody is asked for it, and where to see how that goes."""

    queued: bool
    job_id: str | None = None
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a caller wants a miss to be treated: whether asked for at once, and how long they wait."""

    now: bool
    seconds: float = DEADLINE


def read_wish(values: Mapping[str, str], by_default: str, caller: Caller) -> Wish:
    """The wish that a query names, or the setting. Raises BadInput, Refused."""
    mode = values.get("resolve", "")
    if mode not in ("", "now", "queue"):
        raise BadInput("resolve", "must be now or queue")
    may = caller.key_id is not None and "write" in caller.scopes or caller.local
    if mode == "now" and not may:
        raise problems.Refused(
            problems.problem(
                401, "resolve=now spends quota: it needs a key with the scope write.", error="Unauthorized"
            ),
            [(b"www-authenticate", b'Bearer realm="alexandria"')],
        )
    return Wish((mode or by_default) == "now" and may, _seconds(values.get("deadline")))


def _seconds(text: str | None) -> float:
    if text is None:
        return DEADLINE
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not SHORTEST <= seconds <= LONGEST:
        raise BadInput("deadline", f"must be {SHORTEST:g} to {LONGEST:g} seconds")
    return seconds


class Misses:
    """What is done about ISBNs that are not in the catalogue. One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._can_ask = bool(services.sources.names("edition"))

    @property
    def by_default(self) -> str:
        """What is done when the caller does not say: `queue` or `now`."""
        return self._services.settings.resolve

    async def queue(self, isbns: Sequence[int], caller: Caller) -> dict[int, Queued]:
        """For each ISBN the job that will ask for it, or why there is none."""
        if not self._can_ask:
            return dict.fromkeys(isbns, Queued(None, "no provider is set up here"))
        lane: Lane = "enrichment" if caller.key_id else "anonymous"
        priority = URGENT if caller.key_id else PATIENT
        return await ask_for(self._services.database, isbns, lane, priority)

    async def resolve(self, isbn: int, seconds: float) -> Queued:
        """The job of the ISBN, which has ended or goes on by itself; nothing when it is remembered as a miss."""
        if not self._can_ask:
            return Queued(None, "no provider is set up here")
        database = self._services.database
        if remembered := await find_remembered(database, [isbn]):
            return remembered[isbn]
        try:
            resolved = (await resolve_now(database, self._services.pipeline, [isbn], seconds))[isbn]
        except QueueFull as error:
            return Queued(None, str(error))
        return Queued(resolved.job_id, "nobody knows it" if resolved.is_over else None)


def miss_problem(text: str, queued: Queued) -> MissProblem:
    """404, with what is done about it."""
    why = f" {queued.reason[0].upper()}{queued.reason[1:]}." if queued.reason else ""
    asked = " It is being asked for: see status_url." if queued.job_id and not queued.reason else ""
    return MissProblem(
        status=404,
        title="Not found",
        error="Not found",
        detail=f"No edition with ISBN {text} is known.{asked}{why}",
        queued=queued.job_id is not None and queued.reason is None,
        job_id=str(queued.job_id) if queued.job_id else None,
        status_url=f"/api/enrich/status/{queued.job_id}" if queued.job_id else None,
    )
