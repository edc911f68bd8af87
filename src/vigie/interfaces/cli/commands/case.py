"""`vigie case`: cases and the decisions that they wait for."""

import asyncio
from typing import Annotated, Any

import typer

from vigie.domain.case import Case, CaseState
from vigie.domain.errors import NeedsApproval, Permanent
from vigie.interfaces import running
from vigie.interfaces.case_document import summary
from vigie.interfaces.cases import timeline_of, told_case
from vigie.interfaces.cli.ask import can_ask, confirm
from vigie.interfaces.cli.case_view import drawn, plan_drawn
from vigie.interfaces.cli.commands.work import answer_of, carry_on
from vigie.interfaces.cli.follow import following
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table
from vigie.interfaces.running import RunningServer
from vigie.interfaces.services import Services

ACTOR = "person:owner"
_LOOKS = 15
_LOOK_AGAIN_S = 0.1
_COLUMNS = ("id", "host", "state", "phase", "label", "title", "opened_at")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("ls")(ls)
    group.command("show")(show)
    group.command("approve")(approve)
    group.command("reject")(reject)
    group.command("comment")(comment)
    app.add_typer(group, name="case")


def ls(
    context: typer.Context,
    state: Annotated[CaseState | None, typer.Option("--state", metavar="STATE")] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="NAME")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000)] = 100,
) -> None:
    """List the cases."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await _carry_on_what_was_left(session, services)
            found = await services.store.cases.list(states=[state] if state else None, host=host, limit=limit)
        rows = [summary(case) for case in found]
        human = table(session.output, "case", _COLUMNS, rows, empty="cli.case.none")
        return Answer({"cases": rows}, human, rows=rows, columns=_COLUMNS)

    run(context, command)


def show(context: typer.Context, case: str) -> None:
    """Show a case."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await services.store.cases.get(case)
            await _carry_on_what_was_left(session, services)
            document = await told_case(services, await services.store.cases.get(case), session.output.language)
        return Answer(document, drawn(session.output, document, whole=True), rows=document["timeline"])

    run(context, command)


def approve(
    context: typer.Context, case: str, plan_hash: Annotated[str | None, typer.Option("--hash", metavar="H")] = None
) -> None:
    """Approve a plan and carry its case on."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            waiting = await _waiting(services, case)
            document = await told_case(services, waiting, session.output.language)
            chosen = plan_hash or await _asked(session, document)
            after = document["timeline"][-1]["seq"] if document["timeline"] else 0
            server = running.find(services.settings.run_folder)
            if server:
                body = {"hash": chosen}
                settled = await _through_server(session, services, server, waiting, "approve", body, after=after)
            else:
                approved = await services.desk.approve(waiting.id, plan_hash=chosen, by=ACTOR)
                settled = await carry_on(session, services, approved.id, approved.timeout_s, after=after)
            return await answer_of(session, services, settled)

    run(context, command)


def reject(context: typer.Context, case: str, reason: Annotated[str, typer.Option("--reason", metavar="TEXT")] = "") -> None:
    """Reject a plan and carry its case on."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            waiting = await _waiting(services, case)
            rows = await timeline_of(services, waiting.id)
            after = rows[-1].seq if rows else 0
            server = running.find(services.settings.run_folder)
            if server:
                settled = await _through_server(session, services, server, waiting, "reject", {"reason": reason}, after=after)
            else:
                rejected = await services.desk.reject(waiting.id, by=ACTOR, reason=reason)
                settled = await carry_on(session, services, rejected.id, rejected.timeout_s, after=after)
            answer = await answer_of(session, services, settled)
        return Answer(answer.document, answer.human, answer.rows)

    run(context, command)


def comment(context: typer.Context, case: str, text: str) -> None:
    """Say something in a case."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            commented = await services.desk.comment(case, by=ACTOR, text=text)
        return Answer(summary(commented), session.output.text("cli.case.commented", case=commented.id))

    run(context, command)


async def _waiting(services: Services, case_id: str) -> Case:
    case = await services.store.cases.get(case_id)
    if case.state is not CaseState.WAITING or case.plan is None:
        raise Permanent("cli.case_not_waiting", case=case.id, state=case.state.value)
    return case


async def _asked(session: Session, document: dict[str, Any]) -> str:
    """Show the plan and ask; a script must name the hash that it has read."""
    found = str(document["plan"]["hash"])
    if session.output.form == "human" or can_ask():
        plan_drawn(session.output, document)(session.output.console(stderr=True))
    if await confirm(session, session.output.text("cli.ask.approve", case=document["case"])):
        return found
    approval = str((document["approval"] or {}).get("id", ""))
    raise NeedsApproval("cli.hash_needed", approval, case=document["case"], hash=found)


async def _through_server(
    session: Session, services: Services, server: RunningServer, case: Case, verb: str, body: dict[str, Any], *, after: int
) -> Case:
    from vigie.interfaces.cli import handover

    async with following(session, services, case.id, after=after):
        await handover.ask(server, f"/api/v1/cases/{case.id}/{verb}", body, session.output.language)
        return await handover.until_settled(services, case.id, since_version=case.version)


async def _carry_on_what_was_left(session: Session, services: Services) -> None:
    """Work the cases that a killed process left, unless a server is there to do it; those of living ones are theirs."""
    if running.find(services.settings.run_folder) or not await services.store.cases.list(states=[CaseState.WORKING], limit=1):
        return
    await services.desk.carry_on()
    for case in await services.store.cases.list(states=[CaseState.WORKING]):
        if await _comes_to_life(services, case):
            session.output.note(session.output.text("cli.case.carrying_on", case=case.id))
            await carry_on(session, services, case.id, case.timeout_s)


async def _comes_to_life(services: Services, case: Case) -> bool:
    """Say whether this process took the case up; the engine takes a moment to begin."""
    for _ in range(_LOOKS):
        if await services.desk.lives_here(case.id):
            return True
        await asyncio.sleep(_LOOK_AGAIN_S)
    return False
