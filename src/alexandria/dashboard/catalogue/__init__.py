"""The catalogue for people: search, works, editions with where each field is from, authors.

Handlers (`search`, `works`, `editions`, `authors`) read through the functions that the API reads through, and give
templates what `cards`, `explained`, `links` and `texts` made of it: plain values, already in words. Everything works
without JavaScript.
"""
