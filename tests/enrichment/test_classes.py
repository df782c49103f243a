"""Classes of what stands on an author's page, by words, by language, and by what else is known."""

import pytest

from alexandria.biblio.answers import EditionAnswer
from alexandria.enrichment.classes import class_of, home_language, known_titles, language_of

TITLES = ("Animal Farm", "1984", "War and Peace", "Sense and Sensibility", "Dune", "Dune Messiah", "Bleak House",
          "Emma", "Der Prozess", "ノルウェイの森")  # fmt: skip
WORKS = known_titles(TITLES, ())


def sort_of(
    title: str, language: str | None = "en", home: str | None = "en", subtitle: str | None = None
) -> str | None:
    return class_of(EditionAnswer(title=title, subtitle=subtitle, language=language), WORKS, home)


@pytest.mark.parametrize(
    ("title", "sort"),
    [
        ("Animal Farm", None),
        ("Animal Farm (Penguin Classics)", None),
        ("Dune: A Novel", None),
        ("The New York Trilogy", None),
        ("Collected Stories", None),
        ("Sense and Sensibility", None),
        ("War and Peace", None),
        ("Pride and Prejudice", None),
        ("Part of the Furniture", None),
        ("Volume Control", None),
        ("The Summary Court", None),
        ("Excerptum", None),
        ("Harry Potter Box Set: The Complete Collection", "set"),
        ("Animal Farm and 1984", "set"),
        ("Animal Farm / 1984", "set"),
        ("Sense and Sensibility; Emma; Animal Farm", "set"),
        ("Dune & Dune Messiah", "set"),
        ("Earthsea: Books 1-3", "set"),
        ("3 Novels in One", "set"),
        ("Five Books Collection Set", "set"),
        ("Kafka: Schuber", "set"),
        ("The Stand, Part 1 of 2", "split"),
        ("Anna Karenina: Band 2 von 3", "split"),
        ("War and Peace, Volume 1", "split"),
        ("Spice and Wolf, Vol. 1", None),  # nobody knows it whole
        ("Dune: Free Preview", "sampler"),
        ("Emma - Leseprobe", "sampler"),
        ("Summary of Dune", "derived"),
        ("A Study Guide for George Orwell's Animal Farm", "derived"),
        ("Bleak House: The Graphic Novel", "derived"),
        ("Maus: A Graphic Novel", None),
        ("", None),
        ("…", None),
    ],
)
def test_classes(title: str, sort: str | None) -> None:
    assert sort_of(title) == sort


@pytest.mark.parametrize(
    ("title", "language", "home", "sort"),
    [
        ("Farm der Tiere", "de", "en", "translation"),
        ("Rebelión en la granja (Spanish Edition)", None, "en", "translation"),
        ("La peste (Edition française)", "en", "fr", None),
        ("Cien años de soledad (Spanish Edition)", "es", "es", None),
        ("The Trial", "en", "de", "translation"),
        ("The Trial", "en", None, None),
        ("The Trial", None, "de", None),
        ("Norwegian Wood [in English]", None, "ja", "translation"),
    ],
)
def test_translations(title: str, language: str | None, home: str | None, sort: str | None) -> None:
    assert sort_of(title, language, home) == sort


def test_a_title_says_its_language_better_than_the_provider() -> None:
    assert language_of(EditionAnswer(title="Dune (German Edition)", language="en")) == "de"
    assert language_of(EditionAnswer(title="Dune (Deluxe Edition)", language="en")) == "en"


@pytest.mark.parametrize(
    ("spoken", "home"),
    [
        ({}, None),
        ({"en": (3, 1990)}, "en"),
        ({"en": (20, 1990), "de": (5, 1970)}, "de"),
        ({"en": (20, 1990), "de": (2, 1960)}, "en"),  # too few to tell
        ({"en": (20, 1990), "de": (20, None)}, "en"),
        ({"en": (4, 1990), "de": (5, 1990)}, "de"),
    ],
)
def test_home(spoken: dict[str, tuple[int, int | None]], home: str | None) -> None:
    assert home_language(spoken) == home


def test_known_are_plain_titles_alone() -> None:
    said = [
        EditionAnswer(title=title)
        for title in ("Dune", "Emma: Sampler", "Persuasion: The Graphic Novel", "It, Volume 2")
    ]
    assert known_titles((), said) == {"dune", "it volume 2"}
