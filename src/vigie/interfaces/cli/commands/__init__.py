"""The commands, one group a file; a command that is not here does not exist yet."""

import typer

from vigie.interfaces.cli.commands import (
    agents,
    ask,
    audit,
    backup,
    baseline,
    case,
    demo,
    doctor,
    drill,
    fleet,
    host,
    logs,
    metrics,
    people,
    plugins,
    policy,
    search,
    tools,
    up,
    work,
)

_MODULES = (
    up,
    demo,
    drill,
    doctor,
    host,
    fleet,
    baseline,
    work,
    ask,
    case,
    backup,
    audit,
    people,
    agents,
    tools,
    plugins,
    policy,
    logs,
    search,
    metrics,
)


def application() -> typer.Typer:
    """Return the whole command line."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_root)
    for module in _MODULES:
        module.register(app)
    return app


def _root() -> None:
    """Keep the program a group of commands, however few there are."""
