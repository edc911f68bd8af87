"""Events of GitHub: a repository's webhook, signed (`X-Hub-Signature-256`). Deployments, releases and pushes are changes."""

from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver, alert, signed

_PREFIX = "sha256="
_SUBJECTS = ("workflow_run", "check_run", "deployment", "release")
_BAD = ("failure", "error", "timed_out", "startup_failure")


class Github(Receiver):
    """Takes events: what failed is an alert, what changed is a line, so that it stands on the same clock as what broke."""

    name = "github"

    def is_theirs(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Say whether the signature is right."""
        shown = headers.get("x-hub-signature-256", "")
        return shown.startswith(_PREFIX) and signed(body, secret, shown.removeprefix(_PREFIX))

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the event as one line."""
        if not {"repository", "organization", "sender"} & tree.keys():
            raise KeyError("sender")
        kind = headers.get("x-github-event", "event")
        repository = str((tree.get("repository") or {}).get("full_name", ""))
        subject: Mapping[str, Any] = next((tree[each] for each in (kind, *_SUBJECTS) if isinstance(tree.get(each), dict)), {})
        outcome = (tree.get("deployment_status") or {}).get("state") or subject.get("conclusion") or tree.get("action") or ""
        name = subject.get("name") or subject.get("tag_name") or subject.get("environment") or tree.get("ref") or ""
        said = f"{kind} {name} {outcome}".strip()
        labels = {"service": repository.rpartition("/")[2], "repository": repository, "commit": _commit(tree, subject)}
        at = subject.get("updated_at") or subject.get("published_at") or subject.get("created_at")
        if outcome in _BAD:
            yield alert(said, repository, firing=True, level="error", at=at, key=f"{repository} {kind} {name}", labels=labels)
        else:
            yield {**labels, "time": at, "level": "info", "message": f"{repository}: {said}", "change": kind}


def _commit(tree: Any, subject: Mapping[str, Any]) -> str:
    return str(subject.get("head_sha") or subject.get("sha") or tree.get("after") or "")[:12]
