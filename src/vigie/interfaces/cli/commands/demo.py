"""`vigie demo`: a disposable lab, broken and repaired before your eyes."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
