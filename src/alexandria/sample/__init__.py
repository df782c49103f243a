"""Data to try Alexandria with, in dump format: a small sample catalogue and a synthetic dump of any size."""
