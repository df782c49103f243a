"""What providers and people say about books, and what we make of it.

`fields` says which fields a record has and whose word counts more; `merge` folds answers into one record; `score`
rates them; `store` writes answers, the fold and the log in one transaction; `explain` tells where each field is from.
"""
