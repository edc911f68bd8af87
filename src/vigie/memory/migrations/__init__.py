"""How the tables came to be, one revision a file, oldest first; `migrate.py` brings a database up to the last."""

# Kept as data so that opening an up-to-date database need not import alembic; a test compares it with the files.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
