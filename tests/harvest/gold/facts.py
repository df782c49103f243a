"""The facts of `authors.txt`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Half = Literal["open", "kept"]


@dataclass(frozen=True, slots=True)
class Work:
    """A canonical work: title and year in its own language, titles of translations by language."""

    title: str
    year: int
    translations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody with their works; `misspelt` as others write the name."""

    number: int
    name: str
    language: str
    misspelt: str
    half: Half
    works: tuple[Work, ...]
    namesake: tuple[str, ...] = ()


# Books of other people of the name; the first ones stand in the mirror under an author of their own.
NAMESAKES = {
    "Thomas Mann": ("The Oxford Guide to Library Research", "Library Research Models", "Guide to Subject Headings"),
    "Charles Dickens": ("Dictionary of London", "Dictionary of the Thames", "Continental Railway Tables"),  # the son
    "Stephen King": ("When the Money Runs Out", "Losing Control: Threats to Western Prosperity", "Grave New World"),
}


def read_authors() -> list[Author]:
    """Everybody in the file."""
    text = (Path(__file__).parent / "authors.txt").read_text(encoding="utf-8")
    found: list[Author] = []
    for block in text.split("\n= ")[1:]:
        head, *lines = block.strip().splitlines()
        name, language, misspelt, half = (part.strip() for part in head.split("|"))
        assert half in ("open", "kept")
        works = tuple(_work(line) for line in lines)
        found.append(
            Author(len(found) + 1, name, language, misspelt, half, works, NAMESAKES.get(name, ()))  # type: ignore[arg-type]
        )
    return found


def _work(line: str) -> Work:
    title, year, others = (part.strip() for part in line.split(" | ")) if line.count(" | ") == 2 else (
        *(part.strip() for part in line.removesuffix("|").split(" | ")), "")  # fmt: skip
    pairs = [part.split(": ", 1) for part in others.split("; ") if part]
    return Work(title, int(year.strip(" |")), tuple((code.strip(), told.strip()) for code, told in pairs))
