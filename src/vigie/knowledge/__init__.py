"""What Vigie knows, as data: causes, remedies, probes, service managers, scripts, programs, lexicons; `library.py` reads it."""
