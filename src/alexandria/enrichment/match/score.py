"""Scores: how sure it is that what a provider names is an author or work that is known.

A score is the sum of what agrees, each times its weight; what contradicts forbids. From THRESHOLD on they are one.
The weights are set so that neither a title alone nor an author alone ever reaches it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from alexandria.biblio.answers import AuthorAnswer, EditionAnswer, Person, WorkAnswer
from alexandria.biblio.dates import year_of
from alexandria.biblio.keys import MINTED
from alexandria.enrichment.match.agreement import name_agreement, title_agreement
from alexandria.enrichment.match.names import Name, read_name
from alexandria.enrichment.match.titles import is_generic, read_title

__all__ = ["STRONG", "THRESHOLD", "WEIGHTS", "KnownAuthor", "KnownWork", "Reason", "SaidAuthor", "SaidWork", "Score",
           "Verdict", "score_author", "score_work"]  # fmt: skip

THRESHOLD: Final = 0.75

WEIGHTS: Final = MappingProxyType(
    {
        # of an author; the first two decide alone
        "number": 1.0,
        "identifier": 1.0,
        "name": 0.8,
        "alternate name": 0.79,
        "birth year": 0.12,
        "death year": 0.08,
        # of a work; its number decides alone
        "title": 0.55,
        "author": 0.35,
        "year": 0.1,
    }
)
MOST_NAMES: Final = 100  # alternate names that are read
MOST_AUTHORS: Final = 20
GENERIC_TITLE: Final = 0.7  # of a title's agreement: "Poems" needs author and year
NOBODY: Final = 0.4  # of an author's: "Anonymous" needs title and year
SAME_YEAR: Final = 1  # years that differ by no more than this are one

# Identifiers of people, the most trusted first: the first scheme that both sides have decides. Others are worth
# nothing here: pages of Goodreads and LibraryThing are of names, not of people.
STRONG: Final = ("wikidata", "isni", "orcid", "lc_naf", "bnf", "gnd", "viaf", "opac_sbn", "bookbrainz", "musicbrainz",
                 "inventaire", "imdb")  # fmt: skip

Verdict = Literal["same", "unsure", "different"]


class Reason(NamedTuple):
    """One thing that was compared: its name and weight in WEIGHTS, and how far it agrees, from 0 to 1."""

    name: str
    weight: float
    value: float


class Score(NamedTuple):
    """How sure it is, from 0 to 1, and why. `same` from THRESHOLD on; `different` is 0: something contradicts."""

    value: float
    reasons: tuple[Reason, ...]
    verdict: Verdict


class KnownAuthor(NamedTuple):
    """An author of the mirror or of ours. A death year may be told by death dates, identifiers are in one spelling."""

    number: int
    name: str
    alternate_names: Sequence[str] = ()
    birth_year: int | None = None
    death_year: int | None = None
    identifiers: Mapping[str, Sequence[str]] = MappingProxyType({})


class KnownWork(NamedTuple):
    """A work of the mirror or of ours; `year` is that of first publication, as far as known."""

    number: int
    title: str
    subtitle: str | None = None
    year: int | None = None
    authors: Sequence[KnownAuthor] = ()


SaidAuthor = Person | AuthorAnswer | KnownAuthor
SaidWork = EditionAnswer | WorkAnswer | KnownWork


def score_author(said: SaidAuthor, known: KnownAuthor) -> Score:
    """How sure it is that the person who is named is the author who is known.

    Two known authors can be compared as well, in either order. A number that a provider names must have been followed
    through redirects: another number is another author.
    """
    decided = None if isinstance(said, KnownAuthor) else _by_number(said.number, known.number)
    if decided is None and said.identifiers and known.identifiers:
        decided = _by_identifier(said.identifiers, known.identifiers)
    if decided:
        return decided
    name, known_name = read_name(said.name or ""), read_name(known.name)
    if not name.glued or not known_name.glued:
        return Score(0.0, (), "unsure")
    reason = _names(name, () if isinstance(said, Person) else said.alternate_names, known_name, known.alternate_names)
    if not reason.value:
        return _different(reason)
    if isinstance(said, Person):
        born, died = name.born, name.died
    else:
        born, died = _life(name, said.birth_year, said.death_year)
    years = _lives((born, died), _life(known_name, known.birth_year, known.death_year))
    if years and not years[0].value:  # the birth years differ, or there are none and the death years do
        return _different(reason, *years)
    return _sum(reason, *years)


def score_work(said: SaidWork, known: KnownWork) -> Score:
    """How sure it is that what is said is an edition of the work that is known.

    Two known works can be compared as well, in either order. A work's number that a provider names must have been
    followed through redirects.
    """
    number = (
        said.number if isinstance(said, WorkAnswer) else said.work_number if isinstance(said, EditionAnswer) else None
    )
    if decided := _by_number(number, known.number):
        return decided
    title, known_title = read_title(said.title or "", said.subtitle), read_title(known.title, known.subtitle)
    agreement = title_agreement(title, known_title)
    if not agreement:
        return _OTHER_TITLE
    if title.own_words is not None or known_title.own_words is not None:
        names = [each.name for each in (*said.authors, *known.authors)]
        if is_generic(title, names) or is_generic(known_title, names):
            agreement *= GENERIC_TITLE
    reasons = [_reason("title", agreement)]
    if said.authors and known.authors:
        reasons.append(_reason("author", _authors(said.authors, known.authors)))
    year = _year(said)
    if year is not None and known.year is not None:
        reasons.append(_reason("year", float(abs(year - known.year) <= SAME_YEAR)))
    return _sum(*reasons)


# --- the parts ----------------------------------------------------------------------------------------------


def _by_number(said: int | None, known: int) -> Score | None:
    """The score where a provider names the record by Open Library's number; another of those is another record."""
    if said is None:
        return None
    if said == known:
        return _sum(_reason("number", 1.0))
    return _different(_reason("number", 0.0)) if 0 < known < MINTED else None


