"""The queue: asking for what nobody knows yet, how far a job is, how the queue stands."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Body, Parameter
from msgspec import Meta

from alexandria.api.bodies import json_body
from alexandria.api.isbn import PROBLEM
from alexandria.api.problems import Problem, Refused, described, problem
from alexandria.enrichment.chain import CHAINS
from alexandria.enrichment.fields import ALIASES, PROVIDERS, USER
from alexandria.errors import BadInput
from alexandria.queue.entities import ENTITIES, read_entity, show_entity
from alexandria.queue.ids import made_at
from alexandria.queue.job import NewJob, Offered, QueueFull
from alexandria.queue.status import JobStatus, KindCounts
from alexandria.queue.store import counts, find, offer

Anyone = Request[Any, Any, Any]
Status = Literal["pending", "processing", "completed", "failed"]
MOST = 1_000
KNOWN = (*(name for name in PROVIDERS if name != USER), *ALIASES)
Names = Annotated[
    list[str], Meta(max_length=20, description=f"In this order, of {', '.join(KNOWN)}; unset: the chain of its kind")
]


class QueueRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A record that providers are to be asked about."""

    entity_type: Literal["edition", "work", "author"]
    entity_key: Annotated[str, Meta(max_length=1_000, description="An edition's ISBN, a work's or author's key")]
    priority: Annotated[int, Meta(ge=1, le=10, description="10 comes first")] = 5
    providers_to_try: Names | None = None


class QueueBatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Up to 1,000 records that providers are to be asked about."""

    jobs: list[QueueRequest]


class Queued(msgspec.Struct):
    """The job of a record: a new one, or the one that was active already."""

    id: str
    status: Status


class QueuedBatch(msgspec.Struct):
    """One job for each record, in the order asked."""

    results: list[Queued]


class JobAnswer(msgspec.Struct):
    """A job. `completed`: a provider knew the record; `failed`: nobody does, or it cannot be done.

    What waits for another attempt, or for tomorrow's quota, is `pending`.
    """

    id: str
    entity_type: str
    entity_key: str
    priority: int
    status: Status
    providers_to_try: list[str]
    providers_attempted: list[str]
    providers_succeeded: list[str]
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None
    retry_count: int


class KindQueue(msgspec.Struct):
    """How the jobs of a kind stand. `due_since`: since when the first one could run that does not.

    `next_at`: when the next one is due that still has to wait. `completed`, `not_found` and `dead` count the last ten
    minutes, `per_minute` is the rate at which jobs ended in them.
    """

    kind: str
    pending: int
    processing: int
    due_since: datetime | None
    next_at: datetime | None
    completed: int
    not_found: int
    dead: int
    per_minute: float


class QueueAnswer(msgspec.Struct):
    """How the queue stands: all its jobs, and those of each kind."""

    pending: int
    processing: int
    kinds: list[KindQueue]


QUEUEING = {
    200: described(Queued, description="The same job was active already: its id"),
    201: described(Queued, description="A new job"),
    401: described(Problem, description="A key with the scope `write` is needed"),
    403: described(Problem, description="The key may not write"),
    413: described(Problem, description="The body is longer than 1 MiB"),
    415: described(Problem, description="The body is not JSON"),
    **PROBLEM,
    503: described(
        Problem, description="The queue is full, or the database is away; Retry-After says when to ask again"
    ),
}
QUEUEING_BATCH = QUEUEING | {
    200: described(QueuedBatch, description="All of them were active already"),
    201: described(QueuedBatch, description="One of them at least is new"),
}


@post("/api/enrich/queue", summary="Ask providers about a record", tags=["Queue"], scope="write", status_code=201,
      before_request=json_body(QueueRequest), responses=QUEUEING)  # fmt: skip
async def post_job(request: Anyone, data: Annotated[QueueRequest, Body()]) -> Response[Queued]:
    """A job that asks providers about the record; of one that is active already the id, with the higher priority."""
    [offered] = await _offer(request, [_read(data)])
    headers = {"Location": f"/api/enrich/status/{offered.id}"}
    return Response(_queued(offered), status_code=201 if offered.is_new else 200, headers=headers)


@post("/api/enrich/queue/batch", summary="Ask providers about up to 1,000 records", tags=["Queue"], scope="write",
      status_code=201, before_request=json_body(QueueBatchRequest), responses=QUEUEING_BATCH)  # fmt: skip
async def post_jobs(request: Anyone, data: Annotated[QueueBatchRequest, Body()]) -> Response[QueuedBatch]:
    """A job for each record in order, new or active already; when one of them is refused, none is enqueued."""
    if not 1 <= len(data.jobs) <= MOST:
        raise BadInput("jobs", f"takes 1 to {MOST:,} records, not {len(data.jobs):,}")
    jobs = [_read(entry, f"jobs[{number}].") for number, entry in enumerate(data.jobs)]
    offered = await _offer(request, jobs)
    status = 201 if any(each.is_new for each in offered) else 200
    return Response(QueuedBatch([_queued(each) for each in offered]), status_code=status)


@get("/api/enrich/status/{id:str}", summary="How far a job is", tags=["Queue"],
     responses={200: described(JobAnswer), 404: described(Problem, description="No such job"),
                410: described(Problem, description="It was over long ago: see the archive"), **PROBLEM})  # fmt: skip
async def get_job(request: Anyone, id: Annotated[str, Parameter(description="The job's id")]) -> JobAnswer:
    """The job with an id, while it is active and after."""
    job_id = _job_id(id)
    found = await find(request.app.state.database, job_id) if job_id else None
    if found is None and job_id and _is_archived(job_id, request.app.state.settings.archive_days):
        raise Refused(
            problem(410, "The job was over long ago: `alexandria archive read jobs` has it.", error="Archived")
        )
    if found is None:
        raise Refused(problem(404, "There is no job with this id.", error="Job not found"))
    return _answer(found)


def _is_archived(job_id: UUID, days: int) -> bool:
    """Whether a job of this id, which is not here, was made so long ago that it may be in the archive."""
    made = made_at(job_id)
    return made is not None and datetime.now(UTC) - made > timedelta(days=days)


@get("/api/queue/status", summary="How the queue stands", tags=["Operations"],
     responses={200: described(QueueAnswer), 503: PROBLEM[503]})  # fmt: skip
async def get_queue(request: Anyone) -> QueueAnswer:
    """How many jobs of each kind wait and run, since when, and how fast they end; from counters."""
    kinds = await counts(request.app.state.database)
    return QueueAnswer(
        pending=sum(each.pending for each in kinds),
        processing=sum(each.running for each in kinds),
        kinds=[_kind(each) for each in kinds],
    )


async def _offer(request: Anyone, jobs: list[NewJob]) -> list[Offered]:
    try:
        return await offer(request.app.state.database, jobs)
    except QueueFull as error:
        text = str(error)
        document = problem(503, text[0].upper() + text[1:] + ".", error="Queue full")
        raise Refused(document, [(b"retry-after", b"%d" % error.retry_after)]) from None


def _read(asked: QueueRequest, place: str = "") -> NewJob:
    """The job that is asked for. Raises BadInput; `place` stands before the names of its fields."""
    key = read_entity(asked.entity_type, asked.entity_key, f"{place}entity_key")
    payload: dict[str, Any] = {}
    if asked.providers_to_try is not None:
        names = [_provider(name, f"{place}providers_to_try") for name in asked.providers_to_try]
        if not names:
            raise BadInput(f"{place}providers_to_try", "must name one at least, or be left out")
        payload = {"providers_to_try": list(dict.fromkeys(names)), "asked_for": True}
    return NewJob(asked.entity_type, key, asked.priority, payload=payload)


def _provider(text: str, field: str) -> str:
    name = ALIASES.get(text, text)
    if name not in KNOWN:
        raise BadInput(field, f"must be of {', '.join(KNOWN)}")
    return name


def _queued(offered: Offered) -> Queued:
    return Queued(str(offered.id), "processing" if offered.is_running else "pending")


def _job_id(text: str) -> UUID | None:
    """The id in its usual form; None for what is the id of no job by its look."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _answer(job: JobStatus) -> JobAnswer:
    payload = job.payload
    chain = CHAINS[ENTITIES[job.kind]] if job.kind in ENTITIES else ()
    return JobAnswer(
        id=str(job.id),
        entity_type=job.kind,
        entity_key=show_entity(job.kind, job.key),
        priority=job.priority,
        status=job.status,
        providers_to_try=list(payload.get("providers_to_try") or chain),
        providers_attempted=list(payload.get("providers_attempted") or ()),
        providers_succeeded=list(payload.get("providers_succeeded") or ()),
        created_at=job.created_at,
        started_at=job.started_at,
        completed_at=job.finished_at,
        error_message=job.error,
        retry_count=job.retry_count,
    )


def _kind(each: KindCounts) -> KindQueue:
    ended = each.completed + each.not_found + each.dead
    return KindQueue(
        kind=each.kind,
        pending=each.pending,
        processing=each.running,
        due_since=each.due_since,
        next_at=each.next_at,
        completed=each.completed,
        not_found=each.not_found,
        dead=each.dead,
        per_minute=ended / 10,
    )


ROUTES = [post_job, post_jobs, get_job, get_queue]
