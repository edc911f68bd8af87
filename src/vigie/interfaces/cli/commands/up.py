"""`vigie up`: the server with everything, on one home, until it is stopped."""

import asyncio
import contextlib
import sys
import webbrowser
from typing import Annotated

import typer

from vigie.domain.errors import Permanent
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.running import only_server
from vigie.interfaces.settings import InterfaceSettings

LOGIN_TOKEN_TTL_S = 3600.0


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("up")(up)


def up(
    context: typer.Context,
    port: Annotated[int | None, typer.Option("--port", metavar="N", min=0, max=65535)] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser")] = False,
) -> None:
    """Run everything."""

    async def command(session: Session) -> Answer | None:
        settings = session.launcher.settings()
        with only_server(settings.run_folder) as place:
            from vigie.interfaces.api.server import Listener, serve

            with Listener.open(settings, port) as listener:
                async with session.services() as services:
                    if damage := await services.memory.check_workflows():
                        raise Permanent("case.engine_corrupt", path=services.memory.workflows_path, seen=damage[0])
                    token = await services.store.people.new_login_token(LOGIN_TOKEN_TTL_S)
                    place.announce(listener.url)
                    try:
                        _welcome(session, settings, listener.url, token, opens_browser=not no_browser)
                        with contextlib.suppress(asyncio.CancelledError):
                            await serve(services, listener, local_token=place.token)
                    finally:
                        place.withdraw()
        return None

    run(context, command)


def _welcome(session: Session, settings: InterfaceSettings, url: str, token: str, *, opens_browser: bool) -> None:
    way_in = f"{url}/login?token={token}"
    output = session.output
    lines = [
        output.text("cli.up.url"),
        "",
        f"  {way_in}",
        "",
        output.text("cli.up.home", home=settings.home),
        output.text("cli.up.stop"),
    ]
    output.answer(Answer({"url": way_in, "address": url}, "\n".join(lines)))
    if opens_browser and session.launcher.surroundings().has_screen and sys.stdout.isatty():
        webbrowser.open(way_in)
