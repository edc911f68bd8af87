"""Understands a request without a model: words → ideas and things → the intent that explains most of it.

`text.py` splits, `lexicon.py` finds ideas, `targets.py` and `slots.py` find what is named, `mood.py` how it is meant,
`scoring.py` weighs. What is not sure enough becomes a question; nothing is ever run from here.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from vigie.i18n import Language
from vigie.knowledge.library import Knowledge
from vigie.knowledge.requests import Intent, NamedService
from vigie.reasoning import complaint
from vigie.reasoning.commands import follow, shell_words, unmasking
from vigie.reasoning.commands.hazards import Hazards
from vigie.reasoning.commands.hearing import Heard
from vigie.reasoning.commands.lexicon import Lexicon
from vigie.reasoning.commands.mood import ACTIONS
from vigie.reasoning.commands.request import Choice, Inventory, Kind, Turn, Understood
from vigie.reasoning.commands.scoring import Match, Scale, Unit
from vigie.reasoning.commands.text import Token

# Found on the project's own requests: bench/ask.py.
_SURE = 0.42
_MAYBE = 0.2
_ALONE = 0.25
_MARGIN = 0.12
_CHOICES = 3
LENGTH_MAX = 4000
_ORDERED = 0.15


class Understanding:
    """All that is known of words and intents, compiled once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.intents: Mapping[str, Intent] = knowledge.intents
        self._lexicon = Lexicon(knowledge.concepts.values())
        self.services: dict[str, NamedService] = {}
        for file in knowledge.services.values():
            for name, service in file.services.items():
                self.services[name] = service
                self._lexicon.add(name, service.words or (name,))
        self._lexicon.ready()
        self._scale = Scale(intent for intent in self.intents.values() if intent.effect != "refuse")
        rules = [intent for intent in self.intents.values() if intent.effect == "refuse"]
        self._hazards = Hazards(knowledge.hazards.values(), rules, self._lexicon)
        self._programs = frozenset(path.stem for folder in knowledge.folders for path in (folder / "programs").glob("*.yaml"))

    def understand(
        self, text: str, inventory: Inventory, *, before: Turn | None = None, hint: Language | None = None
    ) -> Understood:
        """Return what a request asks for.

        Args:
            text: a person's words; only the first 4,000 characters count.
            inventory: what can be named.
            before: what was understood just before in the same conversation.
            hint: the language when the words do not tell.
        """
        request = _Request(self, text[:LENGTH_MAX], inventory, before, hint)
        return request.understood()

    def hear(self, text: str, inventory: Inventory, before: Turn | None) -> Heard:
        """Return what a text says and names."""
        return Heard(text, inventory, before, self._lexicon, self.services, self.is_program)

    def is_program(self, word: str) -> bool:
        """Say whether a word is a program that the policy knows."""
        return word in self._programs or word.partition(".")[0] in self._programs

    def hazard(self, heard: Heard) -> Intent | None:
        """Return the rule by which a request is refused, None when none does."""
        hosts = (each.place for each in heard.targets.mentions)
        return self._hazards.of(heard.tokens, hosts, heard.named())

    @property
    def lexicon(self) -> Lexicon:
        """Return the words."""
        return self._lexicon

    @property
    def scale(self) -> Scale:
        """Return the intents, ready to be weighed."""
        return self._scale

    def language_of(self, tokens: Sequence[Token], hint: Language | None) -> Language:
        """Tell French from English by all the words there are; the hint breaks a tie."""
        leaning = self._lexicon.leaning(tokens)
        held = complaint.language_of([token.norm for token in tokens], self._knowledge.lexicons, None)
        counted = complaint.language_of([token.norm for token in tokens], self._knowledge.lexicons, "fr")
        if held == counted:  # not a tie
            leaning[held] += 1.5
        if leaning["fr"] == leaning["en"]:
            return hint or "en"
        return "fr" if leaning["fr"] > leaning["en"] else "en"


@functools.cache
def of(knowledge: Knowledge) -> Understanding:
    """Return the understanding of a knowledge, compiled once for the process."""
    return Understanding(knowledge)


