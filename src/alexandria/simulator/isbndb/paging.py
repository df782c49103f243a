"""ISBNdb's pages and the texts of the limits that they break."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alexandria.simulator.messages import Response, json_response, whole_number

LARGEST_PAGE, DEEPEST, LONGEST_QUERY = 100, 10_000, 150


class Refused(Exception):
    """The request breaks a rule; the text names it."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class Page(NamedTuple):
    """The page asked for."""

    number: int
    size: int

    def of(self, numbers: Sequence[int]) -> Sequence[int]:
        """The items of this page."""
        return numbers[(self.number - 1) * self.size : self.number * self.size]


def error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """The error body: the same text twice."""
    return json_response({"message": text, "errorMessage": text}, status, headers)


def read_page(query: Mapping[str, str]) -> Page:
    """The page that the parameters name; raises Refused."""
    number, size = whole_number(query.get("page", ""), 1), whole_number(query.get("pageSize", ""), 20)
    if not number or not size:
        raise Refused("page and pageSize must be positive numbers")
    if size > LARGEST_PAGE:
        raise Refused(f"pageSize must not be greater than {LARGEST_PAGE}")
    if number * size > DEEPEST:
        raise Refused(f"only the first {DEEPEST} results can be paged")
    return Page(number, size)


def check_query(text: str) -> str:
    """The text; raises Refused when it is too long."""
    if len(text) > LONGEST_QUERY:
        raise Refused(f"query must not be longer than {LONGEST_QUERY} characters")
    return text
