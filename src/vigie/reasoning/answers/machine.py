"""What a machine says of itself and of its reach: its system, a ping, an HTTP answer, a reboot that waits, its mail queue."""

import re

from vigie.reasoning.answers.answer import Answer, Said

_LOSS = re.compile(r"([\d.]+)% packet loss")
_RTT = re.compile(r"= [\d.]+/([\d.]+)/")
_HTTP = re.compile(r"HTTP (\d{3}) · ([\d.,]+) s")
_REQUESTS = re.compile(r"in (\d+) Requests?")


class Os(Answer):
    """`/etc/os-release`."""

    name = "os"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say which system it is."""
        match = re.search(r"^PRETTY_NAME=[\"']?([^\"'\n]+)", text, re.MULTILINE)
        return Said("is", {"system": match[1]}) if match else None


class Ping(Answer):
    """`ping`."""

    name = "ping"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether it answers, and how fast."""
        loss, rtt = _LOSS.search(text), _RTT.search(text)
        if loss is None:
            return None
        if float(loss[1]) == 100:  # per cent
            return Said("silent")
        values = {"loss": loss[1], "ms": rtt[1] if rtt else "?"}
        return Said("lossy" if float(loss[1]) > 0 else "answers", values)


class Http(Answer):
    """Our own line of curl."""

    name = "http"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say what it answered."""
        match = _HTTP.search(text)
        if match is None or match[1] == "000":
            return Said("silent")
        values = {"code": match[1], "seconds": match[2]}
        return Said("ill" if int(match[1]) >= 500 else "refused" if int(match[1]) >= 400 else "well", values)  # HTTP


class Reboot(Answer):
    """The mark that Debian leaves, or `needs-restarting`."""

    name = "reboot"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether a reboot is needed."""
        needed = "required" in text.lower() and "not" not in text.lower().split("required")[0][-40:]
        return Said("needed" if needed else "not_needed")


class MailQueue(Answer):
    """`postqueue -p`."""

    name = "mailqueue"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say how many messages wait."""
        if "queue is empty" in text:
            return Said("empty")
        match = _REQUESTS.search(text)
        return Said("waits", {"count": match[1]}) if match else None


class Crowd(Answer):
    """`getent passwd`: who has an account."""

    name = "users"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say which accounts are people's."""
        rows = [line.split(":") for line in text.splitlines() if line.count(":") >= 6]
        people = [row[0] for row in rows if row[2].isdigit() and 1000 <= int(row[2]) < 60_000]
        return (
            Said(
                "some",
                {"count": len(rows), "people": ", ".join(people) or "–"},
                ("user", "shell"),
                [(r[0], r[6]) for r in rows if r[0] in people or r[0] == "root"],
            )
            if rows
            else None
        )


class Package(Answer):
    """`apt-cache policy`, `rpm -q`, `apk info`."""

    name = "package"

    def read(self, text: str, rc: int | None) -> Said | None:
        """Say whether it is installed, and in which version."""
        match = re.search(r"(?:Installed|Installé)\s*:\s*(\S+)", text)
        if match is not None:
            return Said("absent") if match[1].startswith("(") else Said("installed", {"version": match[1]})
        if "not installed" in text or not text.strip():
            return Said("absent")
        return Said("installed", {"version": text.strip().splitlines()[0]})
