"""How a request is meant: an order or a question, what it forbids, whether it follows what was said before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.reasoning.commands.lexicon import Span
from vigie.reasoning.commands.text import Token, words

# Ideas that change something when they are an order.
ACTIONS = words(
    "restart reload start stop enable disable mask unmask install uninstall remove delete format purge upgrade kill "
    "create prevent lock unlock open close block unban renew rotate restore deploy rollback reboot power_off change copy "
    "move archive scale backup_do give_sudo mount_do run resend refresh autoremove daemon_reload"
)
_QUESTIONS = frozenset({"when", "why", "who", "what", "howto", "ask_if", "count", "emphasis", "reboot_needed", "last_reboot"})
_QUESTION_HEADS = words(
    "is are was were has have had did does do when why who how what which where should quand pourquoi qui combien "
    "comment may might quel quelle quels quelles est faut doit dois devrais a ont as lequel laquelle ou"
)
_ORDERS = words(
    "can could would will please peux pouvez pourrais pourriez pourrait peut pourrait-on faut veuillez veux "
    "voudrais need want like"
)
# Ideas of who thinks about doing something, or asks how it is done: nothing is ordered.
_WONDERS = frozenset({"howto", "wonders"})
_HOWS = words("how when why who whom quand comment pourquoi combien qui or ou whose")
_NOT_PAST = words("need embed shred speed feed seed exceed proceed")
_AUXILIARIES = words("a ai as ont ete est sont etait avait was were been has have had is are got being be s y t-il soit")
_AVOIR = words("a as ont")
_PRONOUNS = words("t tu vous il elle ils elles on")
# What leads to an action that was tried or is awaited, and is not ordered: refuses to start, peine à démarrer.
_FAILS = words(
    "refuse refuses refused refusing fails failed failing unable tries tried trying essaie essaye essayait tente tentait peine "
    "arrive arrivent impossible incapable struggles struggling continue continues keeps s'obstine"
)
_TOWARDS = words("to de d a pas plus")
# What nouns of actions end in, and what no imperative does: redémarrage, removal, reboots.
_NOUN = re.compile(
    r".*(?:age|tion|sion|ement|iement|al|ure|cron|grotate)s?|.*(?:art|oad|oot|op|ll|ate|ade|ete|ove|ock|pen|lose|able|sk|age)s"
    r"|arrets?|mises?|shutdowns?|outages?|coupures?"
)
_COULD = words("can could would will peux peut pouvez pourrais pourriez possible mind able veux please stp svp plait merci")
_INFINITIVE = re.compile(r"(?:er|ir|re|dre)$")
_LIGHT = words("give do fais faites faire fait run perform apply applique appliquez effectue lance lancez donne")
_DETERMINERS = words("a un une the le la les l all toutes tous des some") | _LIGHT
_PLEASE = words("please pls plz stp svp asap")
_LOOKS = words("show list_of read_only count")
_HELPED = words("did does do has have had how when why who")
_NEGATIONS = frozenset(
    {"ne", "n", "not", "never", "sans", "without", "pas", "jamais", "don't", "evite", "avoid", "no", "aucun", "aucune"}
)
_SUBJECTS = frozenset(
    {"il", "elle", "ils", "elles", "it", "they", "ca", "qui", "which", "that", "site", "service", "server", "serveur"}
)
_FOLLOWERS = words("et and aussi also pareil idem same maintenant now puis then ok alors so again encore meme")
_LEADS = frozenset({"greeting", "thanks", "same_again", "just", "gentle", "no_confirm", "read_only", "bring_about"})
_JOINTS = words("and et puis then go ok alors donc vite so")
_BETWEEN = words("le la les l y me te nous lui que tu vous you to it them the")
_IFS = frozenset({"if", "si", "whether"})
_LINKS = frozenset(
    {"de", "d", "le", "la", "les", "l", "y", "en", "surtout", "pas", "to", "the", "any", "rien", "anything", "it", "tout"}
)


@dataclass(frozen=True, slots=True)
class Mood:
    """`question`: no order to act; `past`: places of actions told of, not ordered; `forbidden`: actions ruled out, by place."""

    question: bool = False
    ordered: bool = False
    read_only: bool = False
    gentle: bool = False
    force: bool = False
    follows: bool = False
    past: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()


def mood_of(tokens: Sequence[Token], spans: Sequence[Span]) -> Mood:
    """Return how the tokens are meant."""
    ideas = frozenset(idea for span in spans for idea in span.ideas)
    past = frozenset(span.start for span in spans if span.ideas & ACTIONS and is_told(tokens, span))
    forbidden = frozenset(
        span.start for span in spans if span.ideas & ACTIONS and span.start not in past and is_ruled_out(tokens, span, spans)
    )
    asked_how = (
        "?" in {token.raw for token in tokens} and "polite" not in ideas and bool(_HOWS & {token.norm for token in tokens})
    )
    ordered = not (ideas & _WONDERS or asked_how) and any(
        span.ideas & ACTIONS and span.start not in past | forbidden and _is_ordered(tokens, span, spans) for span in spans
    )
    return Mood(
        question=not ordered and _is_question(tokens, ideas),
        ordered=ordered,
        read_only="read_only" in ideas,
        gentle="gentle" in ideas,
        force="force" in ideas,
        follows=bool(tokens) and (tokens[0].norm in _FOLLOWERS or bool({"same_again", "other_one"} & ideas)),
        past=past,
        forbidden=forbidden,
    )


def is_told(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether an action is told of as done: restarted, redémarré, a été redémarré."""
    raw = tokens[span.end - 1].raw.lower()
    if (raw.endswith(("é", "ée", "és", "ées")) and raw != "crée") or (
        raw.endswith("ed") and raw not in _NOT_PAST and not _is_got(tokens, span)
    ):
        return True
    after = [token.norm for token in tokens[span.end : span.end + 2]]
    led = [token.norm for token in tokens[max(0, span.start - 3) : span.start] if token.norm not in _TOWARDS]
    if led and led[-1] in _FAILS:
        return True
    if after[:1] in (["il"], ["elle"], ["ils"]) or after in (["t", "il"], ["t", "elle"], ["t", "on"]):
        return True
    before = [
        token.norm
        for token in tokens[max(0, span.start - 3) : span.start]
        if token.norm not in ("tu", "vous", "you", "on", "il", "elle")
    ]
    if not before or span.end - span.start > 1:
        return False
    is_infinitive = raw.endswith(("er", "ir", "re", "ing")) and before[-1] != "being"
    return before[-1] in _AUXILIARIES and not is_infinitive and before[-1] not in ("a", "y", "s", "is", "are", "do")


