"""Copies of what an intervention touches, proved before it starts, and the way back from them.

An artefact of a backup is one line of JSON (what the path was) and then its bytes.
"""

import asyncio
import gzip
import io
import json
import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from vigie.domain.action import Backup, Completed, Plan, Step
from vigie.domain.errors import Permanent, Transient
from vigie.policy import audit
from vigie.policy.crash import crash_point
from vigie.policy.redaction import redact
from vigie.policy.scene import Scene
from vigie.tools import files
from vigie.tools.files import Kind, Stat

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

TAKEN = "backup.taken"
_READING = "backup.reading"
_READ_S = 120.0
_STAT_S = 20.0
_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class Saved:
    """One path as it was. `to` is where a link pointed; a folder's `content` is an archive.

    The `content` of a file that is too large to be sent as it is, as a log that has filled a disk, is packed; `packed_bytes` is
    then how much it was.
    """

    path: str
    kind: Kind
    mode: int = 0
    uid: int = 0
    gid: int = 0
    to: str = ""
    content: bytes = field(default=b"", repr=False)
    packed_bytes: int = 0

    def encoded(self) -> bytes:
        """Return it as an artefact."""
        head = {name: value for name, value in asdict(self).items() if name != "content" and (value or name != "packed_bytes")}
        return json.dumps(head, sort_keys=True).encode() + b"\n" + self.content

    @classmethod
    def decoded(cls, artefact: bytes) -> "Saved":
        """Read an artefact.

        Raises:
            ValueError: it is none of a backup.
        """
        head, _, content = artefact.partition(b"\n")
        try:
            return cls(**json.loads(head), content=content)
        except TypeError as error:
            raise ValueError("no artefact of a backup") from error

    def restoring(self) -> Step:
        """Return the step that puts it back; its `stdin` is left to who knows the artefact."""
        stat = Stat(self.kind, self.mode, self.uid, self.gid, self.packed_bytes or len(self.content))
        match self.kind:
            case "file":
                line = files.put_line(self.path, stat, packed=bool(self.packed_bytes))
            case "link":
                line = files.put_link_line(self.path, self.to)
            case "folder":
                line = files.put_folder_line(self.path)
            case "absent":
                line = files.remove_line(self.path)
            case "other":
                raise Permanent("backup.special", path=self.path)
        return Step(line, witness=files.stat_line(self.path), goal="true", timeout_s=_READ_S)


async def back_up(scene: Scene, plan: Plan) -> Backup:
    """Save every path of a plan and prove it; the same plan of the same case is saved once.

    Raises:
        Permanent: a path could not be saved so that it can be put back.
        Transient: the host was lost.
    """
    taken = await proved(scene.memory, scene.case, plan)
    if taken is not None:
        return taken
    crash_point("before_backup")
    await scene.tell(_READING, {"paths": list(plan.backups), "plan_hash": plan.hash})
    items: list[tuple[str, str]] = []
    for path in plan.backups:
        items += await _save(scene, path)
    number = len(await scene.memory.backups.list(case=scene.case)) + 1
    at = await scene.tell("backup.read_back", {"paths": [path for path, _ in items], "plan_hash": plan.hash})
    backup = Backup(f"{scene.case}-B{number}", scene.case, scene.host.name, at.at, tuple(items))
    await scene.memory.backups.save(backup)
    await scene.tell(
        TAKEN,
        {
            "backup": backup.id,
            "plan_hash": plan.hash,
            "paths": [path for path, _ in items],
            "artefacts": [artefact for _, artefact in items],
            "count": len(items),
        },
        ref=backup.id,
    )
    crash_point("after_backup")
    return backup


async def proved(memory: "TenantMemory", case: str, plan: Plan) -> Backup | None:
    """Return the backup taken for this very plan, its bytes read again; None when none was taken.

    Raises:
        Permanent: it was taken, and can no longer be trusted.
    """
    rows = [row for row in await audit.rows_of(memory, case, TAKEN) if row.body["plan_hash"] == plan.hash]
    if not rows:
        return None
    backup = await memory.backups.get(str(rows[-1].body["backup"]))
    await contents(memory, backup)
    if not set(plan.backups) <= {path for path, _ in backup.items}:
        raise Permanent("backup.not_proved", path=backup.id)
    return backup


async def contents(memory: "TenantMemory", backup: Backup) -> list[tuple[Saved, str]]:
    """Return what a backup holds, each with its artefact's id.

    Raises:
        Permanent: something of it is lost or altered.
    """
    found = []
    for path, artefact in backup.items:
        try:
            saved = Saved.decoded(await memory.artefacts.get(artefact))
        except (Permanent, ValueError) as error:
            raise Permanent("backup.not_proved", path=path) from error
        if saved.path != path:
            raise Permanent("backup.not_proved", path=path)
        found.append((saved, artefact))
    return found


