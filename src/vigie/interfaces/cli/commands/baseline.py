"""`vigie baseline`: what should not change unnoticed on a host, and what has changed since."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from vigie import i18n
from vigie.domain.errors import Permanent
from vigie.interfaces.baseline_document import baseline_document, change_document, recorded
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, safe
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = ("kind", "path", "before", "after", "at")
_VALUE_LENGTH_MAX = 60


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("take")(take)
    group.command("show")(show)
    group.command("diff")(diff)
    app.add_typer(group, name="baseline")


def take(context: typer.Context, name: str) -> None:
    """Record a host as it is now."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            taken = await services.desk.take_baseline(host.name)
        told = session.output.text(
            "cli.baseline.taken",
            host=name,
            entries=len(taken.entries),
            seconds=i18n.decimal(session.output.language, f"{taken.seconds:.1f}"),
        )
        return Answer({"baseline": baseline_document(taken), "changes": []}, told, rows=[baseline_document(taken)])

    run(context, command)


def show(context: typer.Context, name: str) -> None:
    """Show what is recorded of a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            latest = await services.store.baselines.latest(host.name)
        if latest is None:
            raise Permanent("cli.no_baseline", host=name)
        entries = recorded(latest)
        rows = [{**entry, "value": _short(entry["value"])} for entry in entries]
        human = table(session.output, "baseline", ("kind", "path", "value"), rows)
        document = {"baseline": {**baseline_document(latest), "recorded": entries}, "changes": []}
        return Answer(document, human, rows=entries, columns=("kind", "path", "value"))

    run(context, command)


def diff(context: typer.Context, name: str) -> None:
    """Show what has changed on a host since it was recorded."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            if await services.store.baselines.latest(host.name) is None:
                raise Permanent("cli.no_baseline", host=name)
            changes = [change_document(change) for change in await services.desk.diff(host.name)]
        return Answer({"changes": changes}, _drawn(session, changes), rows=changes, columns=_COLUMNS)

    run(context, command)


def _drawn(session: Session, changes: list[dict[str, Any]]) -> "Callable[[Console], None]":
    rows = [{**change, "before": _short(change["before"]), "after": _short(change["after"])} for change in changes]
    return table(session.output, "baseline", _COLUMNS, rows, empty="cli.baseline.same")


def _short(value: object) -> str | None:
    if value is None:
        return None
    text = safe(value)
    return text if len(text) <= _VALUE_LENGTH_MAX else f"{text[:_VALUE_LENGTH_MAX]}…"
