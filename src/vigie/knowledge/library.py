"""Loads the knowledge: each folder when it is first asked for, and the user's own folders over ours."""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vigie.domain.errors import BadUsage
from vigie.knowledge import script_files
from vigie.knowledge.models import Cause, Lexicon, Manager, Probe, Remedy, Script, Symptom
from vigie.knowledge.requests import Concepts, Intent, ServiceNames
from vigie.knowledge.yaml_file import read_yaml

HERE = Path(__file__).parent
Piece = TypeVar("Piece", Cause, Remedy, Probe, Manager, Lexicon, Symptom, Concepts, Intent, ServiceNames)


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script of `scripts/`: its declaration and its bytes."""

    declaration: Script
    source: bytes

    @property
    def sha256(self) -> str:
        """Return the hex digest by which the policy knows the script."""
        return hashlib.sha256(self.source).hexdigest()


class Knowledge:
    """What is known, by kind and name. Each kind is read once, when it is first needed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def check(self) -> None:
        """Read every file.

        Raises:
            BadUsage: one of them is broken; file, line, column and what was expected are named.
        """
        cases = (self.causes, self.symptoms, self.remedies, self.probes, self.managers, self.lexicons, self.scripts)
        for kind in (*cases, self.intents, self.concepts, self.services, self.hazards):
            assert isinstance(kind, Mapping)

    @functools.cached_property
    def causes(self) -> Mapping[str, Cause]:
        """Return the failure modes."""
        return _read(self.folders, "causes", Cause)

    @functools.cached_property
    def symptoms(self) -> Mapping[str, Symptom]:
        """Return what somebody outside would notice."""
        return _read(self.folders, "symptoms", Symptom)

    @functools.cached_property
    def remedies(self) -> Mapping[str, Remedy]:
        """Return the ways to mend them."""
        return _read(self.folders, "remedies", Remedy)

    @functools.cached_property
    def probes(self) -> Mapping[str, Probe]:
        """Return the safe reads."""
        return _read(self.folders, "probes", Probe)

    @functools.cached_property
    def managers(self) -> Mapping[str, Manager]:
        """Return the service managers, the one to prefer first."""
        found = _read(self.folders, "managers", Manager)
        return dict(sorted(found.items(), key=lambda item: item[1].rank))

    @functools.cached_property
    def lexicons(self) -> Mapping[str, Lexicon]:
        """Return the words of complaints."""
        return _read(self.folders, "lexicons", Lexicon)

    @functools.cached_property
    def intents(self) -> Mapping[str, Intent]:
        """Return what people ask for."""
        return _read(self.folders, "intents", Intent)

    @functools.cached_property
    def concepts(self) -> Mapping[str, Concepts]:
        """Return the words of requests."""
        return _read(self.folders, "concepts", Concepts)

    @functools.cached_property
    def hazards(self) -> Mapping[str, Concepts]:
        """Return the words of what must be refused."""
        return _read(self.folders, "hazards", Concepts)

    @functools.cached_property
    def services(self) -> Mapping[str, ServiceNames]:
        """Return the services by the names that people give them."""
        return _read(self.folders, "services", ServiceNames)

    @functools.cached_property
    def scripts(self) -> Mapping[str, ScriptFile]:
        """Return the scripts with their declarations.

        Raises:
            BadUsage: `knowledge.script_missing`, a declaration stands alone.
        """
        found: dict[str, ScriptFile] = {}
        for folder in self.folders:
            for path in sorted((folder / "scripts").glob("*.yaml")):
                declaration = read_yaml(path, Script)
                try:
                    source = script_files.source(path.with_suffix(".py"))
                except OSError as error:
                    raise BadUsage("knowledge.script_missing", file=str(path), script=path.stem + ".py") from error
                found[declaration.name] = ScriptFile(declaration, source)
        return found


def load(extra: Sequence[Path] = ()) -> Knowledge:
    """Return the released knowledge, with what the folders of `extra` add to it or put in its place by name.

    Raises:
        BadUsage: a folder is not there, or a file in it is broken. They are read here, not in the middle of a case.
    """
    return _load(tuple(extra))


@functools.cache
def _load(extra: tuple[Path, ...]) -> Knowledge:
    for folder in extra:
        if not folder.is_dir():
            raise BadUsage("knowledge.no_folder", folder=str(folder))
    if extra:
        Knowledge(extra).check()
    return Knowledge((HERE, *extra))


def _read(folders: Sequence[Path], kind: str, model: type[Piece]) -> dict[str, Piece]:
    known: dict[str, Piece] = {}
    for folder in folders:
        here: dict[str, Piece] = {}
        for path in sorted((folder / kind).glob("*.yaml")):
            piece = read_yaml(path, model)
            if piece.name in here:
                raise BadUsage("knowledge.twice", file=str(path), name=piece.name, kind=kind)
            here[piece.name] = piece
        known.update(here)
    return known
