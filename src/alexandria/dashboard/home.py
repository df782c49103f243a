"""The first page: how everything stands."""

from litestar import Response, get

from alexandria.dashboard.page import Asked, page


@get("/")
async def get_home(request: Asked) -> Response[str]:
    """How everything stands."""
    return page(request, "home.html")


ROUTES = [get_home]