async def now(scene: Scene, path: str) -> Saved:
    """Read what a path is now, whole. Secrets are read too: they go nowhere but into the encrypted artefact.

    Raises:
        Permanent: it cannot be read whole.
        Transient: the host was lost.
    """
    if not path.startswith("/") or "\x00" in path:
        raise Permanent("backup.no_path", path=path)
    answer = await _run(scene, files.stat_line(path), _STAT_S)
    stat = files.parse_stat(answer.rc, answer.stdout, answer.stderr)
    if stat is None:
        raise Permanent("backup.unreadable", path=path, seen=_said(answer))
    limit = scene.limits.backup_bytes
    if stat.kind == "other":
        raise Permanent("backup.special", path=path)
    if stat.kind == "absent":
        return Saved(path, "absent")
    if stat.size_bytes > limit and stat.kind == "file":
        return await _packed(scene, path, stat)
    lines = {"file": files.read_line, "link": files.link_line, "folder": files.folder_line}
    answer = await _run(scene, lines[stat.kind](path), _READ_S)
    if answer.truncated:
        raise Permanent("backup.too_large", path=path, bytes=f"> {limit}", limit=limit)
    if answer.rc != 0 or (stat.kind == "file" and len(answer.stdout) != stat.size_bytes):
        raise Permanent("backup.unreadable", path=path, seen=_said(answer))
    if stat.kind == "link":
        target = answer.stdout.removesuffix(b"\n").decode("utf-8", "surrogateescape")
        return Saved(path, "link", to=target)
    return Saved(path, stat.kind, stat.mode, stat.uid, stat.gid, content=answer.stdout)


async def _packed(scene: Scene, path: str, stat: Stat) -> Saved:
    answer = await _run(scene, files.read_packed_line(path), _READ_S)
    limit = scene.limits.backup_bytes
    if answer.truncated:
        raise Permanent("backup.too_large", path=path, bytes=stat.size_bytes, limit=limit)
    if answer.rc != 0 or await asyncio.to_thread(_unpacked_bytes, answer.stdout) != stat.size_bytes:
        raise Permanent("backup.unreadable", path=path, seen=_said(answer))
    return Saved(path, "file", stat.mode, stat.uid, stat.gid, content=answer.stdout, packed_bytes=stat.size_bytes)


def _unpacked_bytes(packed: bytes) -> int:
    """Return how many bytes were packed; -1 where they cannot be had back."""
    count = 0
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            while part := file.read(_PART):
                count += len(part)
    except (OSError, EOFError, zlib.error):
        return -1
    return count


def _goes_on(saved: Saved, now: Saved) -> bool:
    """Say whether a file is as it was saved but for what was written to its end meanwhile: a log that somebody writes."""
    if saved.kind != "file" or saved.packed_bytes or now.packed_bytes:
        return False
    return replace(saved, content=b"") == replace(now, content=b"") and now.content.startswith(saved.content)


async def _save(scene: Scene, path: str) -> list[tuple[str, str]]:
    """Save a path, and what it points to when it is a link to a file; prove each."""
    saved, artefact = await _save_one(scene, path)
    items = [(path, artefact)]
    if saved.kind == "link":
        answer = await _run(scene, files.resolve_line(path), _STAT_S)
        target = answer.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")
        if answer.rc == 0 and target.startswith("/") and target != path:
            behind = await now(scene, target)
            if behind.kind == "file":
                items.append((target, (await _save_one(scene, target))[1]))
    return items


async def _save_one(scene: Scene, path: str) -> tuple[Saved, str]:
    for _ in range(2):
        saved = await now(scene, path)
        artefact = await scene.memory.artefacts.put(saved.encoded())
        kept = Saved.decoded(await scene.memory.artefacts.get(artefact))
        if kept != saved:
            raise Permanent("backup.not_proved", path=path)
        again = await now(scene, path)
        if again == saved or _goes_on(saved, again):
            return saved, artefact
    raise Permanent("backup.moving", path=path)


async def _run(scene: Scene, line: str, timeout_s: float) -> Completed:
    answer = await scene.transport.run(line, timeout_s=timeout_s, cap_bytes=scene.limits.backup_bytes)
    if answer.rc is None or answer.killed:
        raise Transient("host.no_answer", host=scene.host.name, line=redact(line))
    return answer


def _said(answer: Completed) -> str:
    return audit.excerpt(answer.stderr).strip()[:300] or f"rc {answer.rc}"
