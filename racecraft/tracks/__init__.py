"""Tracks: the shipped ones (one folder each), their shapes and pictures, and track files."""
