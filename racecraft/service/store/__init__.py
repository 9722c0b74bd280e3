"""The records of the service: who there is, what they have, what is to be done.

    engine       one database by URL: SQLite in the home folder, or PostgreSQL
    tables       the columns that are searched; everything else of a record is a JSON document
    record       what all records have: an id, a version, a time
    work         one transaction: add, get, find, put, remove
    migrations   from every released version of the tables to the newest

This package is the only place that speaks SQL. A record is one frozen pydantic class, kept by
the module whose noun it is (`people.Person`, `garage.Vehicle`, …) and by no second class here.
"""

from racecraft.service.store.engine import Store, open_store
from racecraft.service.store.record import Record, new_id
from racecraft.service.store.work import Above, Below, Contains, Work

__all__ = ["Above", "Below", "Contains", "Record", "Store", "Work", "new_id", "open_store"]
