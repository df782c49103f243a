"""Who can be asked: one package a provider, strangers to each other.

Each is a `client` (its calls), `wire` (its answers with only the fields used) and `parse` (pure: wire → the neutral
answers of `biblio.answers`). What they have in common is in `provider`.
"""
