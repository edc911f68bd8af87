"""The text of one configuration file, read as our script on the host reads it."""

from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.settings import settings


class Settings(Parser):
    """Reads settings of any of the usual forms."""

    name = "settings"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `file.setting`; a secret's value is a mark."""
        path = output.slots.get("path", "")
        for setting in settings(output.text, path):
            value: Value = {"key": setting.key, "value": setting.value, "section": setting.section, "line": setting.line}
            yield Seen(f"file:{path}", "file.setting", value, f"line {setting.line}: {setting.key} = {setting.value}")
