"""What Vigie remembers: the only folder that knows a database. `memory.py` opens it."""
