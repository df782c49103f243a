"""ISBNdb, API version 2."""
