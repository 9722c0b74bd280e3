"""Seasons: several races, points for places, divisions.

season      the record, and what its organiser does with it
tables      the standings
"""
