"""Running it: what is asked about the whole, and what is done by schedule. `reconcile` compares counts of quota."""
