"""Clients of clusters and clouds: the verb stands somewhere among nouns, and a command may follow that is run elsewhere."""

import re
from collections.abc import Callable

from vigie.policy import verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import Reading, judge_plainly, read_arguments
from vigie.policy.words import Word

# What kubectl can only try out: `exec` and its like ignore the option.
_TRIES = re.compile(
    r"(apply|create|delete|run|expose|set|patch|replace|label|annotate|scale|autoscale|taint|drain|cordon|uncordon)\Z"
)
_DRY = re.compile(r"--dry-run=(client|server)\Z")
_CLOUD_READS = re.compile(
    r"(list|ls|describe|show|get|info|status|version|view|search|diff|history|members|whoami|help|ps|logs|log|peers|"
    r"validate|doctor|check|list-locations|list-sizes|list-skus|get-credentials-status|health|events)\Z"
)
_CLOUD_WRITES = re.compile(
    r"(delete|remove|rm|destroy|purge|terminate|create|add|insert|set|unset|update|upgrade|patch|replace|edit|apply|start|stop|restart|reset|reboot"
    r"|power\w*|shutdown|run|exec|ssh|scp|deploy|import|export|attach|detach|enable|disable|rebuild|resize|move|rename|kill|drain|scale|rollback"
    r"|promote|revoke|grant|login|logout|merge|close|reopen|comment|push|pull|sync|put|cp|mv|copy|install|uninstall|api|alias|restore|snapshot"
    r"|failover|leave|join|force\w*|rotate|regenerate|assign|unassign|change\w*|download|upload|clone|fork|approve|abort|cancel|submit|proxy|tunnel|port-forward)(-[\w-]+)?\Z"
)
_CLOUD_SECRETS = re.compile(r".*(token|secret|password|credential|kubeconfig|private-key|access-key|keys?)s?\Z")


_RAW_PLAIN = re.compile(r"/(healthz|livez|readyz|version|metrics|apis?)([/?][\w.=&-]*)?\Z")


def _kubectl(call: Call, model: Model) -> None:
    """kubectl: what it only tries out changes nothing."""
    before = []
    for word in call.args:
        if word.shape == "--":
            break
        before.append(word.shape)
    verb = next((shape for shape in before if not shape.startswith("-")), "")
    if _TRIES.match(verb) and any(_DRY.match(shape) for shape in before):
        return
    judge_plainly(call, model, call.args)


def _kubectl_get(call: Call, model: Model) -> None:
    """Kubectl get and describe: secrets are secret."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    if reading.operands and reading.operands[0].value is None and not reading.operands[0].named:
        verbs.secret(call, (), "secret")
    if reading.has("--raw") and not all(_RAW_PLAIN.match(word.shape) for word in reading.operands):
        verbs.secret(call, (), "secret")
    kinds = [part.partition("/")[0] for word in reading.operands for part in word.shape.lower().split(",")]
    if any(re.match(r"secrets?(\.|\Z)", kind) for kind in kinds):
        verbs.secret(call, (), "secret")
    if any(word.shape == "name" for word in reading.values_of("-o", "--output")):
        call.taint |= {"names"}


def _exec_after(call: Call, model: Model) -> None:
    """Kubectl exec: a place, options on both sides of it, then after `--` a command that is run there."""
    words = list(call.args)
    place = next((index for index, word in enumerate(words) if word.shape == "--"), None)
    reading = Reading(call, model)
    reading.take(words if place is None else words[:place])
    if not reading.act():
        return
    command = reading.operands[1:] if place is None else words[place + 1 :]
    if command:
        verbs.run(call, command, "")
    else:
        verbs.opaque(call, (), "")


def _listing(call: Call, model: Model) -> None:
    """Docker ps: names or ids, unless a format of one's own may print anything."""
    reading = read_arguments(call, model)
    formats = reading.values_of("--format") if reading is not None else []
    if all(re.fullmatch(r"\{\{\s*\.\w+\s*\}\}", word.shape) for word in formats):
        call.taint |= {"names"}


def _cloud(call: Call, model: Model) -> None:
    """gcloud, az, doctl, gh…: nouns with one verb among them."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    words = [word.shape for word in reading.operands]
    if any(_CLOUD_SECRETS.match(word) for word in words):
        verbs.secret(call, (), "cloud")
    elif any(_CLOUD_READS.match(word) for word in words) and not any(_CLOUD_WRITES.match(word) for word in words):
        verbs.network(call, (), "")
        call.taint |= {"network"}
    else:
        call.danger("cloud", call.shown, "other_machine")


def _cloud_copy(call: Call, model: Model) -> None:
    """Aws s3 cp, rclone copy…: files to, from or between stores."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    operands = reading.operands
    verbs.read(call, [word for word in operands[:-1] if not _is_store(word)], "")
    if not operands or _is_store(operands[-1]):
        verbs.network(call, operands[-1:], "send")
    elif operands[-1].shape == "-":
        verbs.network(call, operands[:-1], "")
    else:
        call.danger("network-in", " ".join(word.shown for word in operands), "fetched_files")


def _is_store(word: Word) -> bool:
    return re.match(r"\w+://|[\w.-]+:", word.shape) is not None


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {
    "kubectl": _kubectl,
    "kubectl-get": _kubectl_get,
    "exec-after": _exec_after,
    "listing": _listing,
    "cloud": _cloud,
    "cloud-copy": _cloud_copy,
}
