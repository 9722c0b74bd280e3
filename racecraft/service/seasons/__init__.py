"""Seasons: several races, points for places, divisions.

season      the record, and what its organiser does with it
correcting  points that are given or taken by hand
tables      the standings
"""
