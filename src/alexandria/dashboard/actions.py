"""What an operator does with a button: each is a posted form, and answers with the first page and what came of it.

That somebody is logged in and that the form is ours, `login.greet` has seen to.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import structlog
from litestar import Response, post

from alexandria.dashboard.forms import read_form
from alexandria.dashboard.page import Asked, go_to
from alexandria.errors import AlexandriaError, BadInput, DatabaseUnavailable
from alexandria.harvest import campaign
from alexandria.ops import ticks
from alexandria.queue import manage
from alexandria.quota.breakers import SharedBreakers
from alexandria.wiring import Services

MOST_RETRIED: Final = 20_000  # dead jobs that one button puts back, so that nobody waits for minutes
LONGEST_ID: Final = 18  # digits of a campaign's number
Act = Callable[[Services, Mapping[str, str]], Awaitable[str]]
log = structlog.get_logger(__name__)


async def retry_job(services: Services, form: Mapping[str, str]) -> str:
    """What became of a dead job that is to be tried again."""
    text = form.get("id", "")
    try:
        job_id = UUID(text)
    except ValueError as error:
        raise BadInput("id", "must be the id of a job") from error
    done = await manage.retry(services.database, [job_id])
    return "The job is tried again." if done else "That job is no longer dead, or the same waits already."


async def retry_kind(services: Services, form: Mapping[str, str]) -> str:
    """How many dead jobs of a kind are tried again."""
    kind, number = form.get("kind", ""), 0
    if not kind or not kind.isprintable():
        raise BadInput("kind", "must be a kind of job")
    async for some in manage.retry_dead(services.database, kind):
        number += some
        if number >= MOST_RETRIED:
            return f"{number:,} dead jobs are tried again; there may be more, press once more."
    return f"{number:,} dead jobs are tried again."


async def change_campaign(services: Services, form: Mapping[str, str]) -> str:
    """What became of a campaign."""
    text, verb = form.get("id", ""), form.get("verb", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise BadInput("id", "must be the number of a campaign")
    verbs = {"pause": campaign.pause, "resume": campaign.resume, "cancel": campaign.cancel}
    await _known("verb", verb, verbs)(services.database, int(text))
    told = {"pause": "pauses", "resume": "goes on", "cancel": "was cancelled"}
    return f"Campaign {text} {told[verb]}."


async def change_schedule(services: Services, form: Mapping[str, str]) -> str:
    """What became of something that runs by schedule."""
    name, verb = form.get("name", ""), form.get("verb", "")
    if verb == "run":
        await ticks.fire(services.database, name)
        return f"{name} runs now."
    paused = _known("verb", verb, {"pause": True, "resume": False})
    await ticks.pause(services.database, name, paused=paused)
    return f"{name} {'is paused' if paused else 'runs by schedule again'}."


async def reset_breaker(services: Services, form: Mapping[str, str]) -> str:
    """What became of a breaker."""
    bucket = form.get("bucket", "")
    _known("bucket", bucket, services.policies)
    await SharedBreakers(services.database).forget(bucket)
    return f"{bucket} is asked again."


def _known(field: str, name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise BadInput(field, f"must be one of {', '.join(sorted(values))}")
    return values[name]


async def _act(request: Asked, act: Act, panel: str) -> Response[Any]:
    """Back to a panel of the first page, with what came of it."""
    form, state = await read_form(request), request.app.state
    try:
        told = await act(state.services, form)
    except DatabaseUnavailable:
        raise
    except AlexandriaError as error:
        return go_to(f"/#{panel}", f"Nothing was done: {error}")
    finally:
        state.watch.forget()
    log.info("operator acted", action=act.__name__, key_id=request.state.session.key_id, told=told)
    return go_to(f"/#{panel}", told)


@post("/dashboard/jobs/retry", status_code=303)
async def post_retry_job(request: Asked) -> Response[Any]:
    """Tries a dead job again."""
    return await _act(request, retry_job, "failures")


@post("/dashboard/jobs/retry-dead", status_code=303)
async def post_retry_kind(request: Asked) -> Response[Any]:
    """Tries all dead jobs of a kind again."""
    return await _act(request, retry_kind, "queue")


@post("/dashboard/campaigns", status_code=303)
async def post_campaign(request: Asked) -> Response[Any]:
    """Pauses, resumes or cancels a campaign."""
    return await _act(request, change_campaign, "campaigns")


@post("/dashboard/schedule", status_code=303)
async def post_schedule(request: Asked) -> Response[Any]:
    """Runs something now, pauses it, or lets it run on."""
    return await _act(request, change_schedule, "schedule")


@post("/dashboard/breakers/reset", status_code=303)
async def post_reset_breaker(request: Asked) -> Response[Any]:
    """Forgets what failed at a provider."""
    return await _act(request, reset_breaker, "quota")


ROUTES = [post_retry_job, post_retry_kind, post_campaign, post_schedule, post_reset_breaker]
