"""An item as an author."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from alexandria.biblio.answers import AuthorAnswer, Gender
from alexandria.providers.wikidata.parse.entities import (
    PERSON,
    description_of,
    identifiers_of,
    name_of,
    names_of,
    sitelinks_of,
)
from alexandria.providers.wikidata.parse.values import Time, claims_of, is_unknown, items, texts, times
from alexandria.providers.wikidata.wire import EntityWire, Statements

GENDERS: Mapping[str, Gender] = {
    "Q6581097": "Male",
    "Q2449503": "Male",  # trans man
    "Q6581072": "Female",
    "Q1052281": "Female",  # trans woman
    "Q48270": "NonBinary",
}
FILE_PATH = "https://commons.wikimedia.org/wiki/Special:FilePath/"


def read_author(
    entity: EntityWire, number: int | None, labels: Mapping[str, str], languages: Sequence[str]
) -> AuthorAnswer:
    """The answer for an author; `number` is Open Library's when that was asked for, `labels` names other items."""
    claims = claims_of(entity)
    name = name_of(entity, languages) or next(iter(texts(claims.birth_name)), None)
    born, died = times(claims.born), times(claims.died)
    countries = [labels[item] for item in items(claims.citizenship) if item in labels]
    return AuthorAnswer(
        number=number,
        name=name,
        alternate_names=tuple(each for each in names_of(entity, languages) if each != name),
        gender=read_gender(claims.gender),
        nationality=countries[0] if countries else None,
        birth_date=date_text(born),
        death_date=date_text(died),
        birth_year=one_year(born),
        death_year=one_year(died),
        photo_url=image_url(claims.image),
        identifiers=identifiers_of(entity, PERSON),
        metadata=_metadata(entity, countries, [*born, *died], languages),
    )


def read_gender(statements: Statements) -> Gender | None:
    """The one gender that the item states; Unknown when it states several, one that we have no word for, or just that.

    None when it states nothing.
    """
    stated: set[Gender] = {GENDERS.get(item, "Unknown") for item in items(statements)}
    if len(stated) == 1:
        return stated.pop()
    return "Unknown" if stated or is_unknown(statements) else None


def date_text(found: Sequence[Time]) -> str | None:
    """The most precise date; where they differ by more than precision, all the years: "1761 or 1762"."""
    if not found:
        return None
    years = sorted({time.year for time in found if time.year is not None})
    if len(years) > 1:
        return " or ".join(str(year) for year in years)
    return found[0].text


def one_year(found: Sequence[Time]) -> int | None:
    """The year that all dates agree on."""
    years = {time.year for time in found if time.year is not None}
    return years.pop() if len(years) == 1 else None


def image_url(statements: Statements) -> str | None:
    """Where Commons serves the picture; the statement has the name of its file."""
    name = next(iter(texts(statements)), None)
    return FILE_PATH + quote(name.replace(" ", "_"), safe="") if name else None


def _metadata(
    entity: EntityWire, countries: Sequence[str], dates: Sequence[Time], languages: Sequence[str]
) -> dict[str, Any]:
    """What has no field of its own; `sitelinks` is how Wikipedia's page is found."""
    found = {
        "description": description_of(entity, languages),
        "citizenships": list(countries) if len(countries) > 1 else None,
        "calendar": "Julian" if any(time.is_julian for time in dates) else None,
        "instance_of": items(claims_of(entity).instance_of),
        "sitelinks": sitelinks_of(entity),
    }
    return {name: value for name, value in found.items() if value}
