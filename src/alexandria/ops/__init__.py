"""Running it: what is asked about the whole, and what is done by schedule.

`schedule` is the table of what runs when, `ticks` makes each firing happen once. `archive` moves what is old to files,
`freshness` tells how far the mirror is behind, `history` how things stood minute by minute, `reconcile` compares counts
of quota.
"""
