"""What a request says and names, before it is decided what it asks for: words, ideas, things, hosts, mood."""

from collections.abc import Callable, Collection, Iterable, Sequence

from vigie.reasoning.commands.lexicon import Lexicon, Span
from vigie.reasoning.commands.mood import ACTIONS, is_noun, mood_of
from vigie.reasoning.commands.request import Inventory, Turn
from vigie.reasoning.commands.scoring import Match, Unit
from vigie.reasoning.commands.slots import Known, Thing, things_of
from vigie.reasoning.commands.targets import Mention, targets_of
from vigie.reasoning.commands.text import joined, tokens_of, words

_PREPOSITIONS = words("from on du de of in dans sur to for at pour a by par")
_SURE = 0.9
_TERSE = 7
_CURT = 3
_ASKING = words(
    "if si whether what which will would how when who why is are does do did has have est a sont quel quels quelle quelles "
    "may might can could shall peut peuvent comment pourquoi"
)
_GUESSED = 0.85
_UNKNOWN_WORD = 0.4
# What an action tells that is only spoken of.
_NOT_MEANT = 0.6
_LOOKING = frozenset({"show", "list_of", "list_word", "find_word"})
_ON_HOSTS = frozenset({"restart", "stop", "start", "power_off", "reboot", "delete", "format"})
_TOWARDS = words("to vers a au with avec reach ping joindre contacter atteindre connect and et")
_LEADING = words("le la les l the my our mon notre de d du of")
_OF_SERVICES = frozenset({"service", "state", "log", "running"})
_OF_THE_PAST = frozenset({"recent", "when", "count", "last_reboot"})
_DONE = frozenset({"do", "running", "installed", "show", "change"})
SILENT = words(
    "filler polite greeting thanks want ask_if wonders here emphasis read_only gentle prohibit negation only_this other_one "
    "same_again follow_up no_confirm just bring_about common"
)


