"""Staying current: `follow` brings what changed at Open Library since, `refresh` a whole new dump.

`pages` reads the lists of changes, `news` says what is to be done about records that changed.
"""
