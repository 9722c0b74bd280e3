"""Live races: heats that are launched one after the other while people watch.

records     how a show stands, and its heats
"""
