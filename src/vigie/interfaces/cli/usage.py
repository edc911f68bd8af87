"""The parser's own help and errors, in the reader's language; the only file that looks inside typer."""

from collections.abc import Iterator, Sequence
from typing import Any

import typer
from typer._click import exceptions as parsing
from typer.core import TyperArgument, TyperGroup, TyperOption

from vigie import i18n
from vigie.domain.errors import BadUsage
from vigie.i18n import Language

UsageError = parsing.UsageError
_INDENT = "  "


def bad_usage(error: parsing.UsageError, language: Language, path: str = "vigie", asked: str = "") -> BadUsage:
    """Translate what the parser refused; `path` is the command as far as it was named, `asked` the first word that named none."""
    path = error.ctx.command_path if error.ctx else path
    match error:
        case parsing.NoSuchOption():
            near = ", ".join(error.possibilities or ())
            if near:
                return BadUsage("cli.unknown_option_near", option=error.option_name, near=near, command=path)
            return BadUsage("cli.unknown_option", option=error.option_name, command=path)
        case parsing.MissingParameter():
            return BadUsage("cli.missing", name=_name(error), command=path)
        case parsing.BadParameter():
            return BadUsage("cli.bad_value", name=_name(error), reason=_reason(error, language), command=path)
        case parsing.BadOptionUsage():
            return BadUsage("cli.needs_value", option=error.option_name, command=path)
        case _:
            return _other(error, path, asked)


def _other(error: parsing.UsageError, path: str, asked: str) -> BadUsage:
    group = error.ctx.command if error.ctx else None
    if isinstance(group, TyperGroup):
        commands = ", ".join(sorted(group.commands))
        if not asked or asked in group.commands:
            return BadUsage("cli.missing_command", commands=commands, command=path)
        return BadUsage("cli.unknown_command", given=asked, commands=commands, command=path)
    extra = error.message.rpartition(" (")[2].rstrip(")")
    return BadUsage("cli.too_many", extra=extra, command=path)


def _name(error: parsing.BadParameter) -> str:
    if isinstance(error.param, TyperOption):
        return max(error.param.opts, key=len)
    if error.param is not None:
        return str(error.param.name).upper()
    return str(error.param_hint or "")


def _reason(error: parsing.BadParameter, language: Language) -> str:
    """Say what the parameter takes."""
    descriptor = getattr(error.param, "type_descriptor", None)
    if choices := getattr(descriptor, "choices", None):
        return " | ".join(str(getattr(choice, "value", choice)) for choice in choices)
    number = {int: "whole", float: "number"}.get(getattr(descriptor, "annotation", None) or str)
    if number is None:
        return i18n.text(language, "cli.expected.other", problem=error.message)
    kind = _text(language, f"cli.expected.{number}")
    least, most = getattr(error.param, "min", None), getattr(error.param, "max", None)
    if least is None or most is None:
        return kind
    return i18n.text(language, "cli.expected.between", kind=kind, least=least, most=most)


def help_document(command: Any, path: str, language: Language) -> dict[str, Any]:
    """Return a command's help as data."""
    key = _key(path)
    document: dict[str, Any] = {"usage": _usage(command, path), "help": _text(language, _help_key(command, path))}
    arguments = [_told(param, key, language) for param in command.params if isinstance(param, TyperArgument)]
    options = [_told(param, key, language) for param in command.params if isinstance(param, TyperOption) and not param.hidden]
    if arguments:
        document["arguments"] = arguments
    document["options"] = [*options, *_common(language)]
    if isinstance(command, TyperGroup):
        document["commands"] = [
            {"name": name, "help": _text(language, _help_key(child, f"{path} {name}"))}
            for name, child in command.commands.items()
        ]
    return document


def help_text(command: Any, path: str, language: Language) -> str:
    """Return a command's help for a person."""
    document = help_document(command, path, language)
    lines = [f"{_text(language, 'cli.usage')} {document['usage']}", "", document["help"]]
    for part in ("commands", "arguments", "options"):
        if rows := document.get(part):
            lines += ["", f"{_text(language, f'cli.panels.{part}')}"]
            width = max(len(row["name"]) for row in rows)
            lines += [f"{_INDENT}{row['name']:<{width}}  {row['help']}".rstrip() for row in rows]
    return "\n".join(lines)


def commands(command: Any, path: str = "vigie") -> Iterator[tuple[str, Any]]:
    """Yield every command with the words that call it."""
    yield path, command
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")


def command_of(root: Any, words: list[str]) -> tuple[str, Any]:
    """Return the deepest command that the words name, and its path."""
    path, command = "vigie", root
    for word in words:
        if isinstance(command, TyperGroup) and word in command.commands:
            path, command = f"{path} {word}", command.commands[word]
    return path, command


def refuse_twice(root: Any, words: Sequence[str]) -> None:
    """See that no option that takes one value is given two: the parser would drop the first without a word.

    Raises:
        BadUsage: one is.
    """
    path, command = command_of(root, [word for word in words if not word.startswith("-")])
    options = {name: param for param in command.params if isinstance(param, TyperOption) for name in param.opts}
    seen: set[str] = set()
    rest = list(words)
    while rest and (word := rest.pop(0)) != "--":
        name, has_value, _ = word.partition("=")
        option = options.get(name)
        if option is None or option.is_flag:
            continue
        if not has_value and rest:
            rest.pop(0)
        if str(option.name) in seen and not option.multiple:
            raise BadUsage("cli.twice", option=name, command=path)
        seen.add(str(option.name))


def option_keys(command: Any, path: str) -> list[str]:
    """Return the catalogue keys that a command's help needs."""
    key = _key(path)
    own = [f"cli.options.{key}.{param.name}" for param in command.params if isinstance(param, TyperArgument | TyperOption)]
    return [_help_key(command, path), *own]


def _help_key(command: Any, path: str) -> str:
    words = ["cli.help", *path.split()[1:], *(["self"] if isinstance(command, TyperGroup) else [])]
    return ".".join(words)


def _key(path: str) -> str:
    return ".".join(path.split()[1:])


def _told(param: Any, key: str, language: Language) -> dict[str, str]:
    if isinstance(param, TyperArgument):
        name = str(param.name).upper()
    else:
        value = "" if param.is_flag else f" {(param.metavar or param.name).upper()}"
        name = f"{', '.join((*param.opts, *param.secondary_opts))}{value}"
    return {"name": name, "help": _text(language, f"cli.options.{key}.{param.name}")}


def _common(language: Language) -> list[dict[str, str]]:
    names = {"json": "--json", "csv": "--csv", "lang": "--lang fr|en", "help": "-h, --help"}
    return [{"name": name, "help": _text(language, f"cli.common.{key}")} for key, name in names.items()]


def _usage(command: Any, path: str) -> str:
    pieces = [path]
    if isinstance(command, TyperGroup):
        return f"{path} COMMAND …"
    for param in command.params:
        if isinstance(param, TyperArgument):
            name = str(param.name).upper() + ("…" if param.nargs != 1 else "")
            pieces.append(name if param.required else f"[{name}]")
    if any(isinstance(param, TyperOption) for param in command.params):
        pieces.append("[OPTIONS]")
    return " ".join(pieces)


def _text(language: Language, key: str) -> str:
    return i18n.text(language, key)


def build(app: typer.Typer) -> Any:
    """Return the parser of a typer application."""
    return typer.main.get_command(app)
