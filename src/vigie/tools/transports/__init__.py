"""The ways to a host, one a file; `transport.py` holds their contract."""
