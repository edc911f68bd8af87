"""An edited configuration sends the proxy's requests to a port where nothing listens."""

import re

from vigie.lab.scenarios.scenario import Scenario, Stack
from vigie.lab.stack import free_ports


class WrongSetting(Scenario):
    """The proxy's upstream is changed, and the proxy reloaded."""

    name = "wrong_setting"
    label = "web.proxy.upstream_port"
    title = {"en": "Wrong setting", "fr": "Mauvais réglage"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "The whole site answers 502 Bad Gateway",
        "fr": "Tout le site répond 502 Bad Gateway",
    }

    async def inject(self, stack: Stack) -> None:
        """Edit the file as by hand, and reload."""
        conf = stack.layout.proxy_conf
        wrong = free_ports(1)[0]
        text = re.sub(r"(?m)^(upstream\s+127\.0\.0\.1:)\d+$", rf"\g<1>{wrong}", conf.read_text(encoding="utf-8"))
        conf.write_text(text, encoding="utf-8")
        await stack.control("signal HUP proxy")

    async def cause(self, stack: Stack) -> str | None:
        """Read where the proxy is told to send its requests."""
        found = re.search(r"(?m)^upstream\s+(\S+)$", stack.layout.proxy_conf.read_text(encoding="utf-8"))
        if found is None or found[1] != f"127.0.0.1:{stack.web_port}":
            return f"the proxy's upstream is {found and found[1]}"
        return None
