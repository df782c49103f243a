"""The Dockerfile as data: its stages with their instructions, and what a container would run."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word and the rest of it, continued lines put together."""

    word: str
    rest: str

    def options(self) -> dict[str, str]:
        """`--name=value` in front of what it does."""
        return dict(re.findall(r"--([a-z-]+)=(\S+)", self.rest.split(" CMD ")[0]))

    def arguments(self) -> list[str]:
        """The words without options."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]

    def executed(self) -> list[str]:
        """The list of an instruction in exec form."""
        found: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return found


@dataclass(slots=True)
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        return [each for each in self.instructions if each.word == word]

    def last(self, word: str) -> Instruction:
        return self.all(word)[-1]

    def environ(self) -> dict[str, str]:
        """What its ENV instructions set."""
        words = (word for each in self.all("ENV") for word in shlex.split(each.rest))
        return dict(word.split("=", 1) for word in words)


def read_dockerfile(path: Path = ROOT / "Dockerfile") -> list[Stage]:
    """Its stages."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
        elif word and stages:
            stages[-1].instructions.append(Instruction(word, rest.strip()))
    return stages
