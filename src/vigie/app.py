"""Composition root, read first: builds the program from its parts and starts the command line.

`main` starts the command line, which opens a home through `build`: memory, the gate with its hands, the knowledge, the
team, the desk that works cases. Everything is imported where it is built, so that `vigie --help` answers at once.
"""

import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.config import Settings
    from vigie.domain.finding import Finding
    from vigie.interfaces.services import Services
    from vigie.interfaces.settings import InterfaceSettings, Surroundings


def main() -> None:
    """Run the command line."""
    try:
        from vigie.interfaces.cli.main import run
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)  # nothing had begun

    sys.exit(run(sys.argv[1:], FromEnvironment()))


class FromEnvironment:
    """How the command line gets at a home: by what the environment and the home's settings file say."""

    def surroundings(self) -> "Surroundings":
        """Return what is known without reading a file."""
        from vigie import config

        return config.surroundings()

    def settings(self, home: Path | None = None) -> "InterfaceSettings":
        """Read the settings of a home."""
        from vigie import config

        return config.load(home=home).interfaces

    def open(self, home: Path | None = None) -> "AbstractAsyncContextManager[Services]":
        """Open a home."""
        from vigie import config

        settings = config.load(home=home)
        logging.getLogger().setLevel(settings.log_level.upper())
        return build(settings)


@asynccontextmanager
async def build(settings: "Settings") -> "AsyncIterator[Services]":
    """Open a home: its memory, the gate with its hands, the knowledge, the team, the desk; close all of it at the end.

    Raises:
        VigieError: the home or its database cannot be used.
    """
    from vigie.agents.registry import Registry
    from vigie.cases.conversation import Conversation
    from vigie.cases.desk import Desk
    from vigie.clock import SystemClock
    from vigie.interfaces.observatory import Observatory
    from vigie.interfaces.services import Services
    from vigie.interfaces.watchtower import Watchtower
    from vigie.knowledge.library import load
    from vigie.memory.memory import Memory
    from vigie.policy.alarms import key_changed
    from vigie.policy.crash import arm
    from vigie.policy.gate import Gate
    from vigie.policy.models import learn
    from vigie.reasoning.planning import render
    from vigie.tools import ssh_config, ssh_options
    from vigie.tools.hands import Hands

    clock = SystemClock()
    arm(settings.crash_at)
    knowledge = load(settings.knowledge)
    for folder in settings.interfaces.programs:
        learn(folder)
    async with AsyncExitStack() as closing:
        memory = await Memory.open(settings.home, clock=clock, database_url=settings.database_url)
        closing.push_async_callback(memory.close)
        store = memory.of()

        async def alarm(finding: "Finding") -> None:
            await watchtower.alarm(finding)

        hands = Hands(
            secrets=store.secrets,
            folder=settings.home,
            clock=clock,
            find_host=store.hosts.get,
            agent=settings.ssh_agent,
            on_key_changed=partial(key_changed, store, clock, alarm),
        )
        closing.push_async_callback(hands.close)
        gate = Gate(
            store, hands, clock=clock, render=partial(render, knowledge=knowledge), limits=settings.limits, knowledge=knowledge
        )
        registry = Registry(store, folder=settings.home / "agents")
        desk = Desk(memory, gate=gate, knowledge=knowledge, registry=registry, clock=clock, limits=settings.limits)
        closing.push_async_callback(desk.close)
        watchtower = Watchtower(
            store, desk, gate, clock, settings.sources, language=settings.language, retention=settings.retention
        )
        yield Services(
            settings=settings.interfaces,
            clock=clock,
            memory=memory,
            desk=desk,
            gate=gate,
            registry=registry,
            knowledge=knowledge,
            watchtower=watchtower,
            observatory=Observatory(store, gate, knowledge, clock, alarm),
            conversation=Conversation(store, desk, gate, knowledge, clock),
            host_key=hands.host_key,
            forget_way=hands.forget,
            ssh_hosts=ssh_config.hosts,
            key_prints=ssh_options.known_fingerprints,
        )
