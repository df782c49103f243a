"""Tests of alexandria.telemetry."""
