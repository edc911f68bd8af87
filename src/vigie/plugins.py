"""Discovery: a plug-in is one module of a package that defines a concrete subclass of the package's contract.

Nothing is listed anywhere: adding the file adds the plug-in. Importing a plug-in module must only define things.
"""

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def discover(package: ModuleType, contract: type[T]) -> dict[str, type[T]]:
    """Return the concrete subclasses of `contract` defined in the modules of `package`, by their `name`.

    Raises:
        ValueError: two plug-ins of the package carry the same name.
    """
    found: dict[str, type[T]] = {}
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{module_info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__ or not issubclass(kind, contract) or inspect.isabstract(kind):
                continue
            name = str(getattr(kind, "name", kind.__name__))
            if name in found:
                raise ValueError(f"two plug-ins of {package.__name__} are called {name!r}")
            found[name] = kind
    return found
