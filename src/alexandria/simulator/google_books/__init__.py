"""Google Books, API version 1."""
