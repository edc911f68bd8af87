"""The words of the conversation's answers: the sentence first, then the table or the output, then what could be done next."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from vigie import i18n, plugins
from vigie.domain.case import Case
from vigie.domain.errors import Permanent
from vigie.domain.exchange import Exchange, Proposal, Ran
from vigie.domain.host import Host
from vigie.i18n import Language, language_of
from vigie.knowledge.requests import Intent
from vigie.reasoning import answers
from vigie.reasoning.answers.answer import Answer, Said
from vigie.reasoning.commands.request import Understood

_OUTPUT_SHOWN = 4000
_LINES_SHOWN = 60


@functools.cache
def _answers() -> Mapping[str, Answer]:
    return {name: kind() for name, kind in plugins.discover(answers, Answer).items()}


def said_of(intent: Intent, ran: Ran) -> Said | None:
    """Return what the output of an intent's line says; None where nobody makes sense of it."""
    known = _answers().get(intent.answer or "")
    if known is None or ran.outcome == "unreachable" or (ran.rc not in (0, None) and not ran.stdout and intent.answer != "check"):
        return None
    output = ran.stdout if intent.answer != "check" else f"{ran.stdout}\n{ran.stderr}"
    return known.read(output, ran.rc)


def sentence(intent: Intent, ran: Ran, language: str) -> str:
    """Return what an output says in one sentence; empty where nobody makes sense of it."""
    said = said_of(intent, ran)
    return _sentence(intent, ran, said, language_of(language)) if said is not None else ""


def answer(asked: Exchange, intent: Intent | None, title: str, more: str = "") -> str:
    """Return the answer to a read, in Markdown."""
    language = language_of(asked.language)
    parts = [_one(asked, intent, ran, title, language) for ran in asked.results]
    body = "\n\n".join(parts)
    if more:
        head, _, rest = body.partition("\n\n")
        body = f"{head} {more}\n\n{rest}" if rest else f"{head} {more}"
    return body + _next(asked.suggestions, language)


def _one(asked: Exchange, intent: Intent | None, ran: Ran, title: str, language: Language) -> str:
    if ran.outcome == "unreachable":
        return i18n.text(language, "ask.unreachable", host=ran.host, why=ran.stderr)
    said = said_of(intent, ran) if intent is not None else None
    if said is not None and intent is not None:
        head = _sentence(intent, ran, said, language, title)
        return f"{head}\n\n{_table(said, language) if said.rows else _block(ran)}"
    failed = ran.rc != 0
    key = "ask.failed" if failed else "ask.ran" if ran.stdout.strip() else "ask.silent"
    return f"{i18n.text(language, key, host=ran.host, title=title or ran.command, rc=ran.rc)}\n\n{_block(ran)}"


def _sentence(intent: Intent, ran: Ran, said: Said, language: Language, title: str = "") -> str:
    service = ran.command.split()[2] if ran.command.startswith("systemctl status") else title
    values = {
        "host": ran.host,
        "title": title or getattr(intent.title, language).partition("{")[0].strip(),
        "service": service,
        **said.values,
    }
    return i18n.text(language, f"ask.says.{intent.answer}.{said.key}", **values)


def _table(said: Said, language: Language) -> str:
    names = [i18n.text(language, f"ask.columns.{name}") for name in said.head]
    rows = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in said.rows]
    return "\n".join([f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *(f"| {row} |" for row in rows)])


