"""Storms and soaks: the whole program in real processes, killed at random or kept busy, and what came of it.

`place` has the processes, `people` those who look up and write meanwhile, `killer` kills, `checks` says what is broken
in the end, `run` is a storm from beginning to end, `soak` half an hour of load. `page` writes docs/reliability.md.
"""
