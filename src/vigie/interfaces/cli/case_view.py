"""A case for a person at the terminal: what it was, why, what was done, and what is asked of them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vigie import i18n
from vigie.interfaces.cli.output import Output, safe
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

_ACTION_COLUMNS = ("command", "host", "class", "outcome")
_EVIDENCE_MAX = 8
_EXCERPT_LENGTH_MAX = 160


def drawn(
    output: Output, document: Mapping[str, Any], *, whole: bool = False, kept: str | None = None, answer: str | None = None
) -> "Callable[[Console], None]":
    """Return what draws a case; `whole` with its evidence and its report, else it says where they are: `kept` or the store.

    `answer` says how its plan is decided on, where no command can.
    """

    def draw(console: "Console") -> None:
        _head(console, output, document)
        if document["diagnosis"]:
            _section(console, output, "diagnosis")
            _markdown(console, document["diagnosis"])
        if whole:
            _evidence(console, output, document)
        if document["actions"]:
            _section(console, output, "actions")
            table(output, "case", _ACTION_COLUMNS, document["actions"])(console)
        if plan := document.get("plan"):
            _plan(console, output, plan, document, answer)
        if not document["report"]:
            return
        if whole:
            _section(console, output, "report")
            _markdown(console, document["report"])
        else:
            console.print()
            console.print(kept or output.text("cli.case.more", case=document["case"]))

    return draw


def plan_drawn(output: Output, document: Mapping[str, Any], *, answer: str | None = None) -> "Callable[[Console], None]":
    """Return what draws the plan that a person decides on: hash, steps, difference; `answer` says how, where no command can."""

    def draw(console: "Console") -> None:
        _plan(console, output, document["plan"], document, answer)

    return draw


def _head(console: "Console", output: Output, document: Mapping[str, Any]) -> None:
    from rich.text import Text

    state = output.text(f"cli.words.{document['state']}")
    colour = {"resolved": "green", "no_fault": "green", "failed": "red"}.get(document["state"], "yellow")
    label = document["label"] or output.text("cli.case.no_label")
    head = Text.assemble((str(document["case"]), "bold"), "  ", (state, f"bold {colour}"), "  ", safe(label))
    if document["confidence"]:
        head.append(f"  {i18n.percent(output.language, document['confidence'])}", "dim")
    if document["verified"]:
        head.append(f"  {output.text('cli.case.verified')}", "green")
    if document["rolled_back"]:
        head.append(f"  {output.text('cli.case.rolled_back')}", "yellow")
    console.print(head)
    spans = {name: value for name, value in document["seconds"].items() if value is not None}
    if spans:
        told = "  ".join(
            f"{output.text(f'cli.spans.{name}')} {i18n.decimal(output.language, f'{value:.1f}')} s"
            for name, value in spans.items()
        )
        console.print(Text(told, "dim"))


def _section(console: "Console", output: Output, name: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(output.text(f"cli.case.{name}"), "bold underline"))


def _evidence(console: "Console", output: Output, document: Mapping[str, Any]) -> None:
    from rich.text import Text

    evidence = document["evidence"][:_EVIDENCE_MAX]
    if not evidence:
        return
    _section(console, output, "evidence")
    for each in evidence:
        excerpt = " ".join(str(each["excerpt"]).split())[:_EXCERPT_LENGTH_MAX]
        console.print(Text.assemble((f"{safe(each['id'])}  ", "cyan"), (safe(each["source"]), "dim")))
        console.print(Text(f"    {safe(excerpt)}"))


def _plan(
    console: "Console", output: Output, plan: Mapping[str, Any], document: Mapping[str, Any], answer: str | None = None
) -> None:
    from rich.text import Text

    if document["state"] != "waiting":
        return
    _section(console, output, "plan")
    console.print(Text(safe(plan["explanation"])))
    for number, step in enumerate(plan["steps"], start=1):
        console.print(
            Text.assemble(f"{number}. ", (safe(step["line"]), "bold"), f"   [{output.text('cli.words.' + step['class'])}]")
        )
        for undo in step["undo"]:
            console.print(Text(f"   {output.text('cli.case.undo')} {safe(undo)}", "dim"))
    saved = ", ".join(safe(path) for path in plan["backups"]) or output.text("cli.case.nothing_saved")
    console.print(Text(f"{output.text('cli.case.saved_first')} {saved}"))
    if plan["diff"]:
        for line in safe(plan["diff"]).splitlines():
            console.print(Text(line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")))
    console.print(Text(f"{output.text('cli.case.hash')} {plan['hash']}"))
    how = output.text("cli.case.how_to_approve", case=document["case"], hash=plan["hash"]) if answer is None else answer
    console.print(Text(how))


def _markdown(console: "Console", text: str) -> None:
    from rich.markdown import Markdown

    if console.is_terminal:
        console.print(Markdown(safe(text), hyperlinks=False))
    else:
        console.print(safe(text))
