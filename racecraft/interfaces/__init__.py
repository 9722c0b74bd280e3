"""Faces of the same service; no rule lives here."""
