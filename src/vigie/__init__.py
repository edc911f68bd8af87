"""Vigie: the operations team of people who don't have one; read `app.py` first."""

__version__ = "0.1.0"
