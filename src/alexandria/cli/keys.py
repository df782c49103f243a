"""`alexandria keys`: who may read, write and manage over HTTP."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from alexandria.cli.pool import on_database
from alexandria.cli.screen import Json, note, say, show_json, show_table
from alexandria.config import read_settings
from alexandria.errors import BadInput
from alexandria.keys import store
from alexandria.keys.key import INTERNAL, read_key_id
from alexandria.keys.store import KeyUnknown

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
_FOR = re.compile(r"(\d{1,6})([hd])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


@app.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for, such as the program that will use it.")],
    scope: Annotated[str, typer.Option(help="What it may do: read, write (reads too), admin (everything).")] = "read",
    expires: Annotated[str, typer.Option(help="When it ends: 90d, 12h, or a day (YYYY-MM-DD, UTC).")] = "",
    json: Json = False,
) -> None:
    """Make a key and print it. It is shown this one time: only a digest is kept."""
    expires_at = read_expiry(expires, datetime.now(UTC))
    key, created_at = on_database(read_settings(), lambda db: store.create_key(db, name, scope, expires_at))
    if json:
        show_json({"id": key.id, "key": key.text, "scope": scope, "created_at": created_at, "expires_at": expires_at})
        return
    say(key.text)
    until = f" until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
    note(f"keep it now, it is not shown again; scope {scope}{until}, id {key.id}")


def read_expiry(text: str, now: datetime) -> datetime | None:
    """The moment after which a key ends; None for never. Raises BadInput."""
    if not text:
        return None
    try:
        found = _FOR.fullmatch(text)
        moment = now + int(found[1]) * _UNITS[found[2]] if found else _midnight(date.fromisoformat(text))
    except ValueError:
        raise BadInput("expires", "must look like 90d, 12h or 2030-12-31") from None
    if moment <= now:
        raise BadInput("expires", f"{text} is not in the future")
    return moment


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys, the newest first, never what opens: of that only a digest is kept."""
    settings = read_settings()
    keys = on_database(settings, store.list_keys)
    if json:
        show_json({"keys": keys})
        return
    rows = [
        (key.id, key.name, key.scope, key.state, *map(_day, (key.created_at, key.expires_at, key.last_used_at)))
        for key in keys
    ]
    show_table("Keys", ("id", "name", "scope", "state", "made", "expires", "last used"), rows)
    if settings.internal_api_key:
        note(f"besides, ALEXANDRIA_INTERNAL_API_KEY is set: a key with scope admin and the id {INTERNAL}")


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else "never"


@app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as listed.", show_default=False)],
    json: Json = False,
) -> None:
    """Revoke a key. A running service may accept it for five seconds more."""
    key_id = read_id(key)
    name, revoked_at = on_database(read_settings(), lambda db: store.revoke_key(db, key_id))
    if json:
        show_json({"id": key_id, "name": name, "revoked_at": revoked_at})
    else:
        say(f"revoked {key_id} ({name}) at {_day(revoked_at)} UTC")


def read_id(text: str) -> str:
    """The id of a key that is given by its id or, as one finds it where it leaked, whole. Raises KeyUnknown."""
    text = text.strip()
    if text == INTERNAL:
        raise KeyUnknown("the bootstrap key is not stored: take ALEXANDRIA_INTERNAL_API_KEY away and start again")
    whole = read_key_id(text.encode(errors="replace"))
    if whole is None and not re.fullmatch("[a-z2-7]{10}", text):
        raise KeyUnknown("this is not the id of a key: see `alexandria keys list`")  # it is not repeated: a secret?
    return whole or text