class _Request:
    """One request on its way through."""

    def __init__(self, own: Understanding, text: str, inventory: Inventory, before: Turn | None, hint: Language | None) -> None:
        self._own = own
        self._text = text
        self._inventory = inventory
        self._before = before
        self._heard = own.hear(text, inventory, before)
        self._language = own.language_of(self._heard.tokens, hint)

    def understood(self) -> Understood:
        refused = self._refused()
        if refused is not None:
            return self._made("refuse", Match(refused, 0.0, 1.0))
        shell = shell_words.whole(self._text, self._own.is_program)
        if shell is not None:
            return self._made("command", shell=shell, share=1.0)
        hidden = [line for line in unmasking.decoded(self._text) if self._own.is_program(line.split(maxsplit=1)[0])]
        return replace(self._decided(), embedded=(*shell_words.embedded(self._text, self._own.is_program), *hidden))

    def _refused(self) -> Intent | None:
        """Return the rule that refuses the request as it stands, or as it reads without its mask."""
        found = self._own.hazard(self._heard)
        if found is not None:
            return found
        names = [name.lower() for name in (*self._inventory.hosts, *self._inventory.services)]
        for text in (*unmasking.readings(self._text, names), *unmasking.decoded(self._text)):
            if (found := self._own.hazard(self._own.hear(text, self._inventory, self._before))) is not None:
                return found
        return None

    def _decided(self) -> Understood:
        before = self._before
        if before is not None and (chosen := follow.chosen(self._heard.tokens, before, self._titles(before))) is not None:
            return self._of_choice(chosen)
        units = self._heard.units()
        weighed = self._own.scale.weigh(units, self._heard.carried(), ordered=not self._heard.mood.question)
        ranked = sorted((match for match in weighed if self._may(match)), key=lambda match: -self._favour(match))
        best = ranked[0] if ranked else None
        if self._heard.targets.unknown is not None and not (best and {"process", "hostname"} & set(best.taken)):
            return self._made("clarify", question="ask.which_host", asked={"given": self._heard.targets.unknown})
        repeated = self._repeated(best, units)
        if repeated is not None:
            return repeated
        if best is None or best.share < _MAYBE or best.score <= 0:
            return self._lost(ranked, units)
        return self._answered(best, ranked)

    def _favour(self, match: Match) -> float:
        """Return how well a match fits; what was ordered is rather done than looked at."""
        return match.score + (_ORDERED if match.intent.effect == "change" and self._heard.mood.ordered else 0.0)

    def _answered(self, best: Match, ranked: Sequence[Match]) -> Understood:
        match best.intent.effect:
            case "watch":
                return self._with_slots("watch", best, ranked)
            case "history":
                return self._made("history", best)
            case "talk":
                return self._made("none", best)
            case "vague":
                return self._made("clarify", best, choices=self._offered(best.intent.choices), question="ask.which_of")
            case "undo":
                return self._undone(best)
        if best.share < _SURE and not self._is_alone(best, ranked):
            return self._unsure(ranked)
        if self._heard.mood.ordered or best.intent.effect == "read":
            return self._with_slots("command", best, ranked)
        rival = next((match for match in ranked[1:] if match.intent.effect == "read"), None)
        if rival is not None and best.score - rival.score < _MARGIN:
            return self._unsure([best, rival])
        return self._with_slots("command", best, ranked)

    def _is_alone(self, best: Match, ranked: Sequence[Match]) -> bool:
        """Say whether a look is all that it could be: nobody is asked to choose among one."""
        rivals = [match for match in ranked if match.score > 0 and match.intent.effect in ("read", "change")]
        return best.intent.effect == "read" and len(rivals) == 1 and best.share >= _ALONE and not self._heard.mood.ordered

    def _undone(self, best: Match) -> Understood:
        if self._before is None or self._before.intent is None:
            return self._made("clarify", best, question="ask.nothing_to_undo")
        intent = self._own.intents.get(self._before.intent)
        if intent is None or not intent.undo:
            return self._made("clarify", best, question="ask.no_way_back")
        return Understood(
            "command",
            self._language,
            intent,
            self._before.slots,
            self._before.slots,
            self._heard.targets.names or self._before.targets,
            share=1.0,
            undo=True,
        )

    def _with_slots(self, kind: Kind, best: Match, ranked: Sequence[Match]) -> Understood:
        slots, missing = self._heard.filled(best)
        if missing is not None and kind == "command":
            given = self._own.intents[best.intent.name]
            return self._made(
                "clarify",
                best,
                question=f"ask.which.{missing}",
                slots=slots,
                choices=(Choice(given.name, slots, self._heard.targets.names),),
            )
        made = self._made(kind, best, slots=slots)
        return self._softened(made)

    def _softened(self, made: Understood) -> Understood:
        """Do it the gentle way where a break was ruled out; ask where there is none."""
        intent = made.intent
        if not self._heard.mood.gentle or intent is None or intent.effect != "change" or not intent.interrupts:
            return made
        if intent.gentle is None:
            return replace(made, kind="clarify", question="ask.interrupts", choices=self._offered(intent.next[:2], made.slots))
        return replace(made, intent=self._own.intents[intent.gentle])

    # What may be

    def _may(self, match: Match) -> bool:
        intent = match.intent
        if intent.effect == "change" and (self._heard.mood.read_only or not self._heard.may_act):
            return False
        if intent.effect == "vague" and match.ideas & ACTIONS and not (self._heard.acts and not self._heard.mood.question):
            return False
        return not (match.carried and intent.effect in ("read", "change") and not match.ideas)

    def _repeated(self, best: Match | None, units: Sequence[Unit]) -> Understood | None:
        before = self._before
        if before is None or before.intent is None or before.intent not in self._own.intents:
            return None
        intent = self._own.intents[before.intent]
        ideas = frozenset(idea for unit in units for idea in unit.ideas if self._own.lexicon.weight(idea) >= 0.35)
        if not follow.leans(self._heard.mood.follows, bool(self._heard.targets.names), ideas, best, intent):
            return None
        if intent.effect == "change" and (self._heard.mood.question or self._heard.mood.read_only):
            return None
        slots = dict(before.slots)
        for name, slot in intent.slots.items():
            floor = 0.5 if not ideas else 0.85
            found = next((thing for thing in self._heard.things if thing.kind == slot.kind and thing.strength >= floor), None)
            if found is not None:
                slots[name] = found.value
        targets = self._heard.targets.names
        if not targets and any("other_one" in span.ideas for span in self._heard.spans):
            targets = (
                tuple(host for host in self._inventory.hosts if host not in before.targets)[:1]
                if len(self._inventory.hosts) == 2
                else ()
            )
            if not targets:
                return self._made("clarify", question="ask.which_host", asked={"given": ""})
        kind: Kind = "watch" if intent.effect == "watch" else "history" if intent.effect == "history" else "command"
        return Understood(kind, self._language, intent, slots, slots, targets or before.targets, share=1.0)

    def _lost(self, ranked: Sequence[Match], units: Sequence[Unit]) -> Understood:
        """Nothing fits: small talk where nothing technical was said, else a question."""
        technical = [unit for unit in units if unit.ideas and unit.weight >= 0.5]
        if not technical and not any(unit.things for unit in units if unit.weight >= 0.9):
            return self._made("none")
        return self._unsure(ranked)

    def _unsure(self, ranked: Sequence[Match]) -> Understood:
        names = [match.intent.name for match in ranked if match.intent.effect in ("read", "change") and match.score > 0]
        choices = self._offered(names[:_CHOICES]) or self._offered(("sys.overview", "disk.usage", "svc.failed"))
        return self._made("clarify", question="ask.which_of", choices=choices)

    def _offered(self, names: Iterable[str], slots: Mapping[str, str] | None = None) -> tuple[Choice, ...]:
        """Return choices for intents; what one needs and the words do not say is asked after it is chosen."""
        offered = []
        for name in list(names)[:_CHOICES]:
            intent = self._own.intents[name]
            filled, _ = self._heard.filled(Match(intent, 0.0, 0.0))
            offered.append(Choice(name, {**(slots or {}), **filled}, self._heard.targets.names))
        return tuple(offered)

    def _titles(self, before: Turn) -> list[str]:
        return [
            getattr(self._own.intents[each.intent].title, language)
            for each in before.choices
            for language in ("en",)
            if each.intent in self._own.intents
        ]

    def _of_choice(self, chosen: Choice) -> Understood:
        intent = self._own.intents[chosen.intent]
        slots = dict(chosen.slots)
        for name, slot in intent.slots.items():
            found = next((thing for thing in self._heard.things if thing.kind == slot.kind), None)
            if name not in slots and found is not None:
                slots[name] = found.value
            elif name not in slots and slot.default is not None:
                slots[name] = slot.default
        missing = next((slot.kind for name, slot in intent.slots.items() if name not in slots and not slot.optional), None)
        targets = self._heard.targets.names or chosen.targets
        if missing is not None:
            return Understood(
                "clarify", self._language, intent, slots, slots, targets, (replace(chosen, slots=slots),), f"ask.which.{missing}"
            )
        return Understood("command", self._language, intent, slots, slots, targets, share=1.0)

    def _made(
        self,
        kind: Kind,
        match: Match | None = None,
        *,
        slots: Mapping[str, str] | None = None,
        choices: tuple[Choice, ...] = (),
        question: str | None = None,
        asked: Mapping[str, str] | None = None,
        shell: str | None = None,
        share: float = 0.0,
    ) -> Understood:
        destinations = (
            {each.host for each in self._heard.destinations()}
            if match is not None and "destination" in {s.kind for s in match.intent.slots.values()}
            else set()
        )
        targets = tuple(name for name in self._heard.targets.names if name not in destinations)
        best = {thing.kind: thing.value for thing in reversed(self._heard.things) if thing.strength >= 0.9}
        return Understood(
            kind=kind,
            language=self._language,
            intent=match.intent if match else None,
            slots=slots or {},
            things=best,
            targets=targets,
            choices=choices,
            question=question,
            asked=asked or {},
            shell=shell,
            share=match.share if match else share,
        )
