"""`vigie logs`: what logs say, one verb a file beside this one."""

import typer

from vigie.interfaces.cli.commands import logs_diagnose, logs_keep, logs_mine, logs_sessions


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("diagnose")(logs_diagnose.diagnose)
    group.command("keep")(logs_keep.keep)
    group.command("sessions")(logs_sessions.sessions)
    group.command("mine")(logs_mine.mine)
    app.add_typer(group, name="logs")


def _group() -> None:
    """Keep `logs` a group, however few its verbs."""
