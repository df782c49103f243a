"""The whole application of one worker process: the API with the pages of the dashboard beside it."""

from litestar.types import ASGIApp

from alexandria.api import server
from alexandria.dashboard.site import Site


def create() -> ASGIApp:
    """The application, from the environment that `alexandria.api.server.serve` prepared."""
    return server.create(Site)
