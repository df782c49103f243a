"""From what Wikidata sends to neutral answers; pure. Raises Malformed for what it does not document.

values    statements: ranks, unknown values, times, items, texts
entities  items as asked for: redirects, missing ones, names, identifiers
hits      what a search or a query found
author    an item as an author
edition   an item as an edition, also where the ISBN sits on the work
check     whether an item of the right name is the person that is meant
"""
