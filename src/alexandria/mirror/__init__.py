"""Open Library's dumps and changes → schema `mirror`.

A load reads (`read`), turns lines into rows (`parse`), copies them beside the live mirror (`copy`), makes a mirror of
them (`build`), checks it (`verify`) and swaps it in by renaming (`swap`). `load` tells that story from start to end.
Readers see the old mirror until the rename commits, and the new one after it.
"""
