"""Hosts of pictures: those of Google Books and ISBNdb, Open Library's covers, the Internet Archive, Wikimedia Commons.

Pictures are drawn from a number (`draw`), so that each book's is another one and the same every time. What hosts of the
real world send instead of a picture, or to do harm, is in `strange`; a fault of the kind `picture` sends it.
"""
