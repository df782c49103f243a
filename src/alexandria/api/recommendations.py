"""Books like a book."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from alexandria.api import answers
from alexandria.api.isbn import PROBLEM
from alexandria.api.models import Work
from alexandria.api.problems import Problem, described
from alexandria.api.records import Anyone, find_or_refuse
from alexandria.search.similar import read_similar


class SimilarWork(msgspec.Struct):
    """A work that is like another one, and why."""

    work: Work
    because: str
    score: float


class SimilarAnswer(msgspec.Struct):
    """Works like the one asked for, the likest first."""

    work: str
    results: list[SimilarWork]


@get(
    "/api/recommendations/similar",
    summary="Books like a book",
    tags=["Search"],
    responses={
        200: described(SimilarAnswer, description="Other works, the likest first"),
        404: described(Problem, description="There is no such work"),
        410: described(Problem, description="The work was deleted"),
        **PROBLEM,
    },
)
async def get_similar(
    request: Anyone,
    work: Annotated[str, Parameter(description="A work's key, such as OL45804W")],
    limit: Annotated[int, Parameter(ge=1, le=40, description="How many at the most")] = 10,
) -> Response[bytes]:
    """Other works that share the work's rarer subjects or its author."""
    database = request.app.state.database
    asked = await find_or_refuse(request, work, "work")
    results = [
        {"work": msgspec.Raw(body), "because": each.because, "score": each.score}
        for each, body in await read_similar(database, asked.number, limit)
    ]
    key = msgspec.json.decode(asked.body)["key"]
    return answers.record(msgspec.json.encode({"work": key, "results": results}), request.headers.get("if-none-match"))
