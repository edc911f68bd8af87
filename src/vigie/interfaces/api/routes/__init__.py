"""One router a file; `application.py` puts them together."""
