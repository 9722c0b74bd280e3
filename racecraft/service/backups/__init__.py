"""Backups of an installation: one file with all records and all that lies in the home folder.

contents   what such a file is, and what says of itself
snapshot   files of models as they were at one moment, while trainings go on
saving     a running or resting installation into a file
restoring  a file into an empty installation, or in the place of one
"""
