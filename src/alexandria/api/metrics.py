"""What is counted, for Prometheus; what is wrong, for whoever asks."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from alexandria.api.models import Alerts, OpenAlert
from alexandria.api.problems import Problem, described
from alexandria.ops.alerts import open_alerts
from alexandria.telemetry.exposition import render


@get("/metrics", scope="read", include_in_schema=False)
async def get_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The metrics of all processes and of the database, as text that Prometheus reads."""
    body, media_type = render(await request.app.state.board.read(), request.headers.get("accept", ""))
    return Response(body, media_type=media_type, headers={"cache-control": "no-store"})


@get(
    "/api/alerts",
    summary="What is wrong",
    tags=["Operations"],
    responses={
        200: described(Alerts),
        503: described(Problem, description="The database is away; Retry-After says when to ask again"),
    },
)
async def get_alerts(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The open alerts, the worst first, each with its runbook; an empty list when all is well."""
    found = [
        OpenAlert(
            rule=each.rule,
            subject=each.subject,
            severity=each.severity,
            summary=each.summary,
            runbook=each.runbook,
            value=each.value,
            raised_at=each.raised_at,
            last_seen_at=each.last_seen_at,
        )
        for each in await open_alerts(request.app.state.database)
    ]
    return Response(msgspec.json.encode(Alerts(found)), media_type="application/json")


ROUTES = [get_metrics, get_alerts]
