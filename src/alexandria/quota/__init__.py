"""What providers allow: limits as data, one ledger and one set of breakers for all processes → schema `quota`.

`policy` says what a bucket allows and what each lane may have of it (pure). `ledger` hands out permits by one
statement that decides pace and day together on the database's clock; `line` is the queue before it in each process,
`slots` tells when a slot is on this process's clock. `breakers` keeps us away from providers that are broken.
`status` says what was used, and what it brought.
"""
