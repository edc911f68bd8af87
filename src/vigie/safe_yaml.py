"""The YAML parser of all our files: it makes plain values only, and is the compiled one where the build has it."""

from typing import Any

import yaml

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # eight times faster; not every build has it


def parse(text: str) -> Any:
    """Return what `text` says.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
