"""`alexandria alerts`: what is wrong, what was, and whether messages about it arrive."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from alexandria.cli.pool import on_database
from alexandria.cli.screen import FAILED, Json, note, one_line, say, show_json, show_table
from alexandria.config import read_settings
from alexandria.db import Database
from alexandria.errors import SettingsInvalid
from alexandria.ops.alerts import Alert, Teller, open_alerts, past_alerts
from alexandria.ops.outbox import Undelivered, list_undelivered

app = typer.Typer(no_args_is_help=True, help="See what is wrong, and try whether messages about it arrive.")


@app.command("list")
def show_alerts(
    past: Annotated[bool, typer.Option("--past", help="Those that were resolved, too: the last fifty.")] = False,
    json: Json = False,
) -> None:
    """List what is wrong, the worst first, and messages about it that could not be delivered."""
    settings = read_settings()
    current, resolved, waiting = on_database(settings, lambda db: _read(db, past))
    teller = Teller(bool(settings.alert_urls), settings.runbooks_url)
    if json:
        alerts = [{"alert": each, "what_to_do": teller.link(each.runbook)} for each in (*current, *resolved)]
        show_json({"alerts": alerts, "undelivered": waiting})
        return
    if not current and not resolved:
        say("nothing is wrong")
    else:
        heads = ("severity", "rule", "about", "what", "since", "resolved", "what to do")
        show_table("Alerts (UTC)", heads, [_row(each, teller) for each in (*current, *resolved)])
    for each in waiting:
        state = "was given up" if each.given_up else f"was tried {each.tries} times"
        note(f"a message of {_shown(each.created_at)} {state}: {one_line(each.error or 'not tried yet')}")
    if not settings.alert_urls:
        note("nobody is told of alerts: set ALEXANDRIA_ALERT_URLS")


async def _read(db: Database, past: bool) -> tuple[list[Alert], list[Alert], list[Undelivered]]:
    return await open_alerts(db), await past_alerts(db) if past else [], await list_undelivered(db)


def _row(alert: Alert, teller: Teller) -> tuple[object, ...]:
    return (
        alert.severity,
        alert.rule,
        alert.subject,
        one_line(alert.summary),
        _shown(alert.raised_at),
        _shown(alert.resolved_at),
        teller.link(alert.runbook),
    )


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


@app.command("test")
def send_test(json: Json = False) -> None:
    """Send a message to everybody whom ALEXANDRIA_ALERT_URLS names; exit code 1 when it does not reach all of them."""
    from alexandria.ops.tell import Telling  # here, so that other commands start without it

    settings = read_settings()
    if not settings.alert_urls:
        raise SettingsInvalid(["ALEXANDRIA_ALERT_URLS is not set: nobody is told of alerts"])
    telling = Telling(settings.alert_urls)
    text = "This is a test: messages about alerts arrive here. Nothing is wrong."
    reached, error = asyncio.run(telling.tell("Alexandria: test", text, "info"))
    if json:
        show_json({"reached": sorted(reached), "error": error})
    else:
        for name in telling.names:
            say(f"{name}: {'has it' if name in reached else 'does not have it'}")
        if error:
            note(f"not everybody was reached: {error}")
    if error:
        raise typer.Exit(FAILED)
