"""The first page: how everything stands. The same panels come alone at LIVE, for the script that keeps them fresh."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import Response, get

from alexandria.dashboard.overview import MOST_DEAD, Watch
from alexandria.dashboard.page import Asked, page, part
from alexandria.dashboard.panels import make_panels

LIVE: Final = "/dashboard/live"


@get("/")
async def get_home(request: Asked) -> Response[str]:
    """How everything stands."""
    return page(request, "home.html", live=LIVE, **await _values(request))


@get(LIVE)
async def get_live(request: Asked) -> Response[str]:
    """The panels alone."""
    return part(request, "live.html", **await _values(request))


async def _values(request: Asked) -> dict[str, Any]:
    watch: Watch = request.app.state.watch
    seen, now = await watch.look(), datetime.now(UTC)
    return {"seen": seen, "panels": make_panels(seen, now), "now": now, "most_dead": MOST_DEAD}


ROUTES = [get_home, get_live]
