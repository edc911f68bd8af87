"""What is wrong, since when and where it began, from logs alone; `diagnose.py` is the way in, pure: it is given the texts."""
