"""What may be done: `shell.py` says what a line does, `gate.py` is the only door to hosts."""
