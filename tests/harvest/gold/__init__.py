"""Authors whose bibliographies are hard, and what the harvest makes of pages of their books.

`authors.txt` has facts alone; `builder` makes the pages, and knows nothing of the classifier; `measure` counts.
"""
