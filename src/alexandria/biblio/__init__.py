"""The vocabulary of books: pure functions over text and numbers, no IO, nothing of ours but the error tree.

isbn          any written ISBN to one 13-digit number, and back
keys          Open Library keys and our own, as a kind and a number
dates         free-text dates to a year, perhaps with month and day, and how sure that is
languages     MARC, ISO 639, BCP 47 and plain names to one short code
text          text made safe to store, folded to compare, freed of HTML
identifiers   (scheme, value) pairs of the outside world in one spelling each

They run once for each of some hundred million dump records, so the common case is short and is tried first.
"""
