"""Open Library's web API."""
