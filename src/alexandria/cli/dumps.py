"""`alexandria mirror download`: what may be asked for, how far it is, what came of it."""

from contextlib import ExitStack
from datetime import UTC, date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from alexandria.cli.progress import Bar, LoadProgress, Rate
from alexandria.cli.screen import say, show_table, size
from alexandria.errors import BadInput

if TYPE_CHECKING:  # it brings the HTTP client, which takes its time
    from alexandria.mirror import report
    from alexandria.mirror.download import Downloaded, Progress

DUMP_TYPES = "authors,works,editions,redirects,deletes"


def read_types(text: str) -> list[str]:
    """The types of dump files named with commas, each once, in the order of loading. Raises BadInput."""
    known = DUMP_TYPES.split(",")
    names = {name.strip() for name in text.split(",") if name.strip()}
    if unknown := sorted(names - set(known)):
        raise BadInput("types", f"{', '.join(unknown)}: no type of dump; there are {', '.join(known)}")
    if not names:
        raise BadInput("types", f"name one at least of {', '.join(known)}")
    return [name for name in known if name in names]


def read_day(text: str) -> date | None:
    """The day of a dump; None when none is named. Raises BadInput."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("date", f"{text!r} is no day; write it as YYYY-MM-DD") from None
    if day > datetime.now(UTC).date():
        raise BadInput("date", f"{day} is yet to come")
    return day


class DownloadProgress(Bar):
    """Told by a download where it is; the time left is that of the whole run."""

    def __init__(self) -> None:
        super().__init__("starting")
        self._of = ""
        self._rate = Rate()

    def __call__(self, progress: "Progress") -> None:
        if progress.stage != self._of:
            self._of, self._rate = progress.stage, Rate()
        rate = self._rate.add(progress.position)
        said = f"{size(progress.position)} of {size(progress.size)}, {size(rate)}/s" if progress.size else "asking"
        self.show(progress.stage, progress.done, max(progress.total, 1), said)


class RefreshProgress:
    """Told by a refresh where it is: first by the download, then by the load."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._download: DownloadProgress | None = None
        self._load: LoadProgress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def download(self, progress: "Progress") -> None:
        if self._download is None:
            self._download = self._stack.enter_context(DownloadProgress())
        self._download(progress)

    def load(self, progress: "report.Progress") -> None:
        if self._load is None:
            self._stack.close()  # one bar at a time
            self._load = self._stack.enter_context(LoadProgress())
        self._load(progress)


def show_downloaded(found: "Downloaded") -> None:
    """Nothing; the files of a download on stdout, and how to load them."""
    rows = [
        (
            file.path.name,
            size(file.bytes),
            f"{size(file.fetched)}{' (resumed)' if file.resumed else ''}" if file.fetched else "was there",
            ", ".join(file.checked),
        )
        for file in found.files
    ]
    show_table(f"Dumps of {found.date}", ("file", "size", "fetched", "checked by"), rows)
    folder = found.files[0].path.parent
    say(f"load them: alexandria mirror load {folder}/ol_dump_*_{found.date}.txt.gz")
