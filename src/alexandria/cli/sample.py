"""`alexandria sample`: data to try Alexandria with."""

from pathlib import Path
from typing import Annotated

import typer

from alexandria.cli.progress import RecordProgress
from alexandria.cli.screen import Json, say, show_json, show_table, size
from alexandria.errors import BadInput

app = typer.Typer(
    no_args_is_help=True, help="Write data to try Alexandria with, in the format of Open Library's dumps."
)
Out = Annotated[Path, typer.Option(help="The folder to write into; made if it is missing.")]


@app.command("dump")
def write_dump(
    editions: Annotated[int, typer.Option(min=1, help="How many editions.")],
    out: Out,
    seed: Annotated[int, typer.Option(help="Another seed gives another dump, the same one the same bytes.")] = 1,
    json: Json = False,
) -> None:
    """Write an invented dump of any size, as large and as messy as a real one."""
    from alexandria.sample.dump import generate_dump

    try:
        with RecordProgress() as progress:
            summary = generate_dump(out, editions, seed, progress)
    except ValueError as error:
        raise BadInput("editions", str(error)) from error
    if json:
        show_json(summary)
        return
    rows = [
        (summary.files[kind].name, summary.lines[kind], size(summary.plain_bytes[kind]), size(summary.gzip_bytes[kind]))
        for kind in summary.files
    ]
    show_table(f"Written into {out}", ("file", "lines", "text", "gzip"), rows)
    say(
        f"{summary.distinct_isbns:,} different ISBNs; {summary.malformed:,} damaged lines, "
        f"{summary.invalid_isbns:,} invalid ISBNs, {summary.without_work:,} editions without a work"
    )


@app.command("catalogue")
def write_catalogue(out: Out, json: Json = False) -> None:
    """Write the sample catalogue: some sixty real editions in several languages, and invented ones."""
    from alexandria.sample.catalogue import write_sample

    paths = write_sample(out)
    if json:
        show_json({"files": paths})
    else:
        say(f"wrote {len(paths)} files into {out}; load them: alexandria mirror load {out}/*")
