"""The failure matrix in the documentation is the one that the tests hold the providers to."""

from pathlib import Path

from tests.providers.failures import ROWS, table
from tests.providers.open_library.failures import FAILURES as OPEN_LIBRARY
from tests.providers.wikidata.failures import FAILURES as WIKIDATA
from tests.providers.wikipedia.failures import FAILURES as WIKIPEDIA

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "failures.md"
ALL = [*ROWS, *OPEN_LIBRARY, *WIKIDATA, *WIKIPEDIA]


def test_the_matrix_is_described() -> None:
    matrix = table(ALL)
    assert matrix in PAGE.read_text(encoding="utf-8"), f"put this into docs/reference/failures.md:\n{matrix}"


def test_no_failure_is_an_absence() -> None:
    absent = {row.fault for row in ALL if row.outcome == "NotFound"}
    assert absent <= {"404", "404 page", "wrong book"}
