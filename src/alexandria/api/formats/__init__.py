"""Editions and works in the formats of other programs: CSL-JSON, BibTeX, RIS, MARC21, MARCXML. Pure."""
