"""The whole application of one worker process: the API with the pages of the dashboard beside it."""

from functools import partial

from litestar.types import ASGIApp

from alexandria.api import server
from alexandria.dashboard.site import Site
from alexandria.dashboard.traffic import Traffic
from alexandria.ops.alerts import open_alerts


def create() -> ASGIApp:
    """The application, from the environment that `alexandria.api.server.serve` prepared."""
    traffic = Traffic()
    return traffic.around(server.create(partial(Site, traffic=traffic, read_alerts=open_alerts)))