def is_noun(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether an action is spoken of rather than told to be done: a removal, the reboots, a stop of postgres."""
    after = tokens[span.end].norm if span.end < len(tokens) else ""
    before = tokens[span.start - 1].norm if span.start else ""
    is_of = after == "of" and span.end == span.start + 1
    return bool(_NOUN.fullmatch(tokens[span.start].norm)) or is_of or before in ("l", "the", "du", "des", "un", "une")


def _is_got(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether an action told of as done is asked to be: get it installed."""
    clause = 1 + max((place for place in range(span.start) if tokens[place].kind == "break"), default=-1)
    before = [token.norm for token in tokens[clause : span.start]]
    return "get" in before[-5:] and not _HELPED & set(before)


def is_ruled_out(tokens: Sequence[Token], span: Span, spans: Sequence[Span]) -> bool:
    """Say whether a negation rules an action out, and does not tell that it fails."""
    at = span.start - 1
    while at >= 0 and tokens[at].norm in _LINKS and tokens[at].norm not in _NEGATIONS:
        at -= 1
    before = tokens[at].norm if at >= 0 else ""
    after = [token.norm for token in tokens[span.end : span.end + 3]]
    if before in _NEGATIONS:
        if (
            before in ("not", "pas", "never", "jamais")
            and at > 0
            and tokens[at - 1].norm in ("is", "are", "does", "will", "can", "did")
        ):
            return False
        subject = tokens[at - 1] if at > 0 else None
        return subject is None or subject.norm not in _SUBJECTS
    # Without its first half, as people write: "redémarre pas nginx".
    is_first = (
        span.start == 0
        or tokens[span.start - 1].kind == "break"
        or any(each.end == span.start and "polite" in each.ideas for each in spans)
    )
    return is_first and bool(after) and after[0] in ("pas", "rien", "not", "nothing")


def asks_first(tokens: Sequence[Token]) -> bool:
    """Say whether the first word is one that questions begin with."""
    head = [*(token.norm for token in tokens if token.kind != "break"), "", ""]
    return head[0] in _QUESTION_HEADS and (head[0] not in _AVOIR or head[1] in _PRONOUNS)


def _is_question(tokens: Sequence[Token], ideas: frozenset[str]) -> bool:
    if ideas & _WONDERS:
        return True
    asks = "?" in {token.raw for token in tokens} or asks_first(tokens)
    return (asks and not (_ORDERS & {token.norm for token in tokens[:6]} or "polite" in ideas)) or bool(
        {"when", "why", "who", "reboot_needed"} & ideas
    )


def _is_ordered(tokens: Sequence[Token], span: Span, spans: Sequence[Span]) -> bool:
    """Say whether an action opens a clause, as an order does, or follows a polite beginning."""
    if is_told(tokens, span) or _is_supposed(tokens, span):
        return False
    if _is_brought_about(span, spans) or _is_got(tokens, span) or _is_given(tokens, span) or _is_had(tokens, span):
        return True
    if _is_begged(tokens, spans):
        return True
    if is_noun(tokens, span) or (_INFINITIVE.search(tokens[span.start].raw.lower()) and tokens[-1].raw == "?"):
        return _is_asked_for(tokens, span, spans)
    return _opens(tokens, span, spans)


def _is_asked_for(tokens: Sequence[Token], span: Span, spans: Sequence[Span]) -> bool:
    """Say whether what begins politely leads to a noun or an infinitive; a need with a question mark is a question."""
    asks = tokens[-1].raw == "?"
    led = [each for each in spans if "polite" in each.ideas and each.end <= span.start]
    return any(not asks or _COULD & {token.norm for token in tokens[each.start : each.end]} for each in led)


def _opens(tokens: Sequence[Token], span: Span, spans: Sequence[Span]) -> bool:
    """Say whether an action stands where orders do: first in its clause, or behind what asks politely."""
    opens = True
    at = span.start - 1
    while at >= 0:
        if tokens[at].kind == "break":
            return opens and tokens[at].raw != "("
        held = next((each for each in spans if each.start <= at < each.end), None)
        if held is not None and "polite" in held.ideas:
            return True
        if held is not None and held.ideas & _LEADS and not held.ideas & _QUESTIONS:
            at = held.start - 1
        elif tokens[at].norm in _JOINTS or (held is not None and held.ideas == {"common"}):
            at -= 1
        elif tokens[at].norm in _BETWEEN:
            # Only what asks politely may stand before these: "peux-tu le redémarrer", but "la rotation".
            opens = False
            at -= 1
        else:
            return False
    return opens


def _is_brought_about(span: Span, spans: Sequence[Span]) -> bool:
    """Say whether it is asked that something do it: make sure that nginx starts at boot."""
    return any("bring_about" in each.ideas and each.end <= span.start for each in spans)


def _is_given(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether an action is a noun that a light verb orders: give web2 a reboot, fais un redémarrage."""
    before = [token.norm for token in tokens[max(0, span.start - 6) : span.start]]
    return bool(before) and before[-1] in _DETERMINERS and bool(_LIGHT & set(before)) and not _HELPED & set(before)


def _is_had(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether somebody is to have something done: have redis start on boot."""
    start = 1 + max((place for place in range(span.start) if tokens[place].kind == "break"), default=-1)
    head = [token.norm for token in tokens[start : span.start]]
    return (
        head[:1] == ["have"]
        and len(head) > 1
        and head[1] not in ("you", "we", "i", "they")
        and "?" not in {t.raw for t in tokens}
    )


def _is_begged(tokens: Sequence[Token], spans: Sequence[Span]) -> bool:
    """Say whether a request without a verb to look asks politely: quick nginx restart please."""
    ideas = frozenset(idea for span in spans for idea in span.ideas)
    asks = bool(_QUESTION_HEADS & {token.norm for token in tokens[:3]}) or any(token.raw == "?" for token in tokens)
    return bool(_PLEASE & {token.norm for token in tokens}) and not asks and not ideas & (_QUESTIONS | _LOOKS)


def _is_supposed(tokens: Sequence[Token], span: Span) -> bool:
    """Say whether an action stands behind an if: what is only supposed is not ordered."""
    for token in reversed(tokens[: span.start]):
        if token.kind == "break":
            return False
        if token.norm in _IFS:
            return True
    return False
