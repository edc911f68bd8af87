"""The command line as a person runs it: a process, a home of its own, a bare environment."""

from tests.integration.cli.command_line import vigie

__all__ = ["vigie"]
