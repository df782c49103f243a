"""What the page of an author says of whom its editions are. Pure.

A provider's page is by name, and names are spelled in many ways and borne by several people. So a page is believed as
far as its editions agree with it:

- An edition by somebody whose name is the author's is the author's, unless another author of that name is known; then
  it is that one's whose work it is, and nobody's where no work tells.
- Another spelling ("J.R.R. Tolkein") is the author's when an edition under it has a title that is theirs.
- An edition without authors is the author's, or theirs and others' as one of the same title says: the provider keeps it
  on the page.
- A page on which less than half of what names anybody names the author is somebody else's, though they may have
  written something together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec
from rapidfuzz.distance import OSA

from alexandria.biblio.answers import EditionAnswer, Person
from alexandria.enrichment.match.agreement import name_agreement
from alexandria.enrichment.match.names import Name, read_name
from alexandria.enrichment.match.score import KnownAuthor, KnownWork, score_author, score_work
from alexandria.enrichment.match.titles import read_title

LIKE: Final = 0.3  # agreement of names that can be one person's, if something else says so
SHORTEST_MISSPELT: Final = 5  # letters of a name
MOST_LETTERS: Final = 2  # that are wrong in it

Works = Mapping[int, Sequence[KnownWork]]  # by author


def is_about(answers: Iterable[EditionAnswer], author: KnownAuthor) -> bool:
    """Whether a page can be an author's: where it names anybody, it is mostly them."""
    named = [answer for answer in answers if answer.authors]
    theirs = sum(
        any(is_named(person.name, author) or is_like(person.name, author) for person in answer.authors)
        for answer in named
    )
    return theirs * 2 >= len(named)


def is_named(name: str, author: KnownAuthor) -> bool:
    """Whether a name is the author's, or one of their other names."""
    return score_author(Person(name), author).verdict == "same"


def is_like(name: str, author: KnownAuthor) -> bool:
    """Whether a name can be a spelling of the author's, though it alone says too little."""
    said, known = read_name(name), read_name(author.name)
    if name_agreement(said, known) >= LIKE:
        return True
    return bool(said.words and known.words) and _is_misspelt(said, known)


def _is_misspelt(said: Name, known: Name) -> bool:
    """Whether one of the names is written nearly so, and the other does not contradict."""
    one, two = said.glued[-1], known.glued[-1]
    if min(len(one), len(two)) < SHORTEST_MISSPELT or OSA.distance(one, two, score_cutoff=MOST_LETTERS) > MOST_LETTERS:
        same_given = said.glued[:1] == known.glued[:1] and len(one) > 1
        return (same_given and OSA.distance(one, two, score_cutoff=1) <= 1) or (
            one == two and _is_given_misspelt(said.glued[0], known.glued[0])
        )
    if len(said.glued) == 1 or len(known.glued) == 1:
        return one[0] == two[0]
    return said.glued[0][0] == known.glued[0][0]


def _is_given_misspelt(one: str, two: str) -> bool:
    """Whether two given names are one, written nearly so: Phillip K. Dick, Viktor Hugo."""
    return (
        min(len(one), len(two)) >= SHORTEST_MISSPELT
        and one[0] == two[0]
        and OSA.distance(one, two, score_cutoff=MOST_LETTERS) <= MOST_LETTERS
    )


def attribute(
    answers: Mapping[int, EditionAnswer], author: KnownAuthor, namesakes: Sequence[KnownAuthor], works: Works
) -> dict[int, EditionAnswer]:
    """The editions by ISBN with the numbers of their authors, as far as the page tells; `works` of all these people."""
    spellings = _spellings(answers.values(), author, works.get(author.number, ()))
    people = (author, *namesakes)
    titled = _by_title(answers.values(), author)
    found = {}
    for isbn, answer in answers.items():
        if not answer.authors and answer.title:
            nameless = (Person(author.name),)
            answer = msgspec.structs.replace(answer, authors=titled.get(_title(answer.title), nameless))
        authors = []
        for person in answer.authors:
            if is_named(person.name, author):
                person = msgspec.structs.replace(person, number=_whose(answer, person, people, works))
            elif person.name in spellings and not namesakes:
                person = msgspec.structs.replace(person, number=author.number)
            authors.append(person)
        found[isbn] = msgspec.structs.replace(answer, authors=tuple(authors))
    return found


def _whose(answer: EditionAnswer, person: Person, people: Sequence[KnownAuthor], works: Works) -> int | None:
    """Which of the people of a name wrote an edition: the only one, or the one who has such a work."""
    if len(people) == 1:
        return people[0].number
    able = [each for each in people if score_author(person, each).verdict == "same"]
    if len(able) == 1:
        return able[0].number
    having = [
        each.number
        for each in able
        if any(score_work(answer, work).verdict == "same" for work in works.get(each.number, ()))
    ]
    return having[0] if len(having) == 1 else None


def _spellings(answers: Iterable[EditionAnswer], author: KnownAuthor, works: Sequence[KnownWork]) -> set[str]:
    """The names on a page that are other spellings of the author's, as titles in common say."""
    theirs = {_title(work.title) for work in works}
    others: dict[str, set[str]] = {}
    for answer in answers:
        for person in answer.authors:
            if is_named(person.name, author):
                theirs.add(_title(answer.title))
            elif is_like(person.name, author):
                others.setdefault(person.name, set()).add(_title(answer.title))
    return {name for name, titles in others.items() if not titles.isdisjoint(theirs - {""})}


def _by_title(answers: Iterable[EditionAnswer], author: KnownAuthor) -> dict[str, tuple[Person, ...]]:
    """Whom editions of a title name, the author among them; where they differ, the one who name most."""
    found: dict[str, tuple[Person, ...]] = {}
    for answer in answers:
        title = _title(answer.title)
        if len(answer.authors) > len(found.get(title, ())) and any(
            is_named(each.name, author) for each in answer.authors
        ):
            found[title] = answer.authors
    return found


def _title(text: str | None) -> str:
    return read_title(text).main if text else ""


def names_on(answers: Iterable[EditionAnswer]) -> Collection[str]:
    """Every name on a page, for whoever tells that it is somebody else's."""
    return list(dict.fromkeys(person.name for answer in answers for person in answer.authors))
