"""What a message about alerts says. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from alexandria.ops.rules import RULES, Severity

if TYPE_CHECKING:
    from alexandria.ops.alerts import Alert

MOST: Final = 20  # alerts that are told one by one
_FAMILIES: Final = {rule.name: rule.family or rule.name for rule in RULES}
_ORDER: Final[tuple[Severity, ...]] = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent; `severity` is that of the worst in it."""

    title: str
    body: str
    severity: Severity


def compose(
    untold: Sequence[tuple["Alert", bool]], still_open: Sequence["Alert"], link: Callable[[str], str]
) -> Message | None:
    """The message about alerts that nobody was told of yet; None when there is nothing to say.

    With each of them, whether it was told that it was raised. One that another of its family took the place of was not
    resolved: only that other one is told.
    """
    worse = {(_family(alert), alert.subject) for alert in still_open}
    raised = [alert for alert, _ in untold if alert.resolved_at is None]
    resolved = [
        alert for alert, _ in untold if alert.resolved_at is not None and (_family(alert), alert.subject) not in worse
    ]
    if not raised and not resolved:
        return None
    lines = [*_said(raised, link), *_said(resolved, link)]
    if others := len(still_open) - len(raised):
        lines.append(f"{others} other alert{'' if others == 1 else 's'} still open: see `alexandria alerts list`.")
    severity: Severity = max((alert.severity for alert in raised), key=_ORDER.index, default="info")
    return Message(_title(raised, resolved), "\n".join(lines), severity)


def _family(alert: "Alert") -> str:
    return _FAMILIES.get(alert.rule, alert.rule)


def _title(raised: Sequence["Alert"], resolved: Sequence["Alert"]) -> str:
    if len(raised) + len(resolved) == 1:
        [alert] = [*raised, *resolved]
        return f"Alexandria: {alert.rule} ({alert.subject}) {'resolved' if alert.resolved_at else alert.severity}"
    counted = [f"{len(raised)} raised"] * bool(raised) + [f"{len(resolved)} resolved"] * bool(resolved)
    return f"Alexandria: alerts: {', '.join(counted)}"


def _said(alerts: Sequence["Alert"], link: Callable[[str], str]) -> Iterator[str]:
    for alert in alerts[:MOST]:
        if alert.resolved_at:
            times = f"from {_shown(alert.raised_at)} to {_shown(alert.resolved_at)}"
            yield f"RESOLVED {alert.rule} ({alert.subject}): {times}"
        else:
            yield f"{alert.severity.upper()} {alert.rule} ({alert.subject}): {alert.summary}"
            yield f"  since {_shown(alert.raised_at)}; what to do: {link(alert.runbook)}"
    if len(alerts) > MOST:
        yield f"… and {len(alerts) - MOST} more"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
