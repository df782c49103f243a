"""Answers for people: a template with what every page shows, or another address with a line to be read there."""

from typing import Any, Final
from urllib.parse import quote, unquote

from litestar import Request, Response
from litestar.datastructures import Cookie

from alexandria.dashboard.render import render

THEMES: Final = ("light", "dark")
NOTICE: Final = "alexandria-notice"  # the cookie that carries a line to the next page
LONGEST: Final = 300  # characters of such a line

Asked = Request[Any, Any, Any]


def page(request: Asked, template: str, *, status: int = 200, **values: object) -> Response[str]:
    """A page. Beside `values` its template may use `path`, `theme`, `session` (None: nobody is logged in), `notice`."""
    notice = request.cookies.get(NOTICE)
    shown = unquote(notice)[:LONGEST] if notice else None
    answer = part(request, template, status=status, theme=theme_of(request), notice=shown, **values)
    if notice:
        answer.delete_cookie(NOTICE)
    return answer


def part(request: Asked, template: str, *, status: int = 200, **values: object) -> Response[str]:
    """A piece of a page, for a script that puts it in place; its template may use `path` and `session`."""
    text = render(template, path=request.url.path, session=request.state.session, **values)
    return Response(text, status_code=status, media_type="text/html")


def theme_of(request: Asked) -> str | None:
    """Light or dark, where somebody chose it by hand."""
    theme = request.cookies.get("alexandria-theme")
    return theme if theme in THEMES else None


def go_to(path: str, notice: str | None = None, cookies: tuple[Cookie, ...] = ()) -> Response[str]:
    """To another page of ours, after a form; with a line that is shown there once."""
    answer = Response("", status_code=303, media_type="text/plain", headers={"location": path})
    for cookie in cookies:
        answer.set_cookie(cookie)
    if notice:
        line = quote(notice[:LONGEST])
        answer.set_cookie(Cookie(NOTICE, value=line, path="/", max_age=60, httponly=True, samesite="strict"))
    return answer
