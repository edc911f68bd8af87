"""`vigie logs sessions`: learns from ordinary sessions which others are odd, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.errors import BadUsage
from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer, Output
from vigie.interfaces.cli.reading import lines
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from vigie.signals.sessions import Judgement

_COLUMNS = ("SessionId", "anomaly_score")
_SHOWN = ("SessionId", "anomaly_score", "reasons")
_ALARM = 0.5


def sessions(
    context: typer.Context, test: Annotated[str, typer.Argument()], train: Annotated[str, typer.Option("--train")]
) -> None:
    """Score the sessions of a file; a line is one session, its event ids separated by spaces."""

    def command(session: Session) -> Answer:
        from vigie.signals.sessions import SessionModel

        ordinary = [line.split() for line in lines(train)]
        if not any(ordinary):
            raise BadUsage("cli.nothing_to_learn", file=train)
        model = SessionModel(ordinary)
        judged = [(number, model.judge(line.split())) for number, line in enumerate(lines(test), 1)]
        rows = [{"SessionId": number, "anomaly_score": round(each.score, 6)} for number, each in judged]
        odd = list(_odd(judged, session.output))
        document = {"sessions": len(rows), "odd": odd}
        shown = table(session.output, "logs", _SHOWN, odd, empty="cli.logs.no_odd_session")
        return Answer(document, shown, rows=rows, columns=_COLUMNS)

    run_plain(context, command)


def _odd(judged: "list[tuple[int, Judgement]]", output: Output) -> Iterator[dict[str, Any]]:
    from vigie.signals.sentence import of_oddity

    for number, each in judged:
        if each.score >= _ALARM:
            reasons = [of_oddity(oddity, output.language) for oddity in each.oddities]
            yield {"SessionId": number, "anomaly_score": round(each.score, 6), "reasons": reasons}
