"""Names, titles, authors and works as Hypothesis draws them: few words, so that they meet often."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.match import KnownAuthor, KnownWork

GIVEN = st.sampled_from(["John", "Jane", "J.", "J. R. R.", "Jean-Paul", "María José", "Фёдор", "JK", "Søren"])
FAMILY = st.sampled_from(["Smith", "von Goethe", "Le Guin", "O’Brien", "Достоевский", "García Márquez", "Ng"])
ENDS = st.sampled_from(["", "", "", ", Jr.", " III", ", 1892-1973", ", 1920-", " (politician)", ", Ph.D."])
WHOLE = st.sampled_from(
    ["村上春樹", "村上 春樹", "김민준", "Plato", "University of California, Berkeley", "Anonymous", "B & C"]
)
PERSONAL = st.builds("{} {}{}".format, GIVEN, FAMILY, ENDS) | st.builds("{1}, {0}{2}".format, GIVEN, FAMILY, ENDS)
NAMES = PERSONAL | WHOLE

MAIN = st.sampled_from(
    ["The Hobbit", "Poems", "Dune", "Das Kapital", "1984", "Henry IV", "三体", "Война", "L'Étranger"]
)
TAILS = st.sampled_from(
    ["", "", "", ", Vol. 1", ", Vol. 2", ": A Novel", ": There and Back Again", " (Dune, #2)", ". Band 2", " 上", " 3"]
    + [": The Graphic Novel", ", 2nd ed.", ": Dune"]
)
TITLES = st.builds(str.__add__, MAIN, TAILS)
YEARS = st.none() | st.sampled_from([1890, 1892, 1950, 1951])
ANY_TEXT = st.text(max_size=40) | st.text(st.characters(codec=None), max_size=40) | NAMES | TITLES

IDENTIFIERS: st.SearchStrategy[Mapping[str, Any]] = st.dictionaries(
    st.sampled_from(["wikidata", "viaf", "goodreads"]),
    st.lists(st.sampled_from(["1", "2"]), min_size=1, max_size=2).map(tuple),
    max_size=2,
)
AUTHORS = st.builds(
    KnownAuthor,
    st.sampled_from([1, 2, 10**12 + 1]),
    NAMES,
    st.lists(NAMES, max_size=2).map(tuple),
    YEARS,
    YEARS,
    IDENTIFIERS,
)
PERSONS = st.builds(
    Person, name=NAMES, role=st.none(), number=st.none() | st.sampled_from([1, 2]), identifiers=IDENTIFIERS
)
WORKS = st.builds(
    KnownWork,
    st.sampled_from([1, 2, -7, 10**12 + 1]),
    TITLES,
    st.none() | st.sampled_from(["A Novel", "There and Back Again"]),
    YEARS,
    st.lists(AUTHORS, max_size=2).map(tuple),
)
EDITIONS = st.builds(
    EditionAnswer,
    title=st.none() | TITLES,
    subtitle=st.none() | st.just("There and Back Again"),
    authors=st.lists(PERSONS, max_size=2).map(tuple),
    work_number=st.none() | st.sampled_from([1, 2]),
    publication_date=YEARS.map(lambda year: None if year is None else f"{year}-05"),
)
