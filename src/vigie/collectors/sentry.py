"""Issues of Sentry: the webhook of an internal integration, signed with its client secret (`Sentry-Hook-Signature`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from vigie.collectors.receiver import Receiver, alert, signed

_OVER = ("resolved", "archived", "ignored")


class Sentry(Receiver):
    """Takes issues and the events that alert rules send."""

    name = "sentry"

    def is_theirs(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Say whether the signature is right."""
        return signed(body, secret, headers.get("sentry-hook-signature", ""))

    def told(self, tree: Any, headers: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        """Return the issue or the event; what is neither says only that it came."""
        data = tree["data"]
        issue = data.get("issue") or data.get("event") or data.get("error")
        if not isinstance(issue, dict):
            yield {"message": f"sentry: {headers.get('sentry-hook-resource', 'hook')} {tree.get('action', '')}", "level": "info"}
            return
        project = issue.get("project")
        named = project.get("slug") or project.get("name") if isinstance(project, dict) else project
        yield alert(
            issue.get("title") or issue.get("message") or "issue",
            issue.get("culprit") or "",
            firing=tree.get("action") not in _OVER,
            level=issue.get("level") or "error",
            at=issue.get("lastSeen") or issue.get("datetime") or issue.get("timestamp"),
            key=issue.get("issue_id") or issue.get("id") or issue.get("title"),
            labels={"service": str(named or ""), "server_name": str(issue.get("server_name") or "")},
        )