def _by_identifier(said: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]) -> Score | None:
    """The score where both sides have an identifier of one scheme."""
    for scheme in STRONG:
        ours, theirs = said.get(scheme), known.get(scheme)
        if ours and theirs:
            same = not set(ours).isdisjoint(theirs)
            return _sum(_reason("identifier", 1.0)) if same else _different(_reason("identifier", 0.0))
    return None


def _names(said: Name, said_alternates: Sequence[str], known: Name, alternates: Sequence[str]) -> Reason:
    """How far the names agree: the names themselves, or one with another name of the other, or two other names."""
    name = _reason("name", name_agreement(said, known))
    if name.value == 1.0 or not (said_alternates or alternates):
        return name
    mine = [read_name(each) for each in said_alternates[:MOST_NAMES]]
    theirs = [read_name(each) for each in alternates[:MOST_NAMES]]
    values = [name_agreement(said, each) for each in theirs] + [name_agreement(known, each) for each in mine]
    values.append(float(not {each.glued for each in mine}.isdisjoint(each.glued for each in theirs)))
    alternate = _reason("alternate name", max(values))
    return max(name, alternate, key=lambda reason: reason.weight * reason.value)


def _life(name: Name, birth_year: int | None, death_year: int | None) -> tuple[int | None, int | None]:
    """The years of birth and death, from the name where they are not told apart from it."""
    return name.born if birth_year is None else birth_year, name.died if death_year is None else death_year


def _lives(said: tuple[int | None, int | None], known: tuple[int | None, int | None]) -> list[Reason]:
    """How far the years agree that both sides have."""
    return [
        _reason(name, float(abs(one - two) <= SAME_YEAR))
        for name, one, two in zip(("birth year", "death year"), said, known, strict=True)
        if one is not None and two is not None
    ]


def _authors(said: Sequence[SaidAuthor], known: Sequence[KnownAuthor]) -> float:
    """How far the authors agree: as the two do that agree most. Of a nobody, little follows."""
    highest = 0.0
    for one in said[:MOST_AUTHORS]:
        for two in known[:MOST_AUTHORS]:
            value = score_author(one, two).value
            if value > highest:
                nobody = read_name(one.name or "").nobody or read_name(two.name).nobody
                highest = max(highest, value * NOBODY if nobody else value)
    return highest


def _year(said: SaidWork) -> int | None:
    if isinstance(said, EditionAnswer):
        return year_of(said.publication_date)
    return said.year if isinstance(said, KnownWork) else said.first_publication_year


def _reason(name: str, value: float) -> Reason:
    return Reason(name, WEIGHTS[name], value)


def _sum(*reasons: Reason) -> Score:
    value = round(sum(reason.weight * reason.value for reason in reasons), 4)
    return Score(value, reasons, "same" if value >= THRESHOLD else "unsure")


def _different(*reasons: Reason) -> Score:
    return Score(0.0, reasons, "different")


_OTHER_TITLE: Final = _different(_reason("title", 0.0))  # by far the most frequent