def _block(ran: Ran) -> str:
    shown = (ran.stdout.strip() or ran.stderr.strip()).replace("```", "'''")
    lines = shown.splitlines()
    if len(lines) > _LINES_SHOWN:
        lines = [*lines[: _LINES_SHOWN // 2], "…", *lines[-_LINES_SHOWN // 2 :]]
    return f"```\n$ {ran.command}\n" + "\n".join(lines)[:_OUTPUT_SHOWN] + "\n```"


def _next(suggestions: Sequence[Proposal], language: Language) -> str:
    if not suggestions:
        return ""
    return "\n\n" + i18n.text(language, "ask.next", what=" · ".join(each.title for each in suggestions[:3]))


def would_run(asked: Exchange, lines: Sequence[tuple[str, str]]) -> str:
    """Return what would run, and where."""
    language = language_of(asked.language)
    shown = "\n".join(dict.fromkeys(line for _, line in lines))
    key = f"ask.would.{(asked.effect_class or 'safe-read').replace('-', '_')}"
    return i18n.text(language, key, hosts=", ".join(host for host, _ in lines)) + f"\n\n```\n{shown}\n```"


def changed(asked: Exchange) -> str:
    """Return what became of a change on each host."""
    language = language_of(asked.language)
    told = [
        i18n.text(language, f"ask.change.{ran.outcome}", host=ran.host, line=ran.command, case=ran.case or "–")
        for ran in asked.results
    ]
    return "\n".join(told) + _next(asked.suggestions if not asked.waits else (), language)


def asking(asked: Exchange, understood: Understood, proposals: tuple[Proposal, ...], known: Mapping[str, Host]) -> Exchange:
    """Return the exchange with the question that it needs."""
    language = language_of(asked.language)
    if understood.question == "ask.which_host":
        return which_host(asked, tuple(known), understood.asked.get("given", ""))
    key = understood.question or "ask.which_of"
    question = (
        i18n.text(language, key, **{"given": "", **understood.asked}) if i18n.has(key) else i18n.text(language, "ask.which.other")
    )
    shown = "".join(f"\n{n}. {each.title}" for n, each in enumerate(proposals, 1)) if len(proposals) > 1 else ""
    return replace(asked, kind="clarify", question=question, choices=proposals, answer=question + shown)


def which_host(asked: Exchange, names: tuple[str, ...], given: str = "") -> Exchange:
    """Ask on which host."""
    language = language_of(asked.language)
    key = "ask.no_hosts" if not names else "ask.unknown_host" if given else "ask.which_host"
    question = i18n.text(language, key, given=given, hosts=", ".join(names[:10]))
    choices = tuple(Proposal(asked.intent or "", name, asked.slots, (name,)) for name in names[:3]) if asked.intent else ()
    return replace(asked, kind="clarify", question=question, answer=question, choices=choices)


def cannot(asked: Exchange, error: Permanent) -> Exchange:
    """Ask again where something named cannot stand in a line."""
    language = language_of(asked.language)
    question = i18n.text(language, "ask.unusable", why=error.what(language))
    return replace(asked, kind="clarify", question=question, answer=question)


def small_talk(language: Language, words: str) -> str:
    """Answer what is no request for the machines."""
    lowered = words.lower()
    key = "thanks" if any(word in lowered for word in ("merci", "thank", "thx", "bravo")) else "hello"
    greets = any(word in lowered for word in ("bonjour", "salut", "hello", "hi", "hey", "bonsoir", "coucou"))
    return i18n.text(language, f"ask.talk.{key if key == 'thanks' or greets else 'other'}")


def history(asked: Exchange, exchanges: Sequence[Exchange], cases: Sequence[Case], since: datetime) -> str:
    """Return what was done since an instant, newest first."""
    language = language_of(asked.language)
    lines = [_past(each) for each in exchanges] + [_past_case(case, language) for case in cases]
    if not lines:
        return i18n.text(language, "ask.history.none", since=f"{since:%Y-%m-%d %H:%M}")
    head = i18n.text(language, "ask.history.some", count=len(lines), since=f"{since:%Y-%m-%d %H:%M}")
    return "\n".join([head, "", *sorted(lines, reverse=True)])


def _past(each: Exchange) -> str:
    return f"- {each.at:%Y-%m-%d %H:%M} · {', '.join(each.targets) or '–'} · {each.text} → `{each.command or each.kind}`"


def _past_case(case: Case, language: Language) -> str:
    state = i18n.text(language, f"case.states.{case.state.value}")
    return f"- {case.opened_at:%Y-%m-%d %H:%M} · {case.host} · {case.id} · {case.title} ({state})"
