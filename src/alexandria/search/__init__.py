"""Finding works by what people type: exact words from the index, typos corrected on words against the lexicon.

`asked` reads what was typed, `lexicon` knows its words, `nearby` corrects them, `find` fetches candidates, `rank` puts
them in order, `show` makes them answers.
"""
