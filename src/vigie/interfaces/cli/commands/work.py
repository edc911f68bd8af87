"""`vigie work`: one case from what is given to its end, without a server; with one running, it does the work."""

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.domain.case import Case
from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.host import Autonomy
from vigie.interfaces import running
from vigie.interfaces.case_document import exit_code
from vigie.interfaces.cases import told_case
from vigie.interfaces.cli.case_view import drawn
from vigie.interfaces.cli.follow import following
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.running import RunningServer
from vigie.interfaces.services import Services

TIMEOUT_DEFAULT_S = 300.0
TICKET_LENGTH_MAX = 200_000
# UTF-8 takes four bytes for a character at most; of what is longer the rest need not be read.
_TICKET_BYTES_MAX = TICKET_LENGTH_MAX * 4
# How long after its own limit a case may take to finish or undo the step in flight; the document follows at once.
_GRACE_S = 12.0


@dataclass(frozen=True, slots=True)
class Order:
    """What `work` was told."""

    host: str
    ticket: str | None
    autonomy: Autonomy | None
    timeout_s: float


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("work")(work)


def work(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", metavar="NAME")],
    ticket: Annotated[str | None, typer.Option("--ticket", metavar="TEXT")] = None,
    ticket_file: Annotated[str | None, typer.Option("--ticket-file", metavar="F")] = None,
    autonomy: Annotated[Autonomy | None, typer.Option("--autonomy", metavar="LEVEL")] = None,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", min=1, max=86_400)] = TIMEOUT_DEFAULT_S,
) -> None:
    """Work one case to its end."""
    # Before the event loop: a pipe or a terminal may be long in giving the ticket, and the wait must be stoppable.
    order = Order(host, _ticket(ticket, ticket_file), autonomy, timeout)

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await services.store.hosts.get(host)
            server = running.find(services.settings.run_folder)
            case = await (_handed_over(session, services, server, order) if server else _worked_here(session, services, order))
            return await answer_of(session, services, case)

    run(context, command)


async def answer_of(session: Session, services: Services, case: Case) -> Answer:
    """Return the answer for a case that has ended or waits."""
    document = await told_case(services, case, session.output.language, timeline=False)
    return Answer(document, drawn(session.output, document), rows=[_row(document)], code=exit_code(case))


async def carry_on(session: Session, services: Services, case_id: str, timeout_s: float, *, after: int | None = None) -> Case:
    """Work a case in this process until it has ended or waits; past its time, return it as it stands."""
    async with following(session, services, case_id, after=after):
        try:
            async with asyncio.timeout(timeout_s + _GRACE_S):
                return await services.desk.work(case_id)
        except TimeoutError:
            return await services.store.cases.get(case_id)


async def _worked_here(session: Session, services: Services, order: Order) -> Case:
    case = await services.desk.open(
        order.host,
        ticket=order.ticket,
        autonomy=order.autonomy,
        timeout_s=order.timeout_s,
        language=session.output.language,
    )
    return await carry_on(session, services, case.id, order.timeout_s)


async def _handed_over(session: Session, services: Services, server: RunningServer, order: Order) -> Case:
    from vigie.interfaces.cli import handover

    body: dict[str, Any] = {
        "host": order.host,
        "ticket": order.ticket,
        "autonomy": order.autonomy.value if order.autonomy else None,
        "timeout_s": order.timeout_s,
        "language": session.output.language,
    }
    opened = await handover.ask(server, "/api/v1/cases", body, session.output.language)
    case_id = str(opened["case"])
    async with following(session, services, case_id):
        try:
            async with asyncio.timeout(order.timeout_s + _GRACE_S):
                return await handover.until_settled(services, case_id)
        except TimeoutError:
            return await services.store.cases.get(case_id)


def _ticket(text: str | None, file: str | None) -> str | None:
    if text is not None and file is not None:
        raise BadUsage("cli.two_tickets")
    if file is not None:
        text = _read(file)
    if text is None:
        return None
    if len(text) > TICKET_LENGTH_MAX:
        raise Permanent("cli.ticket_too_long", limit=TICKET_LENGTH_MAX)
    if not text.strip():
        raise BadUsage("cli.empty_ticket")
    return text


def _read(file: str) -> str:
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as source:
            raw = source.read(_TICKET_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Permanent("cli.ticket_unreadable", file=file, reason=reason) from error
    return raw.decode("utf-8", "replace")


def _row(document: dict[str, Any]) -> dict[str, Any]:
    names = ("case", "state", "label", "confidence", "verified", "rolled_back")
    return {name: document[name] for name in names} | {"seconds": document["seconds"]["total"]}
