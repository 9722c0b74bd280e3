"""The page for whoever runs the installation.

page     figures, tables and versions, looked at again every few seconds
tables   what the rows of its tables are
tokens   letting machines take jobs
"""

from racecraft.interfaces.web.pages.operations.page import operations

__all__ = ["operations"]
