"""Kinds of log lines, one a file; each subclasses `parser.Parser`."""
