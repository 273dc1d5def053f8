"""How the tables of the run store came to be, one Alembic revision a file in ``versions``.

A new revision takes the next number, is added to ``REVISIONS``, and leaves the tables as ``core/store/tables.py``
describes them.
"""

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All revisions, oldest first; a database of another one was made by a newer program."""
HEAD = REVISIONS[-1]