class Heard:
    """One request, heard: its tokens and what each of them may be."""

    def __init__(
        self,
        text: str,
        inventory: Inventory,
        before: Turn | None,
        lexicon: Lexicon,
        services: Collection[str],
        is_program: Callable[[str], bool],
    ) -> None:
        self._lexicon = lexicon
        self._services = services
        self._is_program = is_program
        self._before = before
        names = frozenset(name.lower() for name in (*inventory.hosts, *inventory.groups, *inventory.services))
        self.tokens = joined(tokens_of(text, names))
        self.spans = [
            span
            for span in lexicon.spans(self.tokens)
            # A program's name is no slip of the keys: openssl is not openssh.
            if not (span.guessed and is_program(self.tokens[span.start].norm))
        ]
        self._seen = {name.lower(): name for name in inventory.services}
        self.targets = targets_of(self.tokens, inventory, lexicon)
        self._own_places = {place for place in range(len(self.tokens)) if self._is_seen(place)}
        self.spans = [span for span in self.spans if span.end - span.start > 1 or span.start not in self._own_places]
        self.mood = mood_of(self.tokens, self.spans)
        self.things = self._named()
        told = self.mood.past | self.mood.forbidden
        self.acts = any(span.ideas & (ACTIONS | {"force"}) and span.start not in told for span in self.spans)

    def _named(self) -> list[Thing]:
        by_place: dict[int, Span] = {place: span for span in self.spans for place in range(span.start, span.end)}
        known = []
        for place in range(len(self.tokens)):
            span = by_place.get(place)
            ideas = span.ideas if span is not None else frozenset()
            service = next((idea for idea in sorted(ideas) if idea in self._services), None)
            if place in self._own_places:
                service = self._seen[self.tokens[place].norm]
            known.append(
                Known(
                    ideas,
                    bool(span and span.guessed),
                    place in self.targets.taken,
                    service,
                    self._is_program(self.tokens[place].norm),
                )
            )
        self._known = known
        return things_of(self.tokens, known, self._is_silent)

    def _is_seen(self, place: int) -> bool:
        """Say whether a word stands where what is acted on stands, and is the name of a service that the host has."""
        if self.tokens[place].norm not in self._seen:
            return False
        at = place - 1
        while at >= 0 and self.tokens[at].norm in _LEADING:
            at -= 1
        return any(span.start <= at < span.end and span.ideas & (ACTIONS | _OF_SERVICES) for span in self.spans)

    def _is_silent(self, place: int) -> bool:
        token, known = self.tokens[place], self._known[place]
        return (
            token.kind == "break"
            or token.norm == "'s"
            or (bool(known.ideas) and known.ideas <= SILENT | {"show", "what", "current", "all", "who"})
        )

    @property
    def may_act(self) -> bool:
        """Say whether something may be meant to be done: an order, or a few words without a question in them."""
        if self.mood.ordered:
            return True
        asks = any(token.norm in _ASKING or token.raw == "?" for token in self.tokens)
        asks = asks or any(span.ideas & _LOOKING and not span.ideas & ACTIONS for span in self.spans)
        return not self.mood.question and not asks and len(self.tokens) <= _TERSE and self._is_curt_order()

    def _is_curt_order(self) -> bool:
        """Say whether a few words are an order as they stand: restart nginx, nginx restart; not redis refuses to start."""
        told = self.mood.past | self.mood.forbidden
        acts = {
            span.start
            for span in self.spans
            if span.ideas & (ACTIONS | {"force"}) and span.start not in told and not is_noun(self.tokens, span)
        }
        nouns = {span.start for span in self.spans if span.ideas & ACTIONS and is_noun(self.tokens, span)}
        said = [place for place in range(len(self.tokens)) if not self._is_silent(place) and place not in self.targets.taken]
        if not said or self.mood.past or any(span.ideas & _OF_THE_PAST for span in self.spans):
            return False
        is_short = len(said) <= _CURT and not any(thing.kind == "since" for thing in self.things)
        by_name = bool({said[0], said[-1]} & (acts | nouns)) and is_short and self._is_tight(said)
        return said[0] in acts or by_name

    def _is_tight(self, said: Sequence[int]) -> bool:
        """Say whether nothing but "of" stands between words: redémarrage de nginx."""
        between = set(range(said[0], said[-1] + 1)) - set(said)
        return all(self.tokens[place].norm in ("de", "d", "of", "du") for place in between)

    def named(self) -> dict[int, set[str]]:
        """Return the kinds of what is taken to the letter, by place."""
        found: dict[int, set[str]] = {}
        for thing in self.things:
            if thing.strength >= _SURE and (thing.kind == "device" or self.tokens[thing.place].literal):
                found.setdefault(thing.place, set()).add(thing.kind)
        return found

    def units(self) -> list[Unit]:
        """Return the parts of the request that tell something, in order."""
        by_place = self._kinds_by_place()
        swallowed = {at for thing in self.things for at in range(thing.place + 1, thing.end) if thing.strength >= _SURE}
        hidden = swallowed | (self.targets.taken - set(by_place))
        covered = {at for span in self.spans for at in range(span.start, span.end)}
        said = [self._said(span, by_place.get(span.start, {})) for span in self.spans if span.start not in hidden]
        bare = [
            self._bare(place, by_place.get(place, {}))
            for place, token in enumerate(self.tokens)
            if place not in covered | hidden and token.kind != "break" and token.norm != "'s"
        ]
        return sorted((unit for unit in (*said, *bare) if unit is not None), key=lambda unit: unit.place)

    def _kinds_by_place(self) -> dict[int, dict[str, float]]:
        """Return what may be named at each place, with how surely."""
        by_place: dict[int, dict[str, float]] = {}
        for thing in self.things:
            kinds = by_place.setdefault(thing.place, {})
            kinds[thing.kind] = max(kinds.get(thing.kind, 0.0), thing.strength)
        for mention in self.destinations():
            by_place.setdefault(mention.place, {})["destination"] = 1.0
        for mention in self.targets.mentions:
            # "restart web2": the host itself is what is acted on.
            before = self._known[mention.place - 1].ideas if mention.place else frozenset()
            if mention.place > 1 and before <= SILENT:
                before = self._known[mention.place - 2].ideas
            if before & _ON_HOSTS and mention.before not in ("on", "sur", "of", "de"):
                by_place.setdefault(mention.place, {})["hostword"] = 1.0
        return by_place

    def _said(self, span: Span, things: dict[str, float]) -> Unit | None:
        ideas = self._meant(span)
        if ideas <= SILENT and not things:
            return None
        weight = max((self._lexicon.weight(idea) for idea in ideas - SILENT), default=0.0) * (_GUESSED if span.guessed else 1.0)
        told = "told" in ideas
        if ideas & ACTIONS and (told or self.mood.read_only or self.mood.question):
            weight *= _NOT_MEANT
        return Unit(span.start, ideas - SILENT, weight, things, bool(ideas & ACTIONS), told)

    @staticmethod
    def _bare(place: int, things: dict[str, float]) -> Unit:
        is_sure = any(strength >= _SURE for strength in things.values())
        return Unit(place, weight=1.0 if is_sure else _UNKNOWN_WORD, things=things)

    def _meant(self, span: Span) -> frozenset[str]:
        """Return the ideas of a span as it is used here: an action ruled out or told of is no order, a place is no victim."""
        ideas = span.ideas
        if span.start in self.mood.forbidden:
            ideas -= ACTIONS | _DONE
        if span.start in self.mood.past:
            ideas |= {"told"} | ({"stopped"} if "stop" in ideas else set())
        if "everything" in ideas and span.start and self.tokens[span.start - 1].norm in _PREPOSITIONS:
            ideas -= {"everything"}
        return frozenset(ideas)

    def destinations(self) -> Iterable[Mention]:
        """Return the hosts that are reached for rather than worked on."""
        mentions = self.targets.mentions
        if not mentions or not any(span.ideas & {"ping", "traceroute", "port", "connection"} for span in self.spans):
            return ()
        reached = [each for each in mentions if each.before not in ("on", "sur", "from", "depuis", "at")]
        verb = next((span.start for span in self.spans if span.ideas & {"ping", "traceroute", "connection", "port"}), 0)
        if any(each.before in ("from", "depuis") for each in mentions) and len(mentions) > 1:
            return [each for each in mentions if each.before not in ("from", "depuis")][:1]
        if len(mentions) > 1:
            return [
                each for each in reached if each.place > verb or (each.place > mentions[0].place and each.before in _TOWARDS)
            ][:1]
        return [each for each in reached if any(span.ideas & {"ping", "traceroute"} for span in self.spans) and each.place > verb]

    def filled(self, best: Match) -> tuple[dict[str, str], str | None]:
        """Return the values of the intent's slots, and the kind of the first that is missing."""
        slots: dict[str, str] = {}
        used = set(best.taken.values())
        paths = [thing.value for thing in self.things if thing.kind == "path"]
        destination = next((each.host for each in self.destinations()), None)
        for name, slot in best.intent.slots.items():
            value = self._value(slot.kind, best, used, paths, destination, required=slot.default is None and not slot.optional)
            if value is None and slot.kind in self.carried() and (slot.kind in best.carried or slot.default is None):
                value = self.carried()[slot.kind] if not slot.optional else None
            if value is None:
                value = slot.default
            if value is not None:
                slots[name] = value
            elif not slot.optional:
                return slots, slot.kind
        return slots, None

    def _value(
        self, kind: str, best: Match, used: set[int], paths: Sequence[str], destination: str | None, *, required: bool
    ) -> str | None:
        if kind == "folder":
            return paths[0] if paths and any("folder" in span.ideas for span in self.spans) else None
        if kind == "path2":
            return paths[1] if len(paths) > 1 else None
        if kind == "destination" and destination is not None:
            return destination
        if kind == "url" and kind not in best.taken and "domain" in best.taken:
            return next(
                (thing.value for thing in self.things if thing.kind == kind and thing.place == best.taken["domain"]), None
            )
        if kind in best.taken:
            place = best.taken[kind]
            return next((thing.value for thing in self.things if thing.kind == kind and thing.place == place), None)
        floor = 0.5 if required else 0.85
        found = next(
            (
                thing
                for thing in self.things
                if thing.kind == kind and thing.strength >= floor and (required or thing.place not in used)
            ),
            None,
        )
        if found is None and kind in ("process", "package", "container", "app") and required:
            found = next((thing for thing in self.things if thing.kind == "service"), None)
        return found.value if found else None

    def carried(self) -> dict[str, str]:
        """Return what the turn before named, where this one leans on it."""
        if self._before is None:
            return {}
        named = {thing.kind for thing in self.things if thing.strength >= 0.9}
        return {kind: value for kind, value in self._before.slots.items() if kind not in named}
