"""All pages of the catalogue."""

from alexandria.dashboard.catalogue import authors, editions, search, works

ROUTES = [search.get_catalogue, works.get_work, editions.get_edition, authors.get_author]
