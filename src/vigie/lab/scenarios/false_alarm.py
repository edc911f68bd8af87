"""Nothing is wrong: the right repair is none."""

from vigie.lab.scenarios.scenario import Permitted, Scenario, Stack


class FalseAlarm(Scenario):
    """Somebody believes that it was slow."""

    name = "false_alarm"
    label = "no_fault"
    title = {"en": "False alarm", "fr": "Fausse alerte"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "I think the shop was slow this morning, can you have a look?",
        "fr": "Je crois que la boutique était lente ce matin, pouvez-vous vérifier ?",
    }
    permitted = Permitted(restarts=0, changes=False)
    breaks = False

    async def inject(self, stack: Stack) -> None:
        """Do nothing."""

    async def cause(self, stack: Stack) -> str | None:
        """Find nothing."""
        return None
