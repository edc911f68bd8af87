"""Scripts that were released with Vigie, known by the SHA-256 of their text and declared beside it.

`python3 - ARGS` fed with one of them is what its declaration says; fed with anything else it is opaque.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from vigie import safe_yaml
from vigie.domain.action import EffectClass
from vigie.knowledge import script_files
from vigie.policy.effects import Effect
from vigie.policy.words import Word

FOLDER = Path(__file__).parent.parent / "knowledge" / "scripts"
_PYTHON = re.compile(r"python3?(\.\d+)?\Z")
_WHY = {
    EffectClass.SAFE_READ: "known_script",
    EffectClass.REVERSIBLE: "undo_known",
    EffectClass.DANGEROUS: "may_lose",
    EffectClass.FORBIDDEN: "never",
}


def known(name: str, args: Sequence[Word], text: str | None) -> list[Effect] | None:
    """Return the declared effects when a command is a Python that is fed one of our scripts."""
    if not text or not args or args[0].shape != "-" or not _PYTHON.match(name):
        return None
    return _declared().get(hashlib.sha256(text.encode()).hexdigest())


@cache
def _declared() -> dict[str, list[Effect]]:
    return {
        hashlib.sha256(script_files.source(path)).hexdigest(): _effects(path)
        for path in FOLDER.glob("*.py")
        if path.with_suffix(".yaml").exists()
    }


def _effects(path: Path) -> list[Effect]:
    declaration = safe_yaml.parse(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    level = EffectClass(declaration["effect_class"])
    names = [str(name) for name in declaration.get("effects") or ()] or ["read"]
    return [Effect(name, path.stem, level, _WHY[level]) for name in names]
