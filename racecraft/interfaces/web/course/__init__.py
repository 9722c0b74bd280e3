"""The texts of the guided course: one folder a language in `texts`, with the same keys in each.

The console shows them (`catalogue`), and the book in `docs/course` is made of them (`book`).
"""
