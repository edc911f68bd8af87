"""Kept log lines: compressed blocks in `events.db`, found again by signatures of what is in them; `store.py` is the way in."""
