"""Sentences from outputs, one parser a file; `answer.py` is their contract."""
