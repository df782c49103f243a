"""Logging in with an admin key, and out; who fails too often waits."""

import math
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import structlog
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotAuthorizedException

from alexandria.dashboard.forms import check_csrf, read_form, read_path
from alexandria.dashboard.page import Asked, go_to, page
from alexandria.dashboard.session import HOURS, LENGTH, csrf_of, end_session, find_session, make_token, open_session
from alexandria.keys.key import digest_of
from alexandria.keys.ring import Denied, Holder, KeyRing

LOGIN: Final = "/login"
MOST_FAILURES: Final = 10  # from one address, until one of them is
PAUSE: Final = 300.0  # seconds old
MOST_ADDRESSES: Final = 10_000
log = structlog.get_logger(__name__)


class Failures:
    """Logins that failed, by address, in the memory of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, list[float]] = {}  # the newest last

    def wait(self, address: str) -> float | None:
        """Seconds until this address may try again; None: now."""
        recent = self._recent(address)
        return recent[0] + PAUSE - self._clock() if len(recent) >= MOST_FAILURES else None

    def note(self, address: str) -> None:
        """Nothing; another one failed from there."""
        recent = self._recent(address)
        self._at.pop(address, None)  # so that it becomes the newest
        self._at[address] = [*recent, self._clock()][-MOST_FAILURES:]
        if len(self._at) > MOST_ADDRESSES:
            del self._at[next(iter(self._at))]

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - PAUSE
        return [at for at in self._at.get(address, ()) if at > since]


@get(LOGIN)
async def get_login(request: Asked) -> Response[Any]:
    """The form."""
    if request.state.session:
        return go_to("/")
    return _form(request, read_path(request.query_params.get("next")))


@post(LOGIN, status_code=200)
async def post_login(request: Asked) -> Response[Any]:
    """On with the page that was wished for, or the form again with what was wrong."""
    form = await read_form(request)
    check_csrf(request, form, csrf_of(_form_token(request) or make_token()))
    state, goal = request.app.state, read_path(form.get("next"))
    failures: Failures = state.failures
    address = request.client.host if request.client else ""
    if (seconds := failures.wait(address)) is not None:
        answer = _form(request, goal, f"Too many attempts: try again in {math.ceil(seconds / 60)} minutes.", 429)
        answer.headers["retry-after"] = str(math.ceil(seconds))
        return answer
    text = form.get("key", "").strip().encode()
    ring: KeyRing = state.ring
    verdict = ring.recall(text) or await ring.check(text)
    if not isinstance(verdict, Holder) or "admin" not in verdict.scopes:
        failures.note(address)
        log.warning("login failed", address=address)
        why = verdict.reason if isinstance(verdict, Denied) else "This key has not the scope admin."
        return _form(request, goal, why, 403)
    token = await open_session(state.database, verdict.key_id, digest_of(text))
    log.info("logged in", key_id=verdict.key_id, address=address)
    gone = _cookie(request, "form", "", 0)
    return go_to(goal, "You are logged in.", (_cookie(request, "session", token, HOURS * 3_600), gone))


@post("/logout", status_code=303)
async def post_logout(request: Asked) -> Response[Any]:
    """Back to the first page; the login is over, here and wherever its cookie was copied to."""
    await end_session(request.app.state.database, request.cookies.get(cookie_name(request, "session"), ""))
    return go_to("/", "You are logged out.", (_cookie(request, "session", "", 0),))


async def greet(request: Asked) -> Response[Any] | None:
    """Nothing, once the request knows who is logged in; or the way to the form where that is needed.

    Whatever is posted needs a login and the token of our forms. Raises HTTPException, DatabaseUnavailable.
    """
    request.state.session = None
    if request.url.path.startswith("/static/"):
        return None
    state = request.app.state
    token = request.cookies.get(cookie_name(request, "session"))
    if token:
        request.state.session = await find_session(state.database, token, state.settings.internal_api_key)
    session = request.state.session
    if request.url.path == LOGIN:
        return None
    if request.method == "POST":
        if session is None:
            raise NotAuthorizedException
        check_csrf(request, await read_form(request), session.csrf)
    elif session is None and not state.settings.open_reads:
        return go_to(f"{LOGIN}?next={quote(request.url.path)}")
    return None


def cookie_name(request: Asked, of: str) -> str:
    """A cookie's name; over HTTPS one that nobody else's page can set."""
    return f"{'__Host-' if is_https(request) else ''}alexandria-{of}"


def is_https(request: Asked) -> bool:
    """Whether the browser speaks HTTPS, to us or to a proxy before us.

    Whoever lies about it can only make their own cookie harder to read.
    """
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" in (request.url.scheme, told)


def _cookie(request: Asked, of: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        cookie_name(request, of),
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )


def _form_token(request: Asked) -> str | None:
    """What this browser was given with the form, which may be open twice; None for nothing, or nothing of ours."""
    token = request.cookies.get(cookie_name(request, "form"), "")
    return token if len(token) == LENGTH else None


def _form(request: Asked, goal: str, wrong: str | None = None, status: int = 200) -> Response[str]:
    token = _form_token(request) or make_token()
    answer = page(request, "login.html", status=status, csrf=csrf_of(token), goal=goal, wrong=wrong)
    answer.set_cookie(_cookie(request, "form", token, 3_600))
    return answer


ROUTES = [get_login, post_login, post_logout]
