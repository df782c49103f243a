"""What was posted, and whether a page of ours asked for it."""

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from litestar.exceptions import ClientException, HTTPException, PermissionDeniedException

from alexandria.dashboard.page import Asked

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20
CROSSED: Final = ("cross-site", "same-site")


class NoForm(HTTPException):
    """What was posted is no form."""

    status_code = 415


async def read_form(request: Asked) -> Mapping[str, str]:
    """The fields of a posted form; of one that is there twice the last. Raises HTTPException."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NoForm
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise ClientException("no form") from error
    return dict(pairs)


def check_csrf(request: Asked, form: Mapping[str, str], expected: str) -> None:
    """Nothing; raises PermissionDeniedException for a form that no page of ours was sent with."""
    given = form.get("csrf", "")
    crossed = request.headers.get("sec-fetch-site") in CROSSED
    if crossed or not hmac.compare_digest(given.encode(), expected.encode()):
        raise PermissionDeniedException("not our form")


def read_path(text: str | None) -> str:
    """A path of ours to go on to; the first page for whatever else a link may name."""
    text = text or "/"
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_ours and len(text) <= 500 else "/"
