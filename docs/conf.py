"""How `make docs` turns these pages into a site (Sphinx, Markdown by MyST)."""

from typing import Any

project = "Alexandria"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Alexandria"
root_doc = "index"
myst_heading_anchors = 4
FOLDERS = {
    "how-to": "How to",
    "explanation": "Explanation",
    "reference": "Reference",
    "runbooks": "Runbooks",
    "decisions": "Decisions",
}


def add_contents(app: Any, page: str, source: list[str]) -> None:
    """Nothing; the map of the pages gets what Sphinx makes the sidebar from, which other readers of it need not see."""
    if page == root_doc:
        for folder, caption in {"": "Start", **FOLDERS}.items():
            pages = f"{folder}/*" if folder else "*"
            source[0] += f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{pages}\n```\n"


def setup(app: Any) -> None:
    app.connect("source-read", add_contents)
