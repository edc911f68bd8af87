"""Programs whose arguments are a language of their own: each grammar turns a command into effects.

A model in `knowledge/programs/` names its grammar; `shell.py` calls it.
"""

from vigie.policy import programs
from vigie.policy.grammars import (
    administering,
    archives,
    clusters,
    fetching,
    files,
    finding,
    interpreters,
    packaging,
    processes,
    queries,
    scripting,
    wrapping,
)

for _module in (
    administering,
    archives,
    clusters,
    fetching,
    files,
    finding,
    interpreters,
    packaging,
    processes,
    queries,
    scripting,
    wrapping,
):
    programs.GRAMMARS.update(_module.GRAMMARS)
