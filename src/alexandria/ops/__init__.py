"""Running it: what is asked about the whole, and what is done by schedule.

`schedule` is the table of what runs when, `ticks` makes each firing happen once. `archive` moves what is old to files,
`freshness` tells how far the mirror is behind, `history` how things stood minute by minute, `reconcile` compares counts
of quota. `processes` tells who lives, `gauges` and `board` are the metrics of all. `facts` is what `rules` judge,
`watch` looks at them, `alerts` keeps what is wrong, `outbox` and `tell` see that somebody hears of it.
"""
