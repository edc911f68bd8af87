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
from vigie.reasoning.commands import follow, shell_words
from vigie.reasoning.commands.lexicon import Lexicon, Span
from vigie.reasoning.commands.mood import ACTIONS, Mood, mood_of
from vigie.reasoning.commands.request import Choice, Inventory, Turn, Understood
from vigie.reasoning.commands.scoring import Match, Scale, Unit
from vigie.reasoning.commands.slots import Known, Thing, things_of
from vigie.reasoning.commands.targets import Mention, Targets, targets_of
from vigie.reasoning.commands.text import Token, tokens_of

# Found on the project's own requests: bench/ask.py.
_SURE = 0.42
_MAYBE = 0.2
_MARGIN = 0.12
_CHOICES = 3
LENGTH_MAX = 4000
_PREPOSITIONS = frozenset("from on du de of in dans sur to for at pour a by par".split())
_SILENT = frozenset(
    "filler polite greeting thanks want ask_if here emphasis read_only gentle prohibit negation only_this other_one same_again "
    "follow_up no_confirm just".split()
)
# Ideas that nobody has by mistake: whatever else is said, the answer is no.
_ALWAYS = frozenset({"override", "trace_wipe", "exfiltrate", "crack"})
_DOUBT = 0.3


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
        self._scale = Scale(self.intents.values())
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

    def is_program(self, word: str) -> bool:
        """Say whether a word is a program that the policy knows."""
        return word in self._programs

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
        known = frozenset(name.lower() for name in (*inventory.hosts, *inventory.services))
        self._tokens = tokens_of(text, known)
        self._language = own.language_of(self._tokens, hint)
        self._spans = own.lexicon.spans(self._tokens)
        self._targets = targets_of(self._tokens, inventory.hosts, own.lexicon)
        self._mood = mood_of(self._tokens, self._spans)
        self._things = self._named()
        told = self._mood.past | self._mood.forbidden
        self._acts = any(span.ideas & (ACTIONS | {"force"}) and span.start not in told for span in self._spans)

    def understood(self) -> Understood:
        shell = shell_words.whole(self._text, self._own.is_program)
        if shell is not None:
            return self._made("command", shell=shell, share=1.0)
        embedded = tuple(shell_words.embedded(self._text, self._own.is_program))
        return replace(self._decided(), embedded=embedded)

    def _decided(self) -> Understood:
        before = self._before
        if before is not None and (chosen := follow.chosen(self._tokens, before, self._titles(before))) is not None:
            return self._of_choice(chosen)
        units = self._units()
        ranked = [match for match in self._own.scale.weigh(units, self._carried(), ordered=not self._mood.question) if self._may(match)]
        refused = next((match for match in ranked if match.intent.effect == "refuse"), None)
        best = ranked[0] if ranked else None
        if refused is not None and best is not None and (refused.score >= best.score - _DOUBT or refused.ideas & _ALWAYS):
            return self._made("refuse", refused)
        if self._targets.unknown is not None and not (best and "process" in best.taken):
            return self._made("clarify", question="ask.which_host", asked={"given": self._targets.unknown})
        repeated = self._repeated(best, units)
        if repeated is not None:
            return repeated
        if best is None or best.share < _MAYBE or best.score <= 0:
            return self._lost(ranked, units)
        return self._answered(best, ranked)

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
        if best.share < _SURE:
            return self._unsure(ranked)
        if self._mood.ordered or best.intent.effect == "read":
            return self._with_slots("command", best, ranked)
        rival = next((match for match in ranked[1:] if match.intent.effect == "read"), None)
        if rival is not None and best.score - rival.score < _MARGIN:
            return self._unsure([best, rival])
        return self._with_slots("command", best, ranked)

    def _undone(self, best: Match) -> Understood:
        if self._before is None or self._before.intent is None:
            return self._made("clarify", best, question="ask.nothing_to_undo")
        intent = self._own.intents.get(self._before.intent)
        if intent is None or not intent.undo:
            return self._made("clarify", best, question="ask.no_way_back")
        return Understood("command", self._language, intent, self._before.slots, self._before.slots, self._targets.names or self._before.targets, share=1.0, undo=True)

    def _with_slots(self, kind: "str", best: Match, ranked: Sequence[Match]) -> Understood:
        slots, missing = self._filled(best)
        if missing is not None and kind == "command":
            given = self._own.intents[best.intent.name]
            return self._made("clarify", best, question=f"ask.which.{missing}", slots=slots, choices=(Choice(given.name, slots, self._targets.names),))
        made = self._made(kind, best, slots=slots)  # type: ignore[arg-type]  # command or watch
        return self._softened(made)

    def _softened(self, made: Understood) -> Understood:
        """Do it the gentle way where a break was ruled out; ask where there is none."""
        intent = made.intent
        if not self._mood.gentle or intent is None or intent.effect != "change" or not intent.interrupts:
            return made
        if intent.gentle is None:
            return replace(made, kind="clarify", question="ask.interrupts", choices=self._offered(intent.next[:2], made.slots))
        return replace(made, intent=self._own.intents[intent.gentle])

    # What is named

    def _named(self) -> list[Thing]:
        by_place: dict[int, Span] = {place: span for span in self._spans for place in range(span.start, span.end)}
        known = []
        for place in range(len(self._tokens)):
            span = by_place.get(place)
            ideas = span.ideas if span is not None else frozenset()
            service = next((idea for idea in sorted(ideas) if idea in self._own.services), None)
            known.append(Known(ideas, bool(span and span.guessed), place in self._targets.taken, service, self._own.is_program(self._tokens[place].norm)))
        self._known = known
        return things_of(self._tokens, known, self._is_silent)

    def _is_silent(self, place: int) -> bool:
        token, known = self._tokens[place], self._known[place]
        return token.kind == "break" or token.norm == "'s" or (bool(known.ideas) and known.ideas <= _SILENT | {"show", "what", "current", "all", "who"})

    def _units(self) -> list[Unit]:
        by_place: dict[int, dict[str, float]] = {}
        for thing in self._things:
            kinds = by_place.setdefault(thing.place, {})
            kinds[thing.kind] = max(kinds.get(thing.kind, 0.0), thing.strength)
        for kind in self._destinations():
            by_place.setdefault(kind.place, {})["destination"] = 1.0
        swallowed = {at for thing in self._things for at in range(thing.place + 1, thing.end) if thing.strength >= 0.9}
        units = []
        covered: set[int] = set()
        for span in self._spans:
            covered |= set(range(span.start, span.end))
            if span.start in self._targets.taken and span.start not in by_place or span.start in swallowed:
                continue
            ideas = self._meant(span)
            things = by_place.get(span.start, {})
            weight = max((self._own.lexicon.weight(idea) for idea in ideas - _SILENT), default=0.0)
            if ideas and not ideas <= _SILENT or things:
                if span.guessed:
                    weight *= 0.85
                units.append(Unit(span.start, ideas - _SILENT, weight, things, bool(ideas & ACTIONS), "told" in ideas))
        for place, token in enumerate(self._tokens):
            if place in covered or place in swallowed or token.kind == "break" or token.norm == "'s":
                continue
            if place in self._targets.taken and "destination" not in by_place.get(place, {}):
                continue
            things = by_place.get(place, {})
            units.append(Unit(place, weight=1.0 if any(strength >= 0.9 for strength in things.values()) else 0.4, things=things))
        return sorted(units, key=lambda unit: unit.place)

    def _meant(self, span: Span) -> frozenset[str]:
        """Return the ideas of a span as it is used here: an action ruled out or told of is no order, a place is no victim."""
        ideas = span.ideas
        if span.start in self._mood.forbidden:
            ideas -= ACTIONS
        if span.start in self._mood.past:
            ideas |= {"told"} | ({"stopped"} if "stop" in ideas else set())
        if "everything" in ideas and span.start and self._tokens[span.start - 1].norm in _PREPOSITIONS:
            ideas -= {"everything"}
        return frozenset(ideas)

    def _destinations(self) -> Iterable[Mention]:
        """Return the hosts that are reached for rather than worked on."""
        mentions = self._targets.mentions
        if not mentions or not any(span.ideas & {"ping", "traceroute", "port", "connection"} for span in self._spans):
            return ()
        reached = [each for each in mentions if each.before not in ("on", "sur", "from", "depuis", "at")]
        verb = next((span.start for span in self._spans if span.ideas & {"ping", "traceroute", "connection", "port"}), 0)
        if len(mentions) > 1:
            return [each for each in reached if each.place > verb][:1]
        return [each for each in reached if any(span.ideas & {"ping", "traceroute"} for span in self._spans) and each.place > verb]

    def _filled(self, best: Match) -> tuple[dict[str, str], str | None]:
        """Return the values of the intent's slots, and the kind of the first that is missing."""
        slots: dict[str, str] = {}
        used = set(best.taken.values())
        paths = [thing.value for thing in self._things if thing.kind == "path"]
        destination = next((each.host for each in self._destinations()), None)
        for name, slot in best.intent.slots.items():
            value = self._value(slot.kind, best, used, paths, destination, required=slot.default is None and not slot.optional)
            if value is None and slot.kind in self._carried() and (slot.kind in best.carried or slot.default is None):
                value = self._carried()[slot.kind] if not slot.optional else None
            if value is None:
                value = slot.default
            if value is not None:
                slots[name] = value
            elif not slot.optional:
                return slots, slot.kind
        return slots, None

    def _value(self, kind: str, best: Match, used: set[int], paths: Sequence[str], destination: str | None, *, required: bool) -> str | None:
        if kind == "path2":
            return paths[1] if len(paths) > 1 else None
        if kind == "destination" and destination is not None:
            return destination
        if kind in best.taken:
            place = best.taken[kind]
            return next((thing.value for thing in self._things if thing.kind == kind and thing.place == place), None)
        floor = 0.5 if required else 0.85
        found = next((thing for thing in self._things if thing.kind == kind and thing.strength >= floor and (required or thing.place not in used)), None)
        if found is None and kind in ("process", "package", "container", "app") and required:
            found = next((thing for thing in self._things if thing.kind == "service"), None)
        return found.value if found else None

    def _carried(self) -> dict[str, str]:
        """Return what the turn before named, where this one leans on it."""
        if self._before is None:
            return {}
        named = {thing.kind for thing in self._things if thing.strength >= 0.9}
        return {kind: value for kind, value in self._before.slots.items() if kind not in named}

    # What may be

    def _may(self, match: Match) -> bool:
        intent = match.intent
        if intent.effect == "change" and (self._mood.read_only or self._mood.question or not self._acts):
            return False
        if intent.effect == "vague" and match.ideas <= ACTIONS and match.ideas and not self._acts:
            return False
        if match.carried and intent.effect in ("read", "change") and not match.ideas:
            return False
        return True

    def _repeated(self, best: Match | None, units: Sequence[Unit]) -> Understood | None:
        before = self._before
        if before is None or before.intent is None or before.intent not in self._own.intents:
            return None
        intent = self._own.intents[before.intent]
        ideas = frozenset(idea for unit in units for idea in unit.ideas if self._own.lexicon.weight(idea) >= 0.35)
        if not follow.leans(self._mood.follows, bool(self._targets.names), ideas, best, intent):
            return None
        if intent.effect == "change" and (self._mood.question or self._mood.read_only):
            return None
        slots = dict(before.slots)
        for name, slot in intent.slots.items():
            floor = 0.5 if not ideas else 0.85
            found = next((thing for thing in self._things if thing.kind == slot.kind and thing.strength >= floor), None)
            if found is not None:
                slots[name] = found.value
        targets = self._targets.names
        if not targets and any("other_one" in span.ideas for span in self._spans):
            targets = tuple(host for host in self._inventory.hosts if host not in before.targets)[:1] if len(self._inventory.hosts) == 2 else ()
            if not targets:
                return self._made("clarify", question="ask.which_host", asked={"given": ""})
        kind = "watch" if intent.effect == "watch" else "history" if intent.effect == "history" else "command"
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
            filled, _ = self._filled(Match(intent, 0.0, 0.0))
            offered.append(Choice(name, {**(slots or {}), **filled}, self._targets.names))
        return tuple(offered)

    def _titles(self, before: Turn) -> list[str]:
        return [getattr(self._own.intents[each.intent].title, language) for each in before.choices for language in ("en",) if each.intent in self._own.intents]

    def _of_choice(self, chosen: Choice) -> Understood:
        intent = self._own.intents[chosen.intent]
        slots = dict(chosen.slots)
        for name, slot in intent.slots.items():
            found = next((thing for thing in self._things if thing.kind == slot.kind), None)
            if name not in slots and found is not None:
                slots[name] = found.value
            elif name not in slots and slot.default is not None:
                slots[name] = slot.default
        missing = next((slot.kind for name, slot in intent.slots.items() if name not in slots and not slot.optional), None)
        targets = self._targets.names or chosen.targets
        if missing is not None:
            return Understood("clarify", self._language, intent, slots, slots, targets, (replace(chosen, slots=slots),), f"ask.which.{missing}")
        return Understood("command", self._language, intent, slots, slots, targets, share=1.0)

    def _made(
        self,
        kind: "str",
        match: Match | None = None,
        *,
        slots: Mapping[str, str] | None = None,
        choices: tuple[Choice, ...] = (),
        question: str | None = None,
        asked: Mapping[str, str] | None = None,
        shell: str | None = None,
        share: float = 0.0,
    ) -> Understood:
        destinations = {each.host for each in self._destinations()} if match is not None and "destination" in {s.kind for s in match.intent.slots.values()} else set()
        targets = tuple(name for name in self._targets.names if name not in destinations)
        best = {thing.kind: thing.value for thing in reversed(self._things) if thing.strength >= 0.9}
        return Understood(
            kind=kind,  # type: ignore[arg-type]  # one of the kinds
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
