"""Reads: what the catalogue answers, by ISBN and by key.

`lookup` is the hot path by ISBN; `records` reads single records by key and follows merges; `pages` lists the editions
of a work and the works of an author. Each gives JSON as bytes, built by the database. Nothing here writes.
"""
