"""A change that was asked for in words is proved by the service manager that the host has."""

from datetime import UTC, datetime

import pytest

from vigie.cases.requested_change import plan_of
from vigie.domain.host import Host
from vigie.knowledge import library
from vigie.reasoning.commands import understanding
from vigie.reasoning.commands.request import Inventory

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("manager", "options", "witness", "goal"),
    [
        (None, {}, "systemctl show --property=MainPID -- shop", "systemctl is-active --quiet -- shop"),
        (
            "supervisord",
            {"manager.config": "/s.conf"},
            "supervisorctl -c /s.conf pid shop",
            "supervisorctl -c /s.conf status shop",
        ),
        ("runit", {"manager.folder": "/sv"}, "cat /sv/shop/supervise/pid", "sv check /sv/shop"),
    ],
)
def test_the_hosts_own_manager_says_whether_a_service_was_restarted(
    manager: str | None, options: dict[str, str], witness: str, goal: str
) -> None:
    knowledge = library.load()
    intent = knowledge.intents["svc.restart"]
    host = Host("web1", "local", manager=manager, options=options)
    own = understanding.of(knowledge)
    plan = plan_of("…", intent, {"service": "shop"}, host, knowledge, own.services, NOW, {"en": "", "fr": ""})
    assert (plan.steps[0].witness, plan.steps[0].goal) == (witness, goal)


@pytest.mark.parametrize("words", ["redémarre le service cache", "restart the mail service", "relance le service boutique stp"])
def test_a_word_that_means_something_is_a_name_beside_the_word_service(words: str) -> None:
    understood = understanding.of(library.load()).understand(words, Inventory(("web1",)))
    assert understood.intent is not None
    assert understood.intent.name == "svc.restart"
